/** Saving and loading 400 MB, beside Node alone on the same bytes and Python's safetensors on the same tensors. */
import { mkdtempSync, rmSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadFile, saveFile } from '@gradchain/checkpoint/node'
import { median } from '../statistics.js'
import { pythonSteps, type Step } from './pythonSteps.js'

const [ARRAYS, LENGTH, ROUNDS] = [8, 12_500_000, 7]

/** Milliseconds of saving and of loading, medians; `null` where Python, or what it needs, is missing. */
export interface CheckpointTimes {
  readonly save: Readonly<Record<'node' | 'gradchain' | 'python', number | null>>
  readonly load: Readonly<Record<'node' | 'gradchain' | 'python', number | null>>
  /** For how many milliseconds at a time a save held the thread at the most, in the median of some saves. */
  readonly held: number
}

const timed =
  (act: () => Promise<unknown>): Step =>
  async () => {
    const since = performance.now()
    await act()
    return performance.now() - since
  }

/** Writes arrays one after the other, syncs and renames: what any file that must not be lost costs. */
const writePlainly = async (path: string, arrays: readonly Uint8Array[]): Promise<void> => {
  const handle = await open(`${path}.tmp`, 'w')
  for (const bytes of arrays) await handle.write(bytes)
  await handle.sync()
  await handle.close()
  await rename(`${path}.tmp`, path)
}

/** Reads a file into fresh arrays of the same lengths. */
const readPlainly = async (path: string): Promise<readonly Uint8Array[]> => {
  const handle = await open(path, 'r')
  const arrays = Array.from({ length: ARRAYS }, () => new Uint8Array(4 * LENGTH))
  for (const bytes of arrays) await handle.read(bytes, 0, bytes.length)
  await handle.close()
  return arrays
}

export const checkpointTimes = async (): Promise<CheckpointTimes> => {
  const folder = mkdtempSync(join(tmpdir(), 'gradchain-bench-'))
  const at = (name: string): string => join(folder, name)
  try {
    const arrays = Array.from({ length: ARRAYS }, (_, k) =>
      Float32Array.from({ length: LENGTH }, (_, i) => Math.sin(i + k))
    )
    const bytes = arrays.map(({ buffer }) => new Uint8Array(buffer))
    const python = (what: string) => pythonSteps('checkpoint.py', [what, at('python.safetensors'), ARRAYS, LENGTH])
    const ways = {
      save: {
        node: timed(() => writePlainly(at('node.bin'), bytes)),
        gradchain: timed(() => saveFile(at('run.safetensors'), arrays)),
        python: await python('save')
      },
      load: {
        node: timed(() => readPlainly(at('node.bin'))),
        gradchain: timed(() => loadFile(at('run.safetensors'))),
        python: await python('load')
      }
    }
    const held = []
    for (let round = 0; round < ROUNDS; round++) {
      held.push(await longestHold(() => saveFile(at('run.safetensors'), arrays)))
    }
    return { save: await inTurn(ways.save), load: await inTurn(ways.load), held: median(held) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The longest time between two turns of others while something goes on. */
const longestHold = async (act: () => Promise<void>): Promise<number> => {
  let longest = 0
  let last = performance.now()
  let isOver = false
  const turn = (): void => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  await act()
  isOver = true
  return longest
}

/** The medians of ways that take turns. */
const inTurn = async <K extends string>(ways: Readonly<Record<K, Step | null>>): Promise<Record<K, number | null>> => {
  const names = Object.keys(ways) as K[]
  const times = new Map(names.map((name) => [name, [] as number[]]))
  for (let round = 0; round <= ROUNDS; round++) {
    for (const name of names) {
      const took = await ways[name]?.()
      // The first round warms up.
      if (round > 0 && took !== undefined) times.get(name)?.push(took)
    }
  }
  const found = names.map((name) => [name, ways[name] === null ? null : median(times.get(name) ?? [])] as const)
  return Object.fromEntries(found) as Record<K, number | null>
}
