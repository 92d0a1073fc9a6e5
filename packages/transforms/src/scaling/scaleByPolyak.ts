import {
  add,
  aNumber,
  check,
  div,
  type EmptyState,
  finite,
  type GradientTransformation,
  lessEqual,
  min,
  mul,
  nonNegative,
  oneOf,
  transformation,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Options of {@link scaleByPolyak}. */
export interface ScaleByPolyakOptions {
  /** The least value f* that the loss can have, any finite number. @defaultValue `0` */
  readonly fMin?: number
  /** The longest step γ, finite and ≥ 0. @defaultValue `1` */
  readonly maxLearningRate?: number
  /** Added to the squared norm, finite and ≥ 0. @defaultValue `0` */
  readonly eps?: number
  /** Whether a loss below f* means a step back, `'sps'`, or none, `'sps+'`. @defaultValue `'sps'` */
  readonly variant?: 'sps' | 'sps+'
}

/** What the update of {@link scaleByPolyak} needs to be told. */
export interface ScaleByPolyakExtra {
  /** The value of the loss at the params. */
  readonly value: number
}

/**
 * Multiplies the updates by Polyak's step size: how far the loss is from its least value, over the squared norm.
 *
 * For the updates g, all leaves together, the loss f at the params, and γ = maxLearningRate:
 *
 *     u = min((f − f*) / (‖g‖² + eps), γ) · g           ‖g‖² = Σg², over all elements of all leaves
 *     u = 0                                             where ‖g‖² + eps ≤ 2⁻⁵²
 *
 * With the variant 'sps+' the numerator is max(f − f*, 0).
 *
 * Laws: odd in g; while the bound is not reached and eps = 0, scaling g scales u inversely; a tree and its flattened vector
 * agree; on |x| and with f* = 0 the first step, of −u, is to the minimum.
 *
 * @example
 * const tx = scaleByPolyak()
 * const params = { x: 3, y: -4 }
 * // f = |x| + |y|
 * tx.update({ x: 1, y: -1 }, tx.init(params), params, { value: 7 })[0] // => { x: 1, y: -1 }
 * scaleByPolyak({ maxLearningRate: 8 }).update({ x: 1, y: -1 }, {}, params, { value: 7 })[0] // => { x: 3.5, y: -3.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when the value is no number.
 * @see Loizou et al. (2021), equation 3, {@link https://arxiv.org/abs/2002.10542}
 * @see Berrada, Zisserman and Kumar (2020), Training Neural Networks for and by Interpolation,
 * {@link https://arxiv.org/abs/1906.05661}
 */
export const scaleByPolyak = (
  options: ScaleByPolyakOptions = {}
): GradientTransformation<EmptyState, ScaleByPolyakExtra> => {
  const { fMin, maxLearningRate, eps, variant } = withDefaults<Required<ScaleByPolyakOptions>>(
    'scaleByPolyak',
    options,
    { fMin: 0, maxLearningRate: 1, eps: 0, variant: 'sps' }
  )
  check('scaleByPolyak', { fMin }, finite)
  check('scaleByPolyak', { maxLearningRate, eps }, nonNegative)
  check('scaleByPolyak', { variant }, oneOf('sps', 'sps+'))

  return transformation<EmptyState, ScaleByPolyakExtra>({
    origin: ['scaleByPolyak', { ...options }],
    init: () => ({}),
    update: (updates, state, _params, extra) => {
      const value = extra?.value
      check('scaleByPolyak', { value }, aNumber)
      const gap = variant === 'sps' ? value - fMin : Math.max(value - fMin, 0)
      const divisor = add(tree.squaredNorm(updates), eps)
      const rate = where(lessEqual(divisor, Number.EPSILON), 0, min(div(gap, divisor), maxLearningRate))
      return [tree.map((g) => mul(rate, g), updates), state]
    }
  })
}
