import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  check,
  InvalidOption,
  nonNegativeInteger,
  oneOf,
  positiveInteger,
  required,
  type Same,
  show,
  withDefaults
} from '@gradchain/core'
import { type Either, left, right } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../error.js'
import { attempt, attemptAsync } from '../internal/attempt.js'
import { conformed } from '../internal/conform.js'
import { planOf } from '../internal/plan.js'
import { readSource } from '../internal/readSource.js'
import type { SavedTree } from '../own/savedTree.js'
import { withFile } from './internal/fileSource.js'
import { isLeftOver, writePlan } from './internal/writePlan.js'

/** What is known of a run at a step, such as `{ loss: 0.25 }`. */
export type Metrics = Readonly<Record<string, number>>

/** Which checkpoints are kept for being the best; see {@link checkpointManager}. */
export interface KeepBestOptions {
  /** The name of the metric. */
  readonly of: string
  /** How many of the best are kept, a whole number ≥ 1. @defaultValue `1` */
  readonly keep?: number | undefined
  /** Whether less is better, or more. @defaultValue `'min'` */
  readonly mode?: 'min' | 'max' | undefined
}

/** Options of {@link checkpointManager}. */
export interface CheckpointManagerOptions {
  /** How many of the newest are kept, a whole number ≥ 1. @defaultValue `3` */
  readonly keep?: number | undefined
  /** Which steps are saved: the multiples of this whole number ≥ 1. @defaultValue `1` */
  readonly every?: number | undefined
  /** Which are kept besides, by a metric. @defaultValue none */
  readonly best?: KeepBestOptions | undefined
}

/** A checkpoint that was not whole. */
export interface Damaged {
  /** The file. */
  readonly path: string
  /** What is wrong with it. */
  readonly error: CheckpointError
}

/** Where a run goes on. */
export interface Resumed<T> {
  /** The step that was saved. */
  readonly step: number
  /** What was known of it. */
  readonly metrics: Metrics
  /** What was saved. */
  readonly tree: T
  /** The checkpoints of later steps, which were not whole. */
  readonly damaged: readonly Damaged[]
}

/** Keeps the checkpoints of a run in a folder; see {@link checkpointManager}. */
export interface CheckpointManager {
  /**
   * Saves a tree, if it is the turn of this step: the promise tells whether it was, once the file is on the disk and those that are not to be kept are gone. Saves that are
   * asked for meanwhile wait for their turn. The promise is rejected with what the file system throws.
   */
  readonly save: (step: number, tree: unknown, metrics?: Metrics) => Promise<boolean>
  /**
   * The newest checkpoint that is whole, and which later ones were not; `null` in an empty folder. A checkpoint that is whole and does not fit `like` is an
   * error, and so it is when none is whole.
   */
  readonly resume: {
    (): Promise<Either<CheckpointError, Resumed<SavedTree> | null>>
    <T>(like: T): Promise<Either<CheckpointError, Resumed<Same<T>> | null>>
  }
  /** The steps whose checkpoints are there, in ascending order. */
  readonly steps: () => Promise<readonly number[]>
}

/**
 * Keeps the checkpoints of a run in a folder: the newest ones, every so many steps, and the best ones besides. Each is a file of {@link saveFile}, so that a process
 * that is killed at any instant, or several that write to one folder, leave only whole ones, `step-000000000100.safetensors`; what is left of a write that
 * was cut short is cleared away by the next process.
 *
 * Two processes may share a folder: no save of one harms those of the other. Each rotates all checkpoints that are there, of whomever, so that the newest and
 * the best of both together are kept; of two saves of one step the later stands. What the other takes away while this one resumes counts as not there.
 *
 * `save` need not be waited for: it holds the thread for about a millisecond at a time while training goes on. Give it what does not change: params and states of `step`
 * as they are, the `snapshot()` of a `transient`. Steps go up; checkpoints of later steps than the one that is saved are left alone.
 *
 * @example
 * import { mkdtempSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 *
 * const folder = mkdtempSync(join(tmpdir(), 'run-'))
 * const checkpoints = checkpointManager(folder, { keep: 2, every: 10, best: { of: 'loss' } })
 * for (let step = 0; step <= 50; step++) await checkpoints.save(step, { w: step }, { loss: Math.abs(step - 20) })
 * await checkpoints.steps() // => [20, 40, 50]
 * await checkpoints.resume({ w: 0 })
 * // => { _tag: 'Right', right: { step: 50, metrics: { loss: 30 }, tree: { w: 50 }, damaged: [] } }
 *
 * @throws InvalidOption for options out of range.
 */
export const checkpointManager = (folder: string, options: CheckpointManagerOptions = {}): CheckpointManager => {
  const { keep, every, best } = withDefaults<Required<CheckpointManagerOptions>>('checkpointManager', options, {
    keep: 3,
    every: 1,
    best: undefined
  })
  check('checkpointManager', { keep, every }, positiveInteger)
  const isBest = best === undefined ? undefined : bestOf(best)
  const metricsAt = new Map<number, { readonly file: string; readonly metrics: Metrics }>()

  let ready: Promise<unknown> | undefined
  const prepared = (): Promise<unknown> => {
    ready ??= prepare(folder).catch((error: unknown) => {
      // What is in the way now may be gone the next time.
      ready = undefined
      throw error
    })
    return ready
  }

  /** The metrics of a checkpoint, none of one that is damaged; `undefined` where it cannot be read, as it may be the best. */
  const metricsOf = async (step: number): Promise<Metrics | undefined> => {
    const path = join(folder, nameOf(step))
    // Another process may have saved the same step since.
    const file = await identityOf(path)
    const known = metricsAt.get(step)
    if (known !== undefined && known.file === file) return known.metrics
    const read = await readSaved(path, (part) => !part.startsWith('tree.tree'))
    if (read._tag === 'Left' && read.left.kind === 'unreadable') return undefined
    const metrics = read._tag === 'Right' ? read.right.metrics : {}
    if (file !== undefined) metricsAt.set(step, { file, metrics })
    return metrics
  }

  const rotate = async (saved: number): Promise<void> => {
    const steps = (await stepsIn(folder)).filter((step) => step <= saved)
    const kept = new Set(steps.slice(-(keep as number)))
    if (isBest !== undefined) {
      const scored: (readonly [number, Metrics])[] = []
      // One after the other, as there may be more of them than files can be open.
      for (const step of steps) {
        const metrics = await metricsOf(step)
        if (metrics === undefined) kept.add(step)
        else scored.push([step, metrics])
      }
      for (const step of isBest(scored)) kept.add(step)
    }
    for (const step of steps) {
      if (kept.has(step)) continue
      await rm(join(folder, nameOf(step)), { force: true })
      metricsAt.delete(step)
    }
  }

  let last: Promise<unknown> = Promise.resolve()
  const save: CheckpointManager['save'] = async (step, tree, metrics = {}) => {
    check('save', { step }, nonNegativeInteger)
    if (step % (every as number) !== 0) return false
    const known = { ...checkedMetrics(metrics) }
    const plan = planOf('save', { step, metrics: known, tree })
    const write = last.then(async () => {
      await prepared()
      await writePlan(join(folder, nameOf(step)), plan)
      await rotate(step)
    })
    // The next one is written whether this one could be or not.
    last = write.catch(() => {})
    await write
    return true
  }

  const resume = async (
    ...like: readonly [like?: unknown]
  ): Promise<Either<CheckpointError, Resumed<unknown> | null>> => {
    await prepared()
    const damaged: Damaged[] = []
    for (const step of (await stepsIn(folder)).reverse()) {
      const path = join(folder, nameOf(step))
      const read = await readSaved(path)
      if (read._tag === 'Left') {
        if (!DAMAGE.has(read.left.kind)) return read
        // What another process has taken away meanwhile was not damaged, and there is a newer one.
        if (!(await stepsIn(folder)).includes(step)) return resume(...like)
        damaged.push({ path, error: read.left })
        continue
      }
      const { metrics, tree } = read.right
      if (like.length === 0) return right({ step, metrics, tree, damaged })
      const fitting = attempt('resume', (refuse) => conformed(refuse, tree, like[0]))
      return fitting._tag === 'Left' ? fitting : right({ step, metrics, tree: fitting.right, damaged })
    }
    return damaged[0] === undefined ? right(null) : left(damaged[0].error)
  }

  return {
    save,
    // What `like` says was checked.
    resume: resume as CheckpointManager['resume'],
    steps: async () => {
      await prepared()
      return stepsIn(folder)
    }
  }
}

/** What may have happened to a file that was whole. */
const DAMAGE: ReadonlySet<CheckpointError['kind']> = /* @__PURE__ */ new Set([
  'unreadable',
  'truncated',
  'corrupt',
  'malformed',
  'tooLarge',
  'refused'
])

const nameOf = (step: number): string => `step-${String(step).padStart(12, '0')}.safetensors`

/** Makes the folder, and clears away what a process that is gone has left there half written. */
const prepare = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(folder)) {
    if (name.startsWith('.step-') && (await isLeftOver(join(folder, name))))
      await rm(join(folder, name), { force: true })
  }
}

/** What tells a file from one that was put in its place; `undefined` where there is none. */
const identityOf = async (path: string): Promise<string | undefined> => {
  try {
    const { ino, mtimeMs, size } = await stat(path)
    return [ino, mtimeMs, size].join()
  } catch {
    return undefined
  }
}

const stepsIn = async (folder: string): Promise<number[]> =>
  (await readdir(folder, { withFileTypes: true }))
    .filter((item) => !item.isDirectory())
    .flatMap(({ name }) => {
      const digits = /^step-(\d{12,16})\.safetensors$/.exec(name)?.[1]
      // Under another name, such as one with more zeros, it is not ours.
      return digits !== undefined && nameOf(Number(digits)) === name ? [Number(digits)] : []
    })
    .sort((a, b) => a - b)

interface Saved {
  readonly metrics: Metrics
  readonly tree: unknown
}

/** What was saved, or the part of it whose paths are wanted. */
const readSaved = (path: string, isWanted?: (path: string) => boolean): Promise<Either<CheckpointError, Saved>> =>
  attemptAsync('resume', (refuse) =>
    withFile(refuse, path, async (source) => {
      const saved = await readSource(refuse, source, [], isWanted)
      if (!isSaved(saved)) return refuse('malformed', path, 'a checkpoint of checkpointManager', 'another file')
      return saved
    })
  )

const isSaved = (value: unknown): value is Saved =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).join() === 'step,metrics,tree' &&
  isMetrics((value as Saved).metrics)

const isMetrics = (value: unknown): value is Metrics =>
  typeof value === 'object' && value !== null && Object.values(value).every((metric) => typeof metric === 'number')

const checkedMetrics = (metrics: Metrics): Metrics => {
  if (isMetrics(metrics)) return metrics
  throw new InvalidOption(`save: metrics must be an object of numbers, got ${show(metrics)}`)
}

/** The steps of the best metrics; what has none, or NaN, is not among them. */
const bestOf = (options: KeepBestOptions): ((scored: readonly (readonly [number, Metrics])[]) => readonly number[]) => {
  const { of, keep, mode } = withDefaults<Required<KeepBestOptions>>('checkpointManager', options, {
    of: required,
    keep: 1,
    mode: 'min'
  })
  if (typeof of !== 'string')
    throw new InvalidOption(`checkpointManager: of must be the name of a metric, got ${show(of)}`)
  check('checkpointManager', { keep }, positiveInteger)
  check('checkpointManager', { mode }, oneOf('min', 'max'))
  const sign = mode === 'min' ? 1 : -1
  return (scored) =>
    scored
      .map(([step, metrics]) => [step, sign * (metrics[of] ?? Number.NaN)] as const)
      .filter(([, score]) => !Number.isNaN(score))
      // Of equals the newest is the best.
      .sort(([p, a], [q, b]) => (a === b ? q - p : a < b ? -1 : 1))
      .slice(0, keep as number)
      .map(([step]) => step)
}
