import { planOf } from '../internal/plan.js'
import { writePlan } from './internal/writePlan.js'

/**
 * Writes a tree to a file, as {@link save} makes it, so that nothing can be lost: it is written under another name beside its place,
 * synced, renamed, and the folder synced. Whatever happens meanwhile, there is the old file or the new one, whole; a failed write leaves
 * the old one and nothing else.
 *
 * Arrays go to the disk from where they are: besides the tree it takes a few megabytes. The thread is held for about a millisecond at a time, so
 * that training may go on, and at the beginning and the end for about two more for each thousand leaves. **Arrays must not change before the promise is kept**, as
 * those in `run.params` of a `transient` do: numbers would be those of one step and arrays those of another, and nothing would tell. Give `run.snapshot()`.
 *
 * @example
 * import { mkdtempSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 *
 * const path = join(mkdtempSync(join(tmpdir(), 'run-')), 'run.safetensors')
 * await saveFile(path, { epoch: 1, params: { w: Float32Array.of(1) } })
 * await loadFile(path) // => { _tag: 'Right', right: { epoch: 1, params: { w: Float32Array [1] } } }
 *
 * @throws InvalidTree as {@link save} does and for an array whose memory is transferred meanwhile, and what the file system throws: the promise is rejected.
 */
export const saveFile = async (path: string, tree: unknown): Promise<void> => writePlan(path, planOf('saveFile', tree))
