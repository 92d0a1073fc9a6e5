import {
  add,
  check,
  div,
  type EmptyState,
  type GradientTransformation,
  lessEqual,
  mul,
  positive,
  sub,
  transformation,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { unitwiseNorm } from '../clipping/unitwiseNorm.js'
import { axisOption } from '../internal/axisOption.js'

/** Options of {@link maxNorm}. */
export interface MaxNormOptions {
  /** The axis, or axes, along which a unit extends, counted from the end when negative; by default the shape decides. */
  readonly axis?: number | readonly number[] | undefined
}

/**
 * Keeps the weights of each unit at a maximal length: where an update would make them longer, they are shortened.
 *
 * For each unit g of the updates with the params p, c = limit, and the norms of {@link unitwiseNorm}:
 *
 *     u = g                                 where ‖p + g‖ ≤ c
 *     u = (p + g) · c / ‖p + g‖ − p         elsewhere
 *
 * It stands last in a chain, after the learning rate: what it is given is what is added to the params. For layers whose weights
 * are stored outputs first, as PyTorch's, `{ axis: 1 }` makes a unit a row; to constrain some leaves alone, wrap it in
 * {@link masked}. Keras's `MaxNorm` divides by the norm plus 1e-7.
 *
 * Laws: ‖p + u‖ ≤ c for each unit, up to rounding; nothing changes in a unit that stays shorter, bit for bit; each leaf is
 * treated as if it were alone.
 *
 * @param limit - the largest length c, finite and > 0.
 *
 * @example
 * const params = { kernel: ndarray([3, 1, 0, 1], [2, 2]) }
 * const [updates] = maxNorm(5).update({ kernel: ndarray([3, 0, 8, 0], [2, 2]) }, {}, params)
 * applyUpdates(params, updates) // => { kernel: { dtype: 'float32', shape: [2, 2], data: Float32Array [3, 1, 4, 1] } }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, as {@link unitwiseNorm}.
 * @see Srebro, Rennie and Jaakkola (2004), Maximum-Margin Matrix Factorization,
 * {@link https://papers.nips.cc/paper/2655-maximum-margin-matrix-factorization}
 * @see Srivastava et al. (2014), section 5.1, {@link https://jmlr.org/papers/v15/srivastava14a.html}
 */
export const maxNorm = (limit: number, options: MaxNormOptions = {}): GradientTransformation<EmptyState> => {
  const { axis } = withDefaults<Required<MaxNormOptions>>('maxNorm', options, { axis: undefined })
  check('maxNorm', { limit }, positive)
  check('maxNorm', { axis }, axisOption)

  return transformation<EmptyState>({
    origin: ['maxNorm', limit, { ...options }],
    init: () => ({}),
    update: (updates, state, params) => {
      const kept = tree.map(
        (g, p) => {
          const moved = add(p, g)
          const length = unitwiseNorm(moved, { axis })
          return where(lessEqual(length, limit), g, sub(mul(moved, div(limit, length)), p))
        },
        updates,
        params
      )
      return [kept, state]
    }
  })
}
