import {
  add,
  biasCorrection,
  boolean,
  castLike,
  check,
  type DType,
  dot,
  type GradientTransformation,
  inUnitInterval,
  mul,
  type Operand,
  oneOf,
  optional,
  shapeOf,
  sign,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { fromMatrices, toMatrices, type WeightDimensionNumbers } from '../internal/dimensionNumbers.js'
import { mapPlaced } from '../internal/mapPlaced.js'
import { MOMENTUM } from '../internal/momentum.js'
import { orthogonalizationOf } from '../internal/orthogonalization.js'
import { someDimensionNumbers, viewsOfLeaves } from '../internal/views.js'
import { type OrthogonalizeOptions, orthogonalized } from '../orthogonal/orthogonalize.js'

/** Options of {@link scaleByMuon}: those of `orthogonalize`, and these. */
export interface ScaleByMuonOptions extends OrthogonalizeOptions {
  /** Decay rate β of the momentum, in `[0, 1)`. @defaultValue `0.95` */
  readonly beta?: number
  /** The dtype of the momentum. @defaultValue that of the params, float32 where it is of 16 bits */
  readonly muDtype?: DType | undefined
  /** Whether the momentum looks one step ahead. @defaultValue `true` */
  readonly nesterov?: boolean
  /** Whether the momentum is made up for its start at zero, as in Optax; PyTorch and Jordan do not. @defaultValue `true` */
  readonly debias?: boolean
  /** Whether the update is multiplied by its inner product with the momentum, the dual norm. @defaultValue `false` */
  readonly adaptive?: boolean
  /** Whether it is the signs of the momentum that are made orthogonal, as AdaMuon's authors do. @defaultValue `false` */
  readonly ofSigns?: boolean
  /** How leaves are seen as matrices. @defaultValue leaves of two axes, `[rows summed over, columns]` */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/** State of {@link scaleByMuon}. */
export interface ScaleByMuonState {
  /** How many updates were seen. */
  readonly count: number
  /** The momentum m, shaped like the params. */
  readonly mu: Tree
}

/**
 * Muon: replaces each matrix of momentum by its orthogonal factor, so that all its directions move alike.
 *
 * For each leaf, at step t = 1, 2, …, from m₀ = 0:
 *
 *     mₜ = β mₜ₋₁ + (1 − β) g
 *     m̂ = β mₜ / (1 − βᵗ⁺¹) + (1 − β) g / (1 − βᵗ)        mₜ / (1 − βᵗ) without nesterov
 *     uₜ = orthogonalize(m̂)
 *
 * and without debias m̂ = β mₜ + (1 − β) g, or mₜ; when adaptive uₜ is multiplied by ⟨m̂, uₜ⟩; with ofSigns it is sign(m̂) that is made
 * orthogonal.
 *
 * A leaf with more axes is a matrix, or a stack of them, by its dimension numbers: a convolution's kernel `[height, width, in, out]` is one
 * with `{ reductionAxis: [0, 1, 2], outputAxis: 3 }`, a stack of heads `[heads, in, out]` as many as there are heads with
 * `{ reductionAxis: 1, outputAxis: 2 }`.
 *
 * Laws: odd in the gradient; blind to its scale when eps = 0 and not adaptive; every singular value of an update is in the band of
 * `orthogonalize`; a transposed problem with exchanged dimension numbers takes transposed steps.
 *
 * @example
 * const tx = scaleByMuon({ method: 'svd' })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const grads = { w: ndarray(new Float64Array([3, 0, 0, 0.1]), [2, 2]) }
 * tx.update(grads, tx.init(params), params)[0] // => { w: { dtype: 'float64', shape: [2, 2], data: Float64Array [1, 0, 0, 1] } }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at init, InvalidTree for a leaf that is no matrix, by
 * its path.
 * @see Jordan (2024), {@link https://kellerjordan.github.io/posts/muon}
 */
export const scaleByMuon = (options: ScaleByMuonOptions = {}): GradientTransformation<ScaleByMuonState> => {
  const chosen = withDefaults<Required<ScaleByMuonOptions>>('scaleByMuon', options, MOMENTUM)
  const { beta, muDtype, nesterov, debias, adaptive, ofSigns, weightDimensionNumbers } = chosen
  const how = orthogonalizationOf('scaleByMuon', chosen)
  check('scaleByMuon', { beta }, inUnitInterval)
  check('scaleByMuon', { muDtype }, optional(oneOf('float32', 'float64', 'bfloat16', 'float16')))
  check('scaleByMuon', { nesterov, debias, adaptive, ofSigns }, boolean)
  check('scaleByMuon', { weightDimensionNumbers }, someDimensionNumbers)

  const meanOf = (g: Operand, m: Operand, count: number): Operand => {
    const [now, ahead] = debias ? [biasCorrection(m, beta, count), biasCorrection(m, beta, count + 1)] : [m, m]
    if (!nesterov) return now
    return add(mul(beta, ahead), mul(1 - beta, debias ? biasCorrection(g, beta, count) : g))
  }

  return transformation<ScaleByMuonState>({
    origin: ['scaleByMuon', { ...options }],
    init: (params) => {
      viewsOfLeaves('scaleByMuon', weightDimensionNumbers, params)
      return { count: 0, mu: tree.zerosLike(tree.widen(params), muDtype) }
    },
    update: (updates, state, params) => {
      const count = state.count + 1
      const views = viewsOfLeaves('scaleByMuon', weightDimensionNumbers, params)
      const mu = tree.map((g, m) => updateMoment(g, m, beta, 1), updates, state.mu)
      const moved = mapPlaced(
        (view, g, m) => {
          const mean = meanOf(g, m, count)
          const turned = toMatrices(ofSigns ? sign(mean) : mean, view)
          const factor = fromMatrices(orthogonalized('scaleByMuon', turned, how), view, shapeOf(g))
          return adaptive ? mul(dot(castLike(mean, factor), factor), factor) : factor
        },
        views,
        updates,
        mu
      )
      return [moved, { count, mu: tree.castLike(mu, state.mu) }]
    }
  })
}
