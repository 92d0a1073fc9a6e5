import { type Plan, planOf } from '../internal/plan.js'
import { writeTo } from '../internal/writeTo.js'
import { placeOf } from './internal/opfs.js'

/**
 * Writes a tree to a file of the page's own, in the origin private file system: `runs/a.safetensors`, whose folders are made. Until all of it is
 * written the old file stands, whatever happens to the page meanwhile; where there was none, a save that fails leaves none. Arrays go there piece by piece, and must not change before the
 * promise is kept: of a `transient` give the `snapshot()`.
 *
 * @example
 * const onEpoch = (epoch: number, params: { w: Float32Array }) => saveOpfs('runs/a.safetensors', { epoch, params })
 *
 * @throws InvalidTree as {@link save} does, InvalidOption for a path that is none, and what the file system throws: the promise is rejected.
 */
export const saveOpfs = async (path: string, tree: unknown): Promise<void> => {
  const plan = planOf('saveOpfs', tree)
  const [folder, name] = await placeOf('saveOpfs', path, { create: true })
  const isNew = !(await isThere(folder, name))
  const file = await folder.getFileHandle(name, { create: true })
  try {
    await writeFile(file, plan)
  } catch (error) {
    // Until something is written to it, a file that was made is empty.
    if (isNew && (await file.getFile()).size === 0) await folder.removeEntry(name)
    throw error
  }
}

const writeFile = async (file: FileSystemFileHandle, plan: Plan): Promise<void> => {
  // What is written becomes the file when it is closed.
  const stream = await file.createWritable()
  try {
    await writeTo((bytes, position) => stream.write({ type: 'write', position, data: ownBytes(bytes) }), plan)
  } catch (error) {
    await stream.abort(error)
    throw error
  }
  await stream.close()
}

const isThere = async (folder: FileSystemDirectoryHandle, name: string): Promise<boolean> => {
  try {
    await folder.getFileHandle(name)
    return true
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return false
    throw error
  }
}

/** Bytes in memory that is not shared, as streams want them. */
const ownBytes = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => (isOwn(bytes) ? bytes : Uint8Array.from(bytes))

const isOwn = (bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> => bytes.buffer instanceof ArrayBuffer
