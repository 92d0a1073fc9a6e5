import {
  check,
  InvalidOption,
  inPositiveUnitInterval,
  positive,
  positiveInteger,
  required,
  show,
  withDefaults
} from '@gradchain/core'
import { MOST_ORDER, type SampledGaussian, spentAt } from '../internal/renyi.js'
import { inOpenUnitInterval } from '../internal/requirements.js'

/** Updates with the same noise, of {@link privacySpent}. */
export interface PrivatePhase extends SampledGaussian {
  /** How many updates are made, a whole number ≥ 1. */
  readonly steps: number
}

/** Options of {@link privacySpent}. */
export interface PrivacySpentOptions {
  /** What was done with the same examples, one after the other. */
  readonly phases: PrivatePhase | readonly PrivatePhase[]
  /** The chance δ that ε does not hold, in (0, 1): less than one through the number of examples. */
  readonly delta: number
}

/** How private params are, of {@link privacySpent}. */
export interface PrivacySpent {
  /** The ε of (ε, δ)-differential privacy. */
  readonly epsilon: number
  /** The order α by which it was found, from 2 to 256. */
  readonly order: number
}

/**
 * How much params that were trained by {@link differentiallyPrivateAggregate} or `dpsgd` may tell of any one example: the accountant, by Rényi
 * differential privacy.
 *
 * For T updates with the noise σ and batches into which each example comes with the chance q, and the orders α = 2, 3, …, 256:
 *
 *     ρ(α) = T / (α − 1) · log Σₖ₌₀ᵅ (α choose k) (1 − q)^(α − k) qᵏ exp(k (k − 1) / 2σ²)
 *     ε    = min over α of ρ(α) + log((α − 1) / α) − (log δ + log α) / (α − 1)
 *
 * and for several phases the sum of their ρ. Batches of fixed size, drawn by shuffling, are commonly counted like this too; the proof is
 * for chance. It is what the accountant of Opacus gives for these orders. Orders that are no whole numbers, which are there too, would
 * give up to 2 % less where ε is large.
 *
 * Laws: ε falls with σ and with δ, and grows with q and with the steps; a phase is the same in two parts, up to rounding; phases may
 * change places.
 *
 * @example
 * // Batches of 256 out of the 60 000 digits of MNIST, for 60 epochs.
 * const phases = { noiseMultiplier: 1.12, sampleRate: 256 / 60_000, steps: 14_063 }
 * const { epsilon, order } = privacySpent({ phases, delta: 1e-5 })
 * epsilon.toFixed(3) // => '2.522'
 * order // => 8
 *
 * @throws InvalidOption for an option that is missing or outside its range.
 * @see Mironov, Talwar and Zhang (2019), Rényi Differential Privacy of the Sampled Gaussian Mechanism, section 3.3,
 * {@link https://arxiv.org/abs/1908.10530}
 * @see Balle et al. (2020), Hypothesis Testing Interpretations and Renyi Differential Privacy, theorem 21,
 * {@link https://arxiv.org/abs/1905.09982}
 * @see noiseMultiplierFor
 */
export const privacySpent = (options: PrivacySpentOptions): PrivacySpent => {
  const { phases, delta } = withDefaults<PrivacySpentOptions>(OWNER, options, { phases: required, delta: required })
  check(OWNER, { delta }, inOpenUnitInterval)
  const list: readonly PrivatePhase[] = Array.isArray(phases) ? phases : [phases]
  if (list.length === 0 || phases === undefined) {
    throw new InvalidOption(`${OWNER}: phases must be a phase or a list of at least one, got ${show(phases)}`)
  }
  return leastOf(list.map(checked), delta)
}

const OWNER = 'privacySpent'

const checked = (phase: PrivatePhase): PrivatePhase => {
  const known = withDefaults<PrivatePhase>(OWNER, phase, {
    noiseMultiplier: required,
    sampleRate: required,
    steps: required
  })
  check(OWNER, { noiseMultiplier: known.noiseMultiplier }, positive)
  check(OWNER, { sampleRate: known.sampleRate }, inPositiveUnitInterval)
  check(OWNER, { steps: known.steps }, positiveInteger)
  return known
}

/** The least ε over the orders. */
const leastOf = (phases: readonly PrivatePhase[], delta: number): PrivacySpent => {
  let best: PrivacySpent = { epsilon: Number.POSITIVE_INFINITY, order: MOST_ORDER }
  for (let order = 2; order <= MOST_ORDER; order++) {
    const epsilon = spentAt(order, phases, delta)
    if (epsilon < best.epsilon) best = { epsilon, order }
  }
  return best
}
