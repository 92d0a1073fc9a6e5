import {
  check,
  type EmptyState,
  type GradientTransformation,
  mul,
  positive,
  positiveInteger,
  shapeOf,
  transformation,
  withDefaults
} from '@gradchain/core'
import { fansOf, type WeightDimensionNumbers } from '../internal/dimensionNumbers.js'
import { mapPlaced, placesOf } from '../internal/mapPlaced.js'
import { someDimensionNumbers, viewAt } from '../internal/views.js'

/** Options of {@link scaleBySides}. */
export interface ScaleBySidesOptions {
  /** Factor of what is no matrix, or has a side that is too long, finite and > 0. @defaultValue `0.001` */
  readonly otherwise?: number
  /** The longest side of a matrix, a whole number ≥ 1. @defaultValue `10000` */
  readonly maxPreconditionerDim?: number
  /** How leaves are seen as matrices. @defaultValue leaves of two axes, `[rows summed over, columns]` */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/**
 * Divides each matrix by the mean of its sides, and multiplies everything else by a constant: what lets one learning rate do for
 * matrices of all sizes whose updates are signs in some basis.
 *
 * With m rows and n columns:
 *
 *     u = 2 / (m + n) · g          otherwise · g for what is no matrix
 *
 * Laws: linear; stateless.
 *
 * @example
 * const tx = scaleBySides({ otherwise: 0.5 })
 * const params = { w: ndarray(new Float64Array(3), [1, 3]), b: 0 }
 * const [u] = tx.update({ w: ndarray(new Float64Array([4, 0, 2]), [1, 3]), b: 4 }, tx.init(params), params)
 * u // => { w: { dtype: 'float64', shape: [1, 3], data: Float64Array [2, 0, 1] }, b: 2 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Frans, Levine and Abbeel (2025), {@link https://arxiv.org/abs/2506.07254}
 * @see scaleByShape
 */
export const scaleBySides = (options: ScaleBySidesOptions = {}): GradientTransformation<EmptyState> => {
  const { otherwise, maxPreconditionerDim, weightDimensionNumbers } = withDefaults<Required<ScaleBySidesOptions>>(
    'scaleBySides',
    options,
    { otherwise: 0.001, maxPreconditionerDim: 10_000, weightDimensionNumbers: undefined }
  )
  check('scaleBySides', { otherwise }, positive)
  check('scaleBySides', { maxPreconditionerDim }, positiveInteger)
  check('scaleBySides', { weightDimensionNumbers }, someDimensionNumbers)

  return transformation<EmptyState>({
    origin: ['scaleBySides', { ...options }],
    init: () => ({}),
    update: (updates, state, params) => {
      const factors = placesOf((path, leaf) => {
        const shape = shapeOf(leaf)
        const view = viewAt('scaleBySides', weightDimensionNumbers, path, shape)
        if (view === null) return otherwise
        const [rows, columns] = fansOf(view, shape)
        return Math.max(rows, columns) > maxPreconditionerDim ? otherwise : 2 / (rows + columns)
      }, params)
      return [mapPlaced((factor, g) => mul(factor, g), factors, updates), state]
    }
  })
}
