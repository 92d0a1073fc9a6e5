import {
  type AnyGradientTransformation,
  callable,
  check,
  definitionOf,
  InvalidOption,
  type Key,
  keyOrSeed,
  positiveInteger,
  required,
  type StateOf,
  show,
  step,
  withDefaults
} from '@gradchain/core'
import { log } from '@gradchain/core/numbers'
import * as random from '@gradchain/core/random'
import type { StalenessExtra } from './scaleByStaleness.js'

/** Where a gradient is asked for. */
export interface AsyncTurn {
  /** Which of the workers asks, from 0. */
  readonly worker: number
  /** How many gradients this worker has had before: with the worker it says which batch. */
  readonly turn: number
}

/** Options of {@link simulateAsync}. */
export interface SimulateAsyncOptions<P> {
  /** Where training starts: a tree of arrays and numbers. */
  readonly params: P
  /** The gradient at params, of the batch of a turn. Pure. */
  readonly gradient: (params: P, turn: AsyncTurn) => unknown
  /** How many workers there are, a whole number ≥ 1. */
  readonly workers: number
  /** How long a worker takes for a gradient, finite and > 0. Pure. @defaultValue an exponential distribution of mean 1 */
  readonly duration?: (worker: number, key: Key) => number
  /** Where durations come from: a key, or a whole number for the key of that seed. @defaultValue `0` */
  readonly key?: Key | number
}

/** What an update of {@link simulateAsync} did. */
export interface AsyncUpdate<P, State> {
  /** The params after it. */
  readonly params: P
  /** The state of the optimizer after it. */
  readonly state: State
  /** When it was, from 0 at the start. */
  readonly time: number
  /** Whose gradient it was, from 0. */
  readonly worker: number
  /** How many updates of others came in between reading the params and this update, τ. */
  readonly staleness: number
}

/**
 * Trains as a server of params does with workers that wait for nobody: a simulation, in one thread, that always goes the same way.
 *
 * Each worker reads the params, computes a gradient, hands it in and reads anew. The server applies what comes in when it comes:
 *
 *     p ← p + u        u of the optimizer for the gradient at the params that the worker read, τ updates ago
 *
 * The optimizer is given the extra argument `staleness`, τ: `chain(scaleByStaleness(), …)` makes use of it. The result has no end; each
 * time it is gone through it begins anew.
 *
 * Laws: one worker is training as usual; workers of one speed have τ = n − 1, after the first round; the same key, the same updates.
 *
 * @param optimizer - what the server applies gradients with.
 *
 * @example
 * const updates = simulateAsync(sgd(0.1), {
 *   params: { w: 8 },
 *   gradient: ({ w }) => ({ w }),
 *   workers: 3,
 *   duration: () => 1
 * })
 * const seen: string[] = []
 * for (const { params, worker, staleness, time } of updates) {
 *   seen.push(`worker ${worker}, ${staleness} late: ${params.w.toFixed(2)}`)
 *   if (time === 2) break
 * }
 * seen // => ['worker 0, 0 late: 7.20', 'worker 1, 1 late: 6.40', 'worker 2, 2 late: 5.60', 'worker 0, 2 late: 4.88']
 *
 * @throws InvalidOption for an option that is missing, unknown or outside its range, and, on the way, for a duration that is no finite number > 0.
 * @see Zhang et al. (2016), Staleness-aware Async-SGD for Distributed Deep Learning, {@link https://arxiv.org/abs/1511.05950}
 * @see staleGradients, which is a transformation.
 */
export const simulateAsync = <T extends AnyGradientTransformation, P>(
  optimizer: T,
  options: SimulateAsyncOptions<P>
): Iterable<AsyncUpdate<P, StateOf<T>>> => {
  definitionOf('simulateAsync', optimizer)
  const { params, gradient, workers, duration, key } = withDefaults<Required<SimulateAsyncOptions<P>>>(
    'simulateAsync',
    options,
    { params: required, gradient: required, workers: required, duration: exponential, key: 0 }
  )
  check('simulateAsync', { gradient, duration }, callable)
  check('simulateAsync', { workers }, positiveInteger)
  check('simulateAsync', { key }, keyOrSeed)
  const first = typeof key === 'number' ? random.key(key) : key
  const start = optimizer.init(params) as StateOf<T>

  /** When a worker that begins at some time is done. */
  const doneAt = (worker: number, turn: number, begin: number): number => {
    const takes = duration(worker, random.foldIn(random.foldIn(first, worker), turn))
    if (typeof takes === 'number' && takes > 0 && takes < Infinity) return begin + takes
    throw new InvalidOption(`simulateAsync: duration must give a finite number > 0, got ${show(takes)}`)
  }

  function* updates(): Generator<AsyncUpdate<P, StateOf<T>>> {
    let now = params
    let state = start
    const atWork = Array.from({ length: workers }, (_, worker) => ({
      ...{ worker, turn: 0, read: now, version: 0, time: doneAt(worker, 0, 0) }
    }))
    for (let version = 0; ; version++) {
      const next = atWork.reduce((soonest, other) => (other.time < soonest.time ? other : soonest))
      const { worker, turn, read, time } = next
      const staleness = version - next.version
      ;[now, state] = advance(optimizer, gradient(read, { worker, turn }), state, now, { staleness })
      atWork[worker] = {
        ...{ worker, turn: turn + 1, read: now, version: version + 1, time: doneAt(worker, turn + 1, time) }
      }
      yield { params: now, state, time, worker, staleness }
    }
  }
  return { [Symbol.iterator]: updates }
}

/** `step`, of params whose tree is known outside, where the gradients are compared with it. */
const advance = step as <T extends AnyGradientTransformation, P>(
  optimizer: T,
  gradients: unknown,
  state: StateOf<T>,
  params: P,
  extra: StalenessExtra
) => readonly [P, StateOf<T>]

/** Times between events that nothing brings about: of mean 1. */
const exponential = (_: number, key: Key): number => -log(1 - (random.uniform(key, [1]).data[0] as number)) || MOMENT

/** What a draw of 0 stands for: durations are not 0. */
const MOMENT = 2 ** -24
