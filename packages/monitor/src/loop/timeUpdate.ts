import {
  type AnyGradientTransformation,
  callable,
  check,
  nonNegativeInteger,
  positiveInteger,
  type Transient,
  transient,
  type Valid,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Options of {@link timeUpdate}. */
export interface TimeUpdateOptions {
  /** How many steps are timed, a whole number ≥ 1. @defaultValue `20` */
  readonly steps?: number
  /** How many steps come before, in which kernels are compiled, a whole number ≥ 0. @defaultValue `5` */
  readonly warmUp?: number
  /** How many threads share the work, a whole number ≥ 1. @defaultValue `1` */
  readonly threads?: number
  /** The clock, in milliseconds. @defaultValue that of `performance.now` */
  readonly now?: () => number
}

/** What {@link timeUpdate} measured. */
export interface TimedUpdate {
  /** The median of the steps, in milliseconds. */
  readonly milliseconds: number
  /** The same for each element of the params, in nanoseconds; NaN where there are none. */
  readonly nanosecondsPerParam: number
  /** Each step, in milliseconds, in order. */
  readonly steps: readonly number[]
}

/**
 * How long a step of an optimizer takes on these params, in a `transient`; the params are copied, and the gradients are those params.
 *
 * Other work on the machine counts, too: only times that were taken by turns in one run can be compared.
 *
 * @param tx - an optimizer that needs nothing but gradients.
 *
 * @example
 * let time = 0
 * const params = { w: new Float32Array(500) }
 * // A clock that goes on by 2 ms whenever it is looked at.
 * timeUpdate(sgd(0.1), params, { steps: 3, now: () => (time += 2) })
 * // => { milliseconds: 2, nanosecondsPerParam: 4000, steps: [2, 2, 2] }
 *
 * @throws InvalidOption when an option is outside its range; what `transient` throws.
 * @see stateBytes
 */
export const timeUpdate = <P>(
  tx: AnyGradientTransformation,
  params: Valid<P>,
  options: TimeUpdateOptions = {}
): TimedUpdate => {
  const { steps, warmUp, threads, now } = withDefaults('timeUpdate', options, {
    steps: 20,
    warmUp: 5,
    threads: 1,
    now: () => performance.now()
  })
  check('timeUpdate', { steps, threads }, positiveInteger)
  check('timeUpdate', { warmUp }, nonNegativeInteger)
  check('timeUpdate', { now }, callable)
  // What tree it is is known outside; a step needs nothing but gradients.
  const run = transient(tx, params, { threads }) as unknown as Transient<unknown, unknown, unknown> & {
    step(grads?: unknown): void
  }
  try {
    run.step(params)
    for (let i = 1; i < warmUp; i++) run.step()
    const times = Array.from({ length: steps }, () => {
      const since = now()
      run.step()
      return now() - since
    })
    const sorted = [...times].sort((a, b) => a - b)
    const middle = sorted.length >> 1
    const upper = sorted[middle] as number
    const milliseconds = sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2
    return { milliseconds, nanosecondsPerParam: (milliseconds * 1e6) / tree.size(run.params as never), steps: times }
  } finally {
    run.dispose()
  }
}
