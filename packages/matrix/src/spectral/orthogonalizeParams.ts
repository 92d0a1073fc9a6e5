import {
  check,
  type EmptyState,
  type GradientTransformation,
  paramsAfter,
  shapeOf,
  transformation,
  updatesTo,
  withDefaults
} from '@gradchain/core'
import { fromMatrices, toMatrices, type WeightDimensionNumbers } from '../internal/dimensionNumbers.js'
import { mapPlaced, placesOf } from '../internal/mapPlaced.js'
import { ORTHOGONALIZATION, orthogonalizationOf } from '../internal/orthogonalization.js'
import { someDimensionNumbers, viewAt } from '../internal/views.js'
import { type OrthogonalizeOptions, orthogonalized } from '../orthogonal/orthogonalize.js'

/** Options of {@link orthogonalizeParams}: those of `orthogonalize`, with another method by default, and these. */
export interface OrthogonalizeParamsOptions extends OrthogonalizeOptions {
  /** How the orthogonal factor is computed. @defaultValue `'polarExpress'` */
  readonly method?: 'newtonSchulz' | 'polarExpress' | 'svd'
  /** How many times the polynomial is applied, a whole number ≥ 1. @defaultValue `8` */
  readonly steps?: number
  /** How leaves are seen as matrices; all others are left alone. @defaultValue leaves of two axes */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/**
 * Keeps matrices orthogonal: after each step they are the orthogonal factor of what the update would have made of them.
 *
 *     u = orthogonalize(p + g) − p
 *
 * It stands last in a chain, after the learning rate; with a small step it is steepest descent along the orthogonal matrices, retracted by the
 * polar decomposition. By default `{ method: 'polarExpress', steps: 8 }`, which has singular values above 0.001 of the norm to within 1e-6; `'svd'` is
 * exact, and slow for large matrices. A singular value of 0 stays 0.
 *
 * Laws: afterwards Wᵀ W = I, or W Wᵀ = I where it is wide, as nearly as the method has it; with g = 0 what is orthogonal stays what it
 * is, up to rounding; leaves that are no matrices pass unchanged.
 *
 * @example
 * const params = { w: ndarray(new Float64Array([1, 0, 0, 1]), [2, 2]), b: new Float64Array([5]) }
 * const grads = { w: ndarray(new Float64Array([0, 0, 0, 2]), [2, 2]), b: new Float64Array([1]) }
 * const [u] = orthogonalizeParams({ method: 'svd' }).update(grads, {}, params)
 * applyUpdates(params, u).w.data // => Float64Array [1, 0, 0, 1]
 * u.b // => Float64Array [1]
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Absil and Malick (2012), Projection-like Retractions on Matrix Manifolds, {@link https://doi.org/10.1137/100802529}
 */
export const orthogonalizeParams = (options: OrthogonalizeParamsOptions = {}): GradientTransformation<EmptyState> => {
  const chosen = withDefaults<Required<OrthogonalizeParamsOptions>>('orthogonalizeParams', options, {
    ...ORTHOGONALIZATION,
    method: 'polarExpress',
    steps: 8,
    weightDimensionNumbers: undefined
  })
  const { weightDimensionNumbers } = chosen
  const how = orthogonalizationOf('orthogonalizeParams', chosen)
  check('orthogonalizeParams', { weightDimensionNumbers }, someDimensionNumbers)

  return transformation<EmptyState>({
    origin: ['orthogonalizeParams', { ...options }],
    init: () => ({}),
    update: (updates, state, params) => {
      const views = placesOf(
        (path, p) => viewAt('orthogonalizeParams', weightDimensionNumbers, path, shapeOf(p)),
        params
      )
      const targets = mapPlaced(
        (view, p) => {
          if (view === null) return p
          return fromMatrices(orthogonalized('orthogonalizeParams', toMatrices(p, view), how), view, shapeOf(p))
        },
        views,
        paramsAfter(params, updates)
      )
      const moved = mapPlaced((view, g, u) => (view === null ? g : u), views, updates, updatesTo(params, targets))
      return [moved, state]
    }
  })
}
