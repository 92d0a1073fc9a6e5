import {
  add,
  check,
  div,
  type EmptyState,
  type GradientTransformation,
  mul,
  norm,
  type Operand,
  oneOf,
  positive,
  shapeOf,
  sign,
  transformation,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import {
  fansOf,
  fromMatrices,
  toMatrices,
  type View,
  type WeightDimensionNumbers
} from '../internal/dimensionNumbers.js'
import { ORTHOGONALIZATION, orthogonalizationOf } from '../internal/orthogonalization.js'
import { orOne, spread } from '../internal/stacks.js'
import { someDimensionNumbers, viewAt } from '../internal/views.js'
import { type OrthogonalizeOptions, orthogonalized } from '../orthogonal/orthogonalize.js'

/** Options of {@link scaleByLmo}: those of `orthogonalize`, and these. */
export interface ScaleByLmoOptions extends OrthogonalizeOptions {
  /** The norm of the matrices, see below. @defaultValue `'spectral'` */
  readonly norm?: 'spectral' | 'colNorm' | 'rowNorm' | 'sign' | 'biasRms'
  /** The radius ρ of the ball, finite and > 0. @defaultValue `1` */
  readonly radius?: number
  /** How leaves are seen as matrices. @defaultValue leaves of two axes, `[rows summed over, columns]` */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/**
 * Replaces each leaf by the longest step along it in some norm: the point of the ball of radius ρ in which the loss falls fastest, a linear
 * minimization oracle with its sign turned, as updates are gradients here.
 *
 * For a matrix G that maps i inputs, its rows, to o outputs, its columns:
 *
 *     'spectral'    ρ √(o / i) orthogonalize(G)            of the norm from root mean squares to root mean squares: hidden layers
 *     'colNorm'     ρ √o G, each row divided by its length          from 1-norms to root mean squares: embeddings, one-hot inputs
 *     'rowNorm'     ρ G / √i, each column divided by its length     from root mean squares to maxima: last layers
 *     'sign'        ρ sign(G)                              from 1-norms to maxima: embeddings; last layers with ρ / i
 *     'biasRms'     ρ G / its root mean square
 *
 * The names are those of the paper, whose matrices are `[out, in]`. A leaf that is no matrix is divided by its root mean square, and by
 * `'sign'` made signs. eps is added to lengths and root mean squares as well.
 *
 * Laws: odd; blind to the scale of a gradient when eps = 0; the norm of an update is ρ, but that of zeros, which stay zeros; for
 * `'spectral'` as nearly as `orthogonalize` has it.
 *
 * @example
 * const tx = scaleByLmo({ norm: 'colNorm', eps: 0 })
 * const params = { embedding: ndarray(new Float64Array(6), [3, 2]) }
 * const grads = { embedding: ndarray(new Float64Array([3, 4, 0, 0, -2, 2]), [3, 2]) }
 * tx.update(grads, {}, params)[0].embedding.data // => Float64Array [0.84…, 1.13…, 0, 0, -1, 1]
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Pethick et al. (2025), Training Deep Learning Models with Norm-Constrained LMOs, table 2,
 * {@link https://arxiv.org/abs/2502.07529}
 */
export const scaleByLmo = (options: ScaleByLmoOptions = {}): GradientTransformation<EmptyState> => {
  const chosen = withDefaults<Required<ScaleByLmoOptions>>('scaleByLmo', options, {
    norm: 'spectral',
    radius: 1,
    weightDimensionNumbers: undefined,
    ...ORTHOGONALIZATION
  })
  const { norm: kind, radius, weightDimensionNumbers, eps } = chosen
  const how = orthogonalizationOf('scaleByLmo', chosen)
  check('scaleByLmo', { norm: kind }, oneOf('spectral', 'colNorm', 'rowNorm', 'sign', 'biasRms'))
  check('scaleByLmo', { radius }, positive)
  check('scaleByLmo', { weightDimensionNumbers }, someDimensionNumbers)

  const ofMatrix = (g: Operand, view: View): Operand => {
    const shape = shapeOf(g)
    const [rows, columns] = fansOf(view, shape)
    if (kind === 'colNorm') return alongAxes(g, view.output, radius * Math.sqrt(columns), eps)
    if (kind === 'rowNorm') return alongAxes(g, view.reduction, radius / Math.sqrt(rows), eps)
    if (kind === 'biasRms') {
      return alongAxes(g, [...view.reduction, ...view.output], radius * Math.sqrt(rows * columns), eps)
    }
    const factors = fromMatrices(orthogonalized('scaleByLmo', toMatrices(g, view), how), view, shape)
    return mul(radius * Math.sqrt(columns / rows), factors)
  }

  return transformation<EmptyState>({
    origin: ['scaleByLmo', { ...options }],
    init: () => ({}),
    update: (updates, state) => {
      const longest = tree.mapWithPath((path, g: Operand) => {
        if (kind === 'sign') return mul(radius, sign(g))
        const shape = shapeOf(g)
        const view = viewAt('scaleByLmo', weightDimensionNumbers, path, shape)
        if (view !== null && !shape.includes(0)) return ofMatrix(g, view)
        const all = shape.reduce((n, length) => n * length, 1)
        return mul(radius * Math.sqrt(all), div(g, orOne(add(norm(g), eps * Math.sqrt(all)))))
      }, updates)
      return [longest, state]
    }
  })
}

/** What lies along some axes, brought to a length; what is added to the root mean square is eps. */
const alongAxes = (g: Operand, axes: readonly number[], length: number, eps: number): Value => {
  const shape = shapeOf(g)
  const count = axes.reduce((n, axis) => n * (shape[axis] as number), 1)
  const found = add(norm(g, axes), eps * Math.sqrt(count))
  return mul(length, div(g, spread(orOne(found), shape)))
}
