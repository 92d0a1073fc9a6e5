import { check, finite, oneOf, positive, positiveInteger, required, withDefaults } from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import { cosineDecay } from '../internal/cosineDecay.js'
import { guarded } from '../internal/guarded.js'
import type { Schedule } from '../types.js'

/** Options of {@link cosineDecaySchedule}. */
export interface CosineDecayScheduleOptions {
  /** Value I at step 0, any finite number. */
  readonly initValue: number
  /** Number T of steps until the end, a whole number ≥ 1. */
  readonly decaySteps: number
  /** The value at the end as a share α of I, any finite number, mostly in `[0, 1]`. @defaultValue `0` */
  readonly alpha?: number
  /** Power p of the cosine, finite and > 0; the larger, the earlier the value falls. @defaultValue `1` */
  readonly exponent?: number
  /** Power k of the share of the way, finite and > 0; above 1 the value falls later. @defaultValue `1` */
  readonly kDecay?: number
  /** Whether the end is held, the cosine goes on and climbs back, or it starts over. @defaultValue `'hold'` */
  readonly afterEnd?: 'hold' | 'mirror' | 'restart'
}

/**
 * Goes from a value to a share of it along half a period of the cosine, slowly at both ends.
 *
 * At step t:
 *
 *     f(t) = I · ((1 − α) · cᵖ + α)          c = (1 + cos(π · sᵏ)) / 2
 *
 *     afterEnd       s
 *     'hold'         min(t, T) / T
 *     'mirror'       t / T, and back from T to 2T, and so on: PyTorch's `CosineAnnealingLR`
 *     'restart'      (t mod T) / T, so that T already is a beginning
 *
 * `kDecay` is that of timm. Cycles that get longer or lower are {@link cosineAnnealingWarmRestarts}.
 *
 * α is a share of I and not a value: for the end value E it is E / I.
 *
 * Laws: I at 0 and, held, α · I from T on; mirrored, α · I at T and I at 2T; between the two, and monotone on the way; linear in I; for I ≥ 0 and α ≤ 1 a larger
 * exponent is nowhere above a smaller one.
 *
 * Unlike Optax: exponent 0 (a decay that never moves) is refused, and so is a negative one.
 *
 * @example
 * const schedule = cosineDecaySchedule({ initValue: 8, decaySteps: 100, alpha: 0.25 })
 * schedule(0) // => 8
 * schedule(50) // => 5
 * schedule(100) // => 2
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see Loshchilov and Hutter (2016), SGDR: Stochastic Gradient Descent with Warm Restarts, equation 5,
 * {@link https://arxiv.org/abs/1608.03983}
 */
export const cosineDecaySchedule = (options: CosineDecayScheduleOptions): Schedule => {
  const { initValue, decaySteps, alpha, exponent, kDecay, afterEnd } = withDefaults<
    Required<CosineDecayScheduleOptions>
  >('cosineDecaySchedule', options, {
    initValue: required,
    decaySteps: required,
    alpha: 0,
    exponent: 1,
    kDecay: 1,
    afterEnd: 'hold'
  })
  check('cosineDecaySchedule', { initValue, alpha }, finite)
  check('cosineDecaySchedule', { decaySteps }, positiveInteger)
  check('cosineDecaySchedule', { exponent, kDecay }, positive)
  check('cosineDecaySchedule', { afterEnd }, oneOf(...Object.keys(clocks)))

  const curve = cosineDecay(initValue, decaySteps, alpha, exponent)
  const clock = clocks[afterEnd]
  return guarded(['cosineDecaySchedule', { ...options }], (step) => {
    const at = clock(step, decaySteps)
    return curve(kDecay === 1 ? at : pow(at / decaySteps, kDecay) * decaySteps)
  })
}

/** How far a decay of `end` steps is at a step: from 0 to `end`. */
const clocks = {
  hold: (step: number, end: number): number => Math.min(step, end),
  mirror: (step: number, end: number): number => end - Math.abs((step % (2 * end)) - end),
  restart: (step: number, end: number): number => step % end
}
