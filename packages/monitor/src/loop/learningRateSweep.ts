import { callable, check, nonNegative, positive, type Requirement, withDefaults } from '@gradchain/core'

/** Options of {@link learningRateSweep}. */
export interface LearningRateSweepOptions {
  /** The rates to try, one or more, each finite and > 0. @defaultValue `[0.1, 0.01, 0.001, 0.0001]` */
  readonly learningRates?: readonly number[]
  /** By what share of its size a loss may be above the best and count as good, finite and ≥ 0. @defaultValue `0.1` */
  readonly tolerance?: number
}

/** A rate, and the loss that a run with it ended with. */
export interface SweptRate {
  readonly learningRate: number
  readonly loss: number
}

/** What {@link learningRateSweep} found. */
export interface LearningRateSweep {
  /** All rates, from the smallest to the largest. */
  readonly rates: readonly SweptRate[]
  /** The rate of the lowest loss, the smaller one of two; `null` where no loss is a finite number. */
  readonly best: SweptRate | null
  /** The smallest and the largest of the rates around the best that are good, without a gap; `null` without a best. */
  readonly good: readonly [least: number, most: number] | null
}

/**
 * Runs the same training with several learning rates: which is best, and how much it matters.
 *
 *     good: loss ≤ best + tolerance · |best|
 *
 * Where `good` is one rate alone, or ends at an end of what was tried, finer or further rates are worth a try.
 *
 * Laws: the order of the rates does not matter; what adds a rate whose loss is higher does not change the best.
 *
 * @param run - trains with a learning rate, always from the same start, and gives the loss at the end.
 *
 * @example
 * const run = (learningRate: number) => {
 *   let w = 1
 *   for (let t = 0; t < 100; t++) w -= learningRate * 2 * w
 *   return w ** 2
 * }
 * const { best, good } = learningRateSweep(run, { learningRates: [2, 0.9, 0.5, 0.001] })
 * best // => { learningRate: 0.5, loss: 0 }
 * good // => [0.5, 0.5]
 *
 * @throws InvalidOption when an option is outside its range.
 * @see learningRateFinder, which is one run
 */
export const learningRateSweep = (
  run: (learningRate: number) => number,
  options: LearningRateSweepOptions = {}
): LearningRateSweep => {
  check('learningRateSweep', { run }, callable)
  const { learningRates, tolerance } = withDefaults('learningRateSweep', options, {
    learningRates: [0.1, 0.01, 0.001, 0.0001] as readonly number[],
    tolerance: 0.1
  })
  check('learningRateSweep', { learningRates }, someRates)
  check('learningRateSweep', { tolerance }, nonNegative)
  const rates = [...new Set(learningRates)]
    .sort((a, b) => a - b)
    .map((learningRate) => ({ learningRate, loss: run(learningRate) }))
  const finite = rates.filter(({ loss }) => Number.isFinite(loss))
  const [first] = finite
  if (first === undefined) return { rates, best: null, good: null }
  const best = finite.reduce((low, one) => (one.loss < low.loss ? one : low), first)
  const isGood = ({ loss }: SweptRate): boolean => loss <= best.loss + tolerance * Math.abs(best.loss)
  const at = rates.indexOf(best)
  const end = (towards: 1 | -1): number => {
    let i = at
    for (let next = rates[i + towards]; next !== undefined && isGood(next); next = rates[i + towards]) i += towards
    return (rates[i] as SweptRate).learningRate
  }
  return { rates, best, good: [end(-1), end(1)] }
}

const someRates: Requirement = {
  what: 'a list of finite numbers > 0, one or more',
  holds: (value) => Array.isArray(value) && value.length > 0 && value.every((rate) => positive.holds(rate))
}
