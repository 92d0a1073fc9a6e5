import { boolean, check, finite, nonNegativeInteger, positive, required, withDefaults } from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import { guarded } from '../internal/guarded.js'
import { polynomial } from '../internal/polynomial.js'
import type { Schedule } from '../types.js'

/** Options of {@link polynomialSchedule}. */
export interface PolynomialScheduleOptions {
  /** Value I before the transition, any finite number. */
  readonly initValue: number
  /** Value E after the transition, any finite number. */
  readonly endValue: number
  /** Power P of the share that is left, finite and > 0; 1 is a straight line. */
  readonly power: number
  /** Number T of steps from I to E, a whole number ≥ 0; 0 jumps. */
  readonly transitionSteps: number
  /** Step B at which the transition begins, a whole number ≥ 0. @defaultValue `0` */
  readonly transitionBegin?: number
  /** Power k of the share of the way, finite and > 0; above 1 the value falls later. @defaultValue `1` */
  readonly kDecay?: number
  /** Whether the end is not held, but the way begins again, each time with T steps more. @defaultValue `false` */
  readonly cycle?: boolean
}

/**
 * Goes from one value to another along a power of the time that is left, and holds both before and after.
 *
 * At step t:
 *
 *     f(t) = (I − E) · (1 − sᵏ)ᴾ + E         s = min(max(t − B, 0) / T, 1)
 *     f(t) = E                               from t = B + T on
 *
 * With `cycle` the transition is stretched over whole multiples of T, s = (t − B) / (T · ⌈(t − B) / T⌉): E at each of them,
 * and a jump up behind it, a lower one each time. That is Keras's `PolynomialDecay(cycle=True)`; `kDecay` is timm's.
 *
 * Before B the value is `(I − E) + E`, which is I up to one rounding: the bits are those of Optax.
 *
 * Laws: monotone, but in cycles; between I and E; E from B + T on, or at B + T, B + 2T, …; with power 1 the {@link linearSchedule}.
 *
 * Unlike Optax: with `transitionSteps` 0 the value jumps to E at B, as the formula says, where Optax holds I for ever;
 * power 0 (a transition that never moves) and a negative `transitionBegin` (taken for 0 there) are refused.
 *
 * @example
 * const schedule = polynomialSchedule({ initValue: 1, endValue: 0, power: 2, transitionSteps: 4, transitionBegin: 10 })
 * schedule(10) // => 1
 * schedule(12) // => 0.25
 * schedule(14) // => 0
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see linearSchedule
 */
export const polynomialSchedule = (options: PolynomialScheduleOptions): Schedule => {
  const { initValue, endValue, power, transitionSteps, transitionBegin, kDecay, cycle } = withDefaults<
    Required<PolynomialScheduleOptions>
  >('polynomialSchedule', options, {
    initValue: required,
    endValue: required,
    power: required,
    transitionSteps: required,
    transitionBegin: 0,
    kDecay: 1,
    cycle: false
  })
  check('polynomialSchedule', { initValue, endValue }, finite)
  check('polynomialSchedule', { power, kDecay }, positive)
  check('polynomialSchedule', { transitionSteps, transitionBegin }, nonNegativeInteger)
  check('polynomialSchedule', { cycle }, boolean)

  if (kDecay === 1 && !cycle) {
    return guarded(
      ['polynomialSchedule', { ...options }],
      polynomial(initValue, endValue, power, transitionSteps, transitionBegin)
    )
  }
  return guarded(['polynomialSchedule', { ...options }], (step) => {
    const elapsed = Math.max(step - transitionBegin, 0)
    const rounds = cycle && transitionSteps > 0 ? Math.max(1, Math.ceil(elapsed / transitionSteps)) : 1
    if (step >= transitionBegin && elapsed >= transitionSteps * rounds) return endValue
    const share = elapsed === 0 ? 0 : elapsed / (transitionSteps * rounds)
    return (initValue - endValue) * pow(1 - pow(share, kDecay), power) + endValue
  })
}
