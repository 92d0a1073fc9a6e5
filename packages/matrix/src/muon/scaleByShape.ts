import {
  check,
  type EmptyState,
  type GradientTransformation,
  mul,
  oneOf,
  optional,
  positive,
  shapeOf,
  transformation,
  withDefaults
} from '@gradchain/core'
import { fansOf, type WeightDimensionNumbers } from '../internal/dimensionNumbers.js'
import { mapPlaced } from '../internal/mapPlaced.js'
import { someDimensionNumbers, viewsOfLeaves } from '../internal/views.js'

/** Options of {@link scaleByShape}. */
export interface ScaleByShapeOptions {
  /** Which factor, see below. @defaultValue `'original'` */
  readonly adjustLr?: 'original' | 'matchRmsAdamw' | 'rmsToRms'
  /** The root mean square that updates shall have, finite and > 0, in place of adjustLr. @defaultValue none */
  readonly consistentRms?: number | undefined
  /** How leaves are seen as matrices. @defaultValue leaves of two axes, `[rows summed over, columns]` */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/**
 * Multiplies each matrix by a factor that depends on its shape alone: what makes orthogonal updates of matrices of all shapes alike.
 *
 * With i the number of rows, that are summed over, and o that of columns:
 *
 *     'original'         √max(1, o / i)        Jordan, Optax
 *     'matchRmsAdamw'    0.2 √max(i, o)        the root mean square that AdamW's updates have
 *     'rmsToRms'         √(o / i)              a step of the norm that maps root mean squares to root mean squares
 *     consistentRms: r   r √max(i, o)          a root mean square of r for an orthogonal update
 *
 * PyTorch stores a matrix the other way round, `[out, in]`, and so do those who follow it: to get their factor for such a matrix, say
 * `{ reductionAxis: 1, outputAxis: 0 }`. The sizes are those of the matrix, not of the leaf: of a convolution's kernel all that is summed over.
 *
 * Laws: linear; 1 for square matrices when `'original'` or `'rmsToRms'`.
 *
 * @example
 * const tx = scaleByShape()
 * const params = { w: ndarray(new Float64Array(4), [1, 4]) }
 * const [u] = tx.update({ w: ndarray(new Float64Array([1, 1, 1, 1]), [1, 4]) }, tx.init(params), params)
 * u.w.data // => Float64Array [2, 2, 2, 2]
 *
 * @throws InvalidOption at construction, when an option is outside its range; at init, InvalidTree for a leaf that is no matrix.
 * @see Liu et al. (2025), section 2.2, {@link https://arxiv.org/abs/2502.16982}
 */
export const scaleByShape = (options: ScaleByShapeOptions = {}): GradientTransformation<EmptyState> => {
  const { adjustLr, consistentRms, weightDimensionNumbers } = withDefaults<Required<ScaleByShapeOptions>>(
    'scaleByShape',
    options,
    { adjustLr: 'original', consistentRms: undefined, weightDimensionNumbers: undefined }
  )
  check('scaleByShape', { adjustLr }, oneOf('original', 'matchRmsAdamw', 'rmsToRms'))
  check('scaleByShape', { consistentRms }, optional(positive))
  check('scaleByShape', { weightDimensionNumbers }, someDimensionNumbers)

  const factorOf = (rows: number, columns: number): number => {
    if (consistentRms !== undefined) return consistentRms * Math.sqrt(Math.max(rows, columns))
    if (adjustLr === 'matchRmsAdamw') return 0.2 * Math.sqrt(Math.max(rows, columns))
    return Math.sqrt(adjustLr === 'original' ? Math.max(1, columns / rows) : columns / rows)
  }

  return transformation<EmptyState>({
    origin: ['scaleByShape', { ...options }],
    init: (params) => {
      viewsOfLeaves('scaleByShape', weightDimensionNumbers, params)
      return {}
    },
    update: (updates, state, params) => {
      const views = viewsOfLeaves('scaleByShape', weightDimensionNumbers, params)
      return [mapPlaced((view, g) => mul(factorOf(...fansOf(view, shapeOf(g))), g), views, updates), state]
    }
  })
}
