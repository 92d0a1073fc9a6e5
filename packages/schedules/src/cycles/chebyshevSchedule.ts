import { check, positive, positiveInteger, type Requirement, required, withDefaults } from '@gradchain/core'
import { cosPi } from '@gradchain/core/numbers'
import { guarded } from '../internal/guarded.js'
import type { Schedule } from '../types.js'

/** Options of {@link chebyshevSchedule}. */
export interface ChebyshevScheduleOptions {
  /** The smallest curvature m that the steps are made for, finite and > 0; the longest step is a little shorter than 1 / m. */
  readonly smallest: number
  /** The largest curvature M, finite and ≥ m; the shortest step is a little longer than 1 / M. */
  readonly largest: number
  /** Number T of steps of a cycle, a power of two. */
  readonly cycleSteps: number
}

/**
 * Long and short steps of gradient descent by turns, which together go as far as momentum does, with no memory of gradients: the
 * fractal Chebyshev schedule.
 *
 * At step t, i = t mod T, by the permutation σ of 0, 1, …, T − 1:
 *
 *     f(t) = 2 / ((M + m) − (M − m) · cos(π (σᵢ + ½) / T))
 *     σ for T = 1 is 0; σ₂ᵢ and σ₂ᵢ₊₁ for 2 T are σᵢ and 2 T − 1 − σᵢ for T
 *
 * The T steps of a cycle are those of Chebyshev's polynomial of degree T on [m, M]: no other T steps shorten the error of a quadratic
 * function more, whatever its curvatures between m and M. In the order of σ none of the long ones throws the error out of range. It
 * is for plain descent, whose learning rate it is.
 *
 * Laws: between 1 / M and 1 / m; the same again after T steps; each cycle has each of its values once; with m = M it is 1 / M.
 *
 * pytorch_optimizer takes 0.05 and 1 for m and M, for T the power of two from the number of epochs on, holds the first
 * value for three epochs and does not begin again.
 *
 * @example
 * const schedule = chebyshevSchedule({ smallest: 0.1, largest: 1, cycleSteps: 8 })
 * const steps = [0, 1, 2, 3].map((t) => schedule(t).toFixed(3))
 * steps // => ['9.204', '1.009', '2.164', '1.568']
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range; at a step that is not
 * a finite number ≥ 0.
 * @see Agarwal, Goel and Zhang (2021), Acceleration via Fractal Learning Rate Schedules, {@link https://arxiv.org/abs/2103.01338}
 */
export const chebyshevSchedule = (options: ChebyshevScheduleOptions): Schedule => {
  const { smallest, largest, cycleSteps } = withDefaults<ChebyshevScheduleOptions>('chebyshevSchedule', options, {
    smallest: required,
    largest: required,
    cycleSteps: required
  })
  check('chebyshevSchedule', { smallest }, positive)
  check(
    'chebyshevSchedule',
    { largest },
    {
      what: `a finite number ≥ smallest, which is ${smallest}`,
      holds: (value) => positive.holds(value) && (value as number) >= smallest
    }
  )
  check('chebyshevSchedule', { cycleSteps }, powerOfTwo)

  return guarded(['chebyshevSchedule', { ...options }], (step) => {
    const place = permuted(step % cycleSteps, cycleSteps)
    // The sum of two halves: M + m may be larger than any number.
    return 1 / (largest / 2 + smallest / 2 - (largest / 2 - smallest / 2) * cosPi((place + 0.5) / cycleSteps))
  })
}

const powerOfTwo: Requirement = {
  what: 'a power of two',
  holds: (value) => {
    if (!positiveInteger.holds(value)) return false
    let odd = value as number
    while (odd % 2 === 0) odd /= 2
    return odd === 1
  }
}

/** Where the fractal permutation of 0, 1, …, n − 1 leads the whole part of an index. */
const permuted = (index: number, n: number): number => {
  let place = 0
  let rest = index
  for (let half = n / 2, length = 2; half >= 1; half /= 2, length *= 2) {
    if (rest >= half) {
      place = length - 1 - place
      rest -= half
    }
  }
  return place
}
