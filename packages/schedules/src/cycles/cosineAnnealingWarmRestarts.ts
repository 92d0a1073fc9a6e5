import { check, finite, positive, positiveInteger, required, withDefaults } from '@gradchain/core'
import { integerPower, pow } from '@gradchain/core/numbers'
import { guarded } from '../internal/guarded.js'
import { blends } from '../internal/interpolate.js'
import type { Schedule } from '../types.js'

/** Options of {@link cosineAnnealingWarmRestarts}. */
export interface CosineAnnealingWarmRestartsOptions {
  /** Value I at the beginning of the first cycle, any finite number. */
  readonly initValue: number
  /** Number T₀ of steps of the first cycle, a whole number ≥ 1. */
  readonly t0: number
  /** Factor m between the lengths of a cycle and the one before it, finite and > 0. @defaultValue `1` */
  readonly tMult?: number
  /** Value E that every cycle decays to, any finite number. @defaultValue `0` */
  readonly endValue?: number
  /** Factor c between I − E of a cycle and of the one before it, finite and > 0. @defaultValue `1` */
  readonly mMult?: number
}

/**
 * Decays along half a period of the cosine and jumps back, for ever: PyTorch's scheduler of the same name.
 *
 * Cycle k = 0, 1, 2, … has T₀ · mᵏ steps; at its step q:
 *
 *     f(t) = E + (I − E) · cᵏ · (1 + cos(π · q / (T₀ · mᵏ))) / 2
 *
 * A restart belongs to the new cycle, so that E itself is never quite reached at a whole step. Cycles that get shorter, m < 1,
 * come to an end: from T₀ / (1 − m) on the value is E. PyTorch has whole m ≥ 1; Keras and timm have any, and c.
 *
 * Laws: I at every restart when c = 1; between E and I when c ≤ 1; decreasing within a cycle, for I ≥ E; of period T₀ when m = c = 1;
 * in its first cycle the {@link cosineDecaySchedule} with α = E / I.
 *
 * @example
 * const schedule = cosineAnnealingWarmRestarts({ initValue: 8, t0: 10, tMult: 2 })
 * schedule(0) // => 8
 * schedule(5) // => 4
 * schedule(10) // => 8
 * schedule(20) // => 4
 * schedule(30) // => 8
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see Loshchilov and Hutter (2016), SGDR: Stochastic Gradient Descent with Warm Restarts, equation 5,
 * {@link https://arxiv.org/abs/1608.03983}; sgdrSchedule, for cycles that are written out one by one, each with its warmup.
 */
export const cosineAnnealingWarmRestarts = (options: CosineAnnealingWarmRestartsOptions): Schedule => {
  const { initValue, t0, tMult, endValue, mMult } = withDefaults<Required<CosineAnnealingWarmRestartsOptions>>(
    'cosineAnnealingWarmRestarts',
    options,
    { initValue: required, t0: required, tMult: 1, endValue: 0, mMult: 1 }
  )
  check('cosineAnnealingWarmRestarts', { initValue }, finite)
  check('cosineAnnealingWarmRestarts', { t0 }, positiveInteger)
  check('cosineAnnealingWarmRestarts', { endValue }, finite)
  check('cosineAnnealingWarmRestarts', { tMult, mMult }, positive)

  const place = tMult === 1 ? evenly(t0) : tMult >= 2 ? growing(t0, tMult) : changing(t0, tMult)
  return guarded(['cosineAnnealingWarmRestarts', { ...options }], (step) => {
    const [cycle, share] = place(step)
    if (cycle === Infinity) return endValue
    return blends.cosine(
      cycle === 0 || mMult === 1 ? initValue : peak(initValue, endValue, pow(mMult, cycle)),
      endValue,
      share
    )
  })
}

const peak = (initValue: number, endValue: number, height: number): number => endValue + (initValue - endValue) * height

/** The cycle of a step, and the share of the cycle that is over. */
type Place = (step: number) => readonly [cycle: number, share: number]

const evenly =
  (length: number): Place =>
  (step) => {
    const within = step % length
    return [Math.round((step - within) / length), within / length]
  }

const growing =
  (first: number, factor: number): Place =>
  (step) => {
    // Lengths at least double, so even the largest double is reached in a thousand rounds.
    let [cycle, begin, length] = [0, 0, first]
    while (step >= begin + length) {
      begin += length
      length *= factor
      cycle += 1
    }
    return [cycle, (step - begin) / length]
  }

/** Any other factor m: after k cycles the sum of the lengths is T₀ S(k), with S(k) = 1 + m + … + mᵏ⁻¹. */
const changing = (first: number, factor: number): Place => {
  const end = factor < 1 ? first / (1 - factor) : Infinity
  // S and m to the power of 1, 2, 4, 8, … cycles; sums of what is positive, which cancel nowhere.
  const runs: { readonly cycles: number; readonly sum: number; readonly power: number }[] = []
  for (let [cycles, sum] = [1, 1]; cycles < 2 ** 53 && sum < Infinity; cycles *= 2) {
    const power = integerPower(factor, cycles)
    runs.unshift({ cycles, sum, power })
    sum *= 1 + power
  }
  return (step) => {
    if (step >= end) return [Infinity, 1]
    let [cycle, begin, height] = [0, 0, 1]
    for (const { cycles, sum, power } of runs) {
      const next = begin + height * sum
      // Where nothing is added, cycles have become too short to be told apart.
      if (!(next > begin && first * next <= step)) continue
      cycle += cycles
      begin = next
      height *= power
    }
    const share = (step - first * begin) / (first * height)
    return [cycle, Math.min(Math.max(share, 0), 1)]
  }
}
