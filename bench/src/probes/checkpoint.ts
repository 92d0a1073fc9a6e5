/** Saving and loading 400 MB, beside Node alone on the same bytes and Python's safetensors on the same tensors. */
import { mkdtempSync, rmSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { loadFile, saveFile } from '@gradchain/checkpoint/node'
import { median } from '../statistics.js'
import { pythonSteps, type Step } from './pythonSteps.js'

const [ARRAYS, LENGTH, ROUNDS] = [8, 12_500_000, 7]
/** Milliseconds between two ticks of the clock that says how late it is. */
const RESOLUTION = 1

/** Milliseconds of saving and of loading, medians; `null` where Python, or what it needs, is missing. */
export interface CheckpointTimes {
  readonly save: Readonly<Record<'node' | 'gradchain' | 'python', number | null>>
  readonly load: Readonly<Record<'node' | 'gradchain' | 'python', number | null>>
  /** How many milliseconds late others had their turn, during saves and while as much time passed with nothing to do: medians over rounds. */
  readonly late: Readonly<Record<'saving' | 'idle', { readonly most: number; readonly of99in100: number }>>
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
    const late = await lateness(() => saveFile(at('run.safetensors'), arrays))
    return { save: await inTurn(ways.save), load: await inTurn(ways.load), late }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** How late others have their turn while something goes on, and while nothing does, by turns. */
const lateness = async (act: () => Promise<void>): Promise<CheckpointTimes['late']> => {
  const seen = { saving: [] as Late[], idle: [] as Late[] }
  for (let round = 0; round < ROUNDS; round++) {
    const since = performance.now()
    seen.saving.push(await latenessOf(act))
    const took = performance.now() - since
    seen.idle.push(await latenessOf(() => setTimeout(took)))
  }
  const medians = (those: readonly Late[]): Late => ({
    most: median(those.map(({ most }) => most)),
    of99in100: median(those.map(({ of99in100 }) => of99in100))
  })
  return { saving: medians(seen.saving), idle: medians(seen.idle) }
}

type Late = CheckpointTimes['late']['saving']

const latenessOf = async (act: () => Promise<unknown>): Promise<Late> => {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION })
  delays.enable()
  await act()
  delays.disable()
  // What is measured is the time between two turns of a clock that ticks every so many milliseconds, in nanoseconds.
  const late = (between: number): number => between / 1e6 - RESOLUTION
  return { most: late(delays.max), of99in100: late(delays.percentile(99)) }
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
