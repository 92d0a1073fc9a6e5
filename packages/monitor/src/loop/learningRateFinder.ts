import { check, InvalidOption, inUnitInterval, positive, type Requirement, withDefaults } from '@gradchain/core'
import { integerPower, log, pow } from '@gradchain/core/numbers'

/** Options of {@link learningRateFinder}. */
export interface LearningRateFinderOptions {
  /** The first learning rate, finite and > 0. @defaultValue `1e-7` */
  readonly least?: number
  /** The last, finite and above the first. @defaultValue `10` */
  readonly most?: number
  /** How many rates are tried from one to the other, a whole number ≥ 2. @defaultValue `100` */
  readonly steps?: number
  /** Decay rate of the average of the losses, in `[0, 1)`. @defaultValue `0.9` */
  readonly smoothing?: number
  /** How many times the lowest average is too much, a number > 1. @defaultValue `4` */
  readonly divergence?: number
}

/** A learning rate that was tried. */
export interface TriedRate {
  readonly learningRate: number
  /** The loss that came of it. */
  readonly loss: number
  /** The average of the losses up to here. */
  readonly smoothed: number
}

/** State of a {@link LearningRateFinder}. */
export interface LearningRateFinderState {
  /** What was tried, in order. */
  readonly tried: readonly TriedRate[]
  /** The average of the losses, before it is made up for its start at zero. */
  readonly average: number
  /** Whether there is no use in going on: all rates were tried, or the loss has run away. */
  readonly isDone: boolean
}

/** What to make of it. */
export interface SuggestedRates {
  /** Where the average fell most for each decade: a rate to train with. */
  readonly steepest: number
  /** A tenth of the rate of the lowest average: the largest rate of a cycle or a warmup. */
  readonly beforeMinimum: number
}

/** A search for a learning rate, as pure functions of a state. */
export interface LearningRateFinder {
  /** Before the first step. */
  readonly init: LearningRateFinderState
  /** The rate to make the next step with. */
  learningRate(state: LearningRateFinderState): number
  /** After a step: the loss of the next batch. */
  step(state: LearningRateFinderState, loss: number): LearningRateFinderState
  /** What was found; `null` while there are fewer than three rates with finite losses. */
  suggest(state: LearningRateFinderState): SuggestedRates | null
}

/**
 * Finds a learning rate by training with a larger one at each step until the loss runs away: the range test.
 *
 *     ηₖ = least (most / least)^(k / (steps − 1))
 *     smoothedₖ = mₖ / (1 − βᵏ⁺¹),   mₖ = β mₖ₋₁ + (1 − β) lossₖ
 *     done when smoothed > divergence · the lowest of them, for a lowest > 0, or the loss is not finite
 *
 * The suggestion is where smoothed falls most over ln η, by differences of neighbours, up to its lowest point.
 *
 * Laws: losses times a number > 0 give the same suggestions; the rates do not depend on the losses.
 *
 * @example
 * const finder = learningRateFinder({ least: 1e-3, most: 10, steps: 33, smoothing: 0 })
 * let [state, w] = [finder.init, 1]
 * while (!state.isDone) {
 *   w -= finder.learningRate(state) * 2 * w // a step of gradient descent on w²
 *   state = finder.step(state, w ** 2)
 * }
 * state.tried.length // => 27
 * finder.suggest(state)?.beforeMinimum.toFixed(3) // => '0.075'
 *
 * @throws InvalidOption at construction, when an option is outside its range; a state that is done takes no more losses.
 * @see Smith (2015), section 3.3, {@link https://arxiv.org/abs/1506.01186}
 */
export const learningRateFinder = (options: LearningRateFinderOptions = {}): LearningRateFinder => {
  const { least, most, steps, smoothing, divergence } = withDefaults('learningRateFinder', options, {
    least: 1e-7,
    most: 10,
    steps: 100,
    smoothing: 0.9,
    divergence: 4
  })
  check('learningRateFinder', { least, most }, positive)
  if (!(most > least)) throw new InvalidOption(`learningRateFinder: most must be above least, ${least}, got ${most}`)
  check('learningRateFinder', { steps }, twoOrMore)
  check('learningRateFinder', { smoothing }, inUnitInterval)
  check('learningRateFinder', { divergence }, aboveOne)

  const rateAt = (k: number): number => (k >= steps - 1 ? most : least * pow(most / least, k / (steps - 1)))
  return {
    init: { tried: [], average: 0, isDone: false },
    learningRate: ({ tried }) => rateAt(tried.length),
    step: ({ tried, average, isDone }, loss) => {
      if (isDone) throw new InvalidOption(`learningRateFinder: state must not be done, got one after ${tried.length}`)
      const next = smoothing * average + (1 - smoothing) * loss
      const smoothed = next / (1 - integerPower(smoothing, tried.length + 1))
      const all = [...tried, { learningRate: rateAt(tried.length), loss, smoothed }]
      const lowest = all.reduce((low, one) => Math.min(low, one.smoothed), Infinity)
      const isLost = !Number.isFinite(loss) || (lowest > 0 && smoothed > divergence * lowest)
      return { tried: all, average: next, isDone: isLost || all.length >= steps }
    },
    suggest: ({ tried }) => suggested(tried.filter(({ smoothed }) => Number.isFinite(smoothed)))
  }
}

const suggested = (tried: readonly TriedRate[]): SuggestedRates | null => {
  if (tried.length < 3) return null
  const at = (i: number): TriedRate => tried[i] as TriedRate
  const lowest = tried.reduce((low, one, i) => (one.smoothed < at(low).smoothed ? i : low), 0)
  const slope = (i: number): number => {
    const [a, b] = [at(Math.max(0, i - 1)), at(Math.min(tried.length - 1, i + 1))]
    return (b.smoothed - a.smoothed) / (log(b.learningRate) - log(a.learningRate))
  }
  const steepest = Array.from({ length: lowest + 1 }, (_, i) => i).reduce(
    (best, i) => (slope(i) < slope(best) ? i : best),
    0
  )
  return { steepest: at(steepest).learningRate, beforeMinimum: at(lowest).learningRate / 10 }
}

const twoOrMore: Requirement = {
  what: 'a whole number ≥ 2',
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= 2
}

const aboveOne: Requirement = {
  what: 'a number > 1',
  holds: (value) => typeof value === 'number' && value > 1
}
