import {
  add,
  check,
  div,
  type EmptyState,
  equal,
  type GradientTransformation,
  inClosedUnitInterval,
  max,
  min,
  mul,
  nonNegative,
  positive,
  type Requirement,
  sub,
  transformation,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { unitwiseNorm } from '../clipping/unitwiseNorm.js'
import { axisOption } from '../internal/axisOption.js'

/** Options of {@link minMaxNorm}. */
export interface MinMaxNormOptions {
  /** Share r of the way to the bound that is gone at each step, in `[0, 1]`. @defaultValue `1` */
  readonly rate?: number
  /** The axis, or axes, along which a unit extends, counted from the end when negative; by default the shape decides. */
  readonly axis?: number | readonly number[] | undefined
}

/**
 * Keeps the weights of each unit between two lengths, or draws them there: Keras's `MinMaxNorm`. With both lengths 1 it is Keras's
 * `UnitNorm`.
 *
 * For each unit g of the updates with the params p, the lengths a and b, and n = ‖p + g‖, by {@link unitwiseNorm}:
 *
 *     u = g                                                       where a ≤ n ≤ b, and where n = 0
 *     u = (p + g) · (r · min(max(n, a), b) + (1 − r) · n) / n − p    elsewhere
 *
 * It stands last in a chain, after the learning rate: what it is given is what is added to the params. For layers whose weights
 * are stored outputs first, as PyTorch's, `{ axis: 1 }` makes a unit a row; to constrain some leaves alone, wrap it in
 * {@link masked}. Keras divides by the norm plus 1e-7, and takes 0 and 1 for the lengths.
 *
 * Laws: with rate 1 a ≤ ‖p + u‖ ≤ b for each unit that is not 0, up to rounding; nothing changes in a unit whose length is between
 * the two, bit for bit; with a = 0 and rate 1 it is {@link maxNorm}; with rate 0 nothing changes, up to rounding.
 *
 * @param shortest - the smallest length a, finite and ≥ 0.
 * @param longest - the largest length b, finite, > 0 and ≥ a.
 *
 * @example
 * const params = { kernel: ndarray([3, 1, 0, 1], [2, 2]) }
 * const [updates] = minMaxNorm(2, 5).update({ kernel: ndarray([3, 0, 8, 0], [2, 2]) }, {}, params)
 * applyUpdates(params, updates) // => { kernel: { dtype: 'float32', shape: [2, 2], data: Float32Array [3, 1.41…, 4, 1.41…] } }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, as {@link unitwiseNorm}.
 * @see maxNorm
 */
export const minMaxNorm = (
  shortest: number,
  longest: number,
  options: MinMaxNormOptions = {}
): GradientTransformation<EmptyState> => {
  const { rate, axis } = withDefaults<Required<MinMaxNormOptions>>('minMaxNorm', options, { rate: 1, axis: undefined })
  check('minMaxNorm', { shortest }, nonNegative)
  check('minMaxNorm', { longest }, atLeast(shortest))
  check('minMaxNorm', { rate }, inClosedUnitInterval)
  check('minMaxNorm', { axis }, axisOption)

  return transformation<EmptyState>({
    origin: ['minMaxNorm', shortest, longest, { ...options }],
    init: () => ({}),
    update: (updates, state, params) => {
      const kept = tree.map(
        (g, p) => {
          const moved = add(p, g)
          const length = unitwiseNorm(moved, { axis })
          const bounded = min(max(length, shortest), longest)
          const isIn = equal(bounded, length)
          const wanted = add(mul(rate, bounded), mul(1 - rate, length))
          // Over the length first: what is shorter than all that can be divided by has no direction, and stays.
          const direction = div(moved, where(equal(length, 0), 1, length))
          return where(isIn, g, sub(mul(direction, wanted), p))
        },
        updates,
        params
      )
      return [kept, state]
    }
  })
}

const atLeast = (shortest: number): Requirement => ({
  what: `a finite number > 0 and ≥ shortest, which is ${shortest}`,
  holds: (value) => positive.holds(value) && (value as number) >= shortest
})
