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
import { inOpenUnitInterval } from '../internal/requirements.js'
import { privacySpent } from './privacySpent.js'

/** Options of {@link noiseMultiplierFor}. */
export interface NoiseMultiplierForOptions {
  /** The ε that is not to be exceeded, finite and > 0. */
  readonly epsilon: number
  /** The chance δ that ε does not hold, in (0, 1): less than one through the number of examples. */
  readonly delta: number
  /** The chance q of an example to be in a batch, in (0, 1]: the size of a batch through the number of examples. */
  readonly sampleRate: number
  /** How many updates are to be made, a whole number ≥ 1. */
  readonly steps: number
}

/**
 * How much noise `dpsgd` needs for an ε: the least σ that {@link privacySpent} finds private enough, to nine digits and rounded up.
 *
 * Laws: with it ε is not exceeded, and with a millionth less noise it is; falls with ε and δ, grows with q and the steps.
 *
 * @example
 * const noiseMultiplier = noiseMultiplierFor({ epsilon: 3, delta: 1e-5, sampleRate: 0.01, steps: 1000 })
 * noiseMultiplier.toFixed(4) // => '0.8682'
 * privacySpent({ phases: { noiseMultiplier, sampleRate: 0.01, steps: 1000 }, delta: 1e-5 }).epsilon <= 3 // => true
 *
 * @throws InvalidOption for an option that is missing or outside its range, and for an ε that no noise of up to 2²⁰ reaches.
 * @see Mironov, Talwar and Zhang (2019), section 3.3, {@link https://arxiv.org/abs/1908.10530}
 */
export const noiseMultiplierFor = (options: NoiseMultiplierForOptions): number => {
  const { epsilon, delta, sampleRate, steps } = withDefaults<NoiseMultiplierForOptions>(OWNER, options, {
    epsilon: required,
    delta: required,
    sampleRate: required,
    steps: required
  })
  check(OWNER, { epsilon }, positive)
  check(OWNER, { delta }, inOpenUnitInterval)
  check(OWNER, { sampleRate }, inPositiveUnitInterval)
  check(OWNER, { steps }, positiveInteger)
  const spent = (noiseMultiplier: number): number =>
    privacySpent({ phases: { noiseMultiplier, sampleRate, steps }, delta }).epsilon

  let high = 2 ** -10
  while (spent(high) > epsilon) {
    high *= 2
    if (high > 2 ** 20) {
      throw new InvalidOption(
        `${OWNER}: epsilon must be one that some noise gives, at least ${show(spent(high))}, got ${show(epsilon)}`
      )
    }
  }
  let low = high / 2
  while (high - low > 1e-9 * high) {
    const middle = (low + high) / 2
    if (spent(middle) > epsilon) low = middle
    else high = middle
  }
  return high
}

const OWNER = 'noiseMultiplierFor'
