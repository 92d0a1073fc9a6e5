import { check, type Key, positive, positiveInteger, random, withDefaults } from '@gradchain/core'
import { log } from '@gradchain/core/numbers'
import type { LearnedWeights } from './learnedOptimizer.js'

/** Options of {@link learnedWeights}. */
export interface LearnedWeightsOptions {
  /** How far it goes at the beginning, a number > 0: about the learning rate of Adam. @defaultValue `0.01` */
  readonly learningRate?: number | undefined
  /** How many hidden units the network has, a whole number ≥ 1. @defaultValue `4` */
  readonly hidden?: number | undefined
}

/** How many features the network sees, and which of them is the average with decay 0.9. */
const FEATURES = 6
const MOMENTUM = 2

/**
 * The weights of a {@link learnedOptimizer} before it was trained: small random numbers, and what makes it Adam nearly.
 *
 *     hidden ~ N(0, 1/6)     output = 0     direct: the average with decay 0.9 is the direction, log(learningRate) the size
 *
 * @example
 * const weights = learnedWeights(random.key(0), { hidden: 2 })
 * weights.output // => [[0, 0, 0], [0, 0, 0]]
 * weights.hidden.length // => 2
 *
 * @throws InvalidOption for what is no key, and for an option outside its range.
 * @see metaTrain
 */
export const learnedWeights = (key: Key, options: LearnedWeightsOptions = {}): LearnedWeights<number> => {
  const { learningRate, hidden } = withDefaults('learnedWeights', options, { learningRate: 0.01, hidden: 4 })
  check('learnedWeights', { learningRate }, positive)
  check('learnedWeights', { hidden }, positiveInteger)
  const width = FEATURES + 1
  const { data } = random.normal(key, [hidden * width], { dtype: 'float64' })
  const row = (at: (i: number) => number): readonly number[] => Array.from({ length: width }, (_, i) => at(i))
  return {
    hidden: Array.from({ length: hidden }, (_, unit) =>
      row((i) => (data[unit * width + i] as number) / Math.sqrt(FEATURES))
    ),
    output: [0, 1].map(() => Array.from({ length: hidden + 1 }, () => 0)),
    direct: [row((i) => (i === MOMENTUM ? 1 : 0)), row((i) => (i === FEATURES ? log(learningRate) : 0))]
  }
}
