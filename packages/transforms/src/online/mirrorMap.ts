import {
  abs,
  add,
  check,
  div,
  type EmptyState,
  equal,
  exp,
  type GradientTransformation,
  max,
  maxOf,
  mul,
  type Operand,
  oneOf,
  pow,
  type Requirement,
  sign,
  sub,
  sum,
  transformation,
  updatesTo,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { quotient } from '../internal/quotient.js'

/** Options of {@link mirrorMap}. */
export interface MirrorMapOptions {
  /**
   * What params are: `'simplex'`, the shares of a whole, each leaf by itself; `'entropy'`, numbers of one sign; `'pNorm'`, any, of which
   * few matter. @defaultValue `'simplex'`
   */
  readonly map?: 'simplex' | 'entropy' | 'pNorm'
  /** The norm of `'pNorm'`, in `(1, 2]`: with 2 nothing is changed, the nearer to 1 the sparser. @defaultValue `1.5` */
  readonly p?: number
}

/**
 * Takes steps in the mirror: where params are shares of a whole, or numbers of one sign, a step is a factor. It stands last in a chain,
 * after the learning rate.
 *
 * For the update u, each leaf by itself, params w go to ∇φ*(∇φ(w) + u):
 *
 *     w e^u / Σ w e^u                             'simplex', of exponentiated gradients: φ = Σ w ln w on the simplex
 *     w e^u                                       'entropy': φ = Σ w ln w − w
 *     f_q(f_p(w) + u),  1/p + 1/q = 1             'pNorm': φ = ‖w‖ₚ² / 2
 *     f_p(w) = sign(w) |w|ᵖ⁻¹ / ‖w‖ₚᵖ⁻²
 *
 * A param that is 0 stays 0 with the first two. On the simplex negative params count as 0, and a leaf without a positive one stays what
 * it is; otherwise the sum is 1 after each step, whatever it was before.
 *
 * Laws: on the simplex adding a number to all updates of a leaf changes nothing; two steps are one with the sum of updates; with p = 2 it is
 * the identity, up to rounding.
 *
 * @example
 * const params = { w: new Float64Array([0.5, 0.25, 0.25]) }
 * const [updates] = mirrorMap().update({ w: new Float64Array([Math.log(2), 0, 0]) }, {}, params)
 * applyUpdates(params, updates).w.map((x) => Math.round(1e4 * x) / 1e4) // => Float64Array [0.6667, 0.1667, 0.1667]
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Kivinen and Warmuth (1997), section 4, {@link https://doi.org/10.1006/inco.1996.2612}; Gentile (2003), The Robustness of
 * the p-Norm Algorithms, section 2, {@link https://doi.org/10.1023/A:1026319107706}
 */
export const mirrorMap = (options: MirrorMapOptions = {}): GradientTransformation<EmptyState> => {
  const { map, p } = withDefaults<Required<MirrorMapOptions>>('mirrorMap', options, { map: 'simplex', p: 1.5 })
  check('mirrorMap', { map }, oneOf('simplex', 'entropy', 'pNorm'))
  check('mirrorMap', { p }, upToTwo)
  const moved = map === 'simplex' ? onSimplex : map === 'entropy' ? multiplied : withNorm(p)

  return transformation<EmptyState>({
    origin: ['mirrorMap', { ...options }],
    init: () => ({}),
    update: (updates, state, params) => [
      updatesTo(
        params,
        tree.map((u, w) => moved(w, u), tree.widen(updates), tree.widen(params))
      ),
      state
    ]
  })
}

const upToTwo: Requirement = {
  what: 'in (1, 2]',
  holds: (value) => typeof value === 'number' && value > 1 && value <= 2
}

const onSimplex = (w: Operand, u: Operand): Operand => {
  const shares = max(w, 0)
  // The largest exponent of those that count is 0: nothing overflows, and not all vanish.
  const most = maxOf(where(equal(shares, 0), -Infinity, u))
  const parts = where(equal(shares, 0), 0, mul(shares, exp(sub(u, most))))
  const whole = sum(parts)
  return where(equal(whole, 0), w, div(parts, where(equal(whole, 0), 1, whole)))
}

const multiplied = (w: Operand, u: Operand): Operand => where(equal(w, 0), w, mul(w, exp(u)))

const withNorm =
  (p: number) =>
  (w: Operand, u: Operand): Operand =>
    gradientOf(add(gradientOf(w, p), u), p / (p - 1))

/** The gradient of ‖w‖ₚ² / 2, in units of the largest element, so that powers neither overflow nor vanish all. */
const gradientOf = (w: Operand, p: number): Operand => {
  const unit = maxOf(abs(w))
  const sizes = abs(quotient(w, unit))
  const powers = pow(sizes, p - 1)
  const whole = sum(mul(powers, sizes))
  return mul(mul(unit, where(equal(whole, 0), 0, pow(whole, 2 / p - 1))), mul(sign(w), powers))
}
