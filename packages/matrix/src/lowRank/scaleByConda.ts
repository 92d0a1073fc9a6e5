import {
  add,
  check,
  div,
  finite,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  positiveInteger,
  shapeOf,
  sqrt,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { fromMatrices, toMatrices, type WeightDimensionNumbers } from '../internal/dimensionNumbers.js'
import { mapPlaced, type Places, placesOf } from '../internal/mapPlaced.js'
import { backShort, projectedShort, type ShortSide, shortSideOf } from '../internal/shortSide.js'
import { subspaceOf } from '../internal/subspace.js'
import { someDimensionNumbers, viewAt } from '../internal/views.js'
import { wideDtype } from '../internal/wideDtype.js'
import { zeros } from '../internal/zeros.js'

/** Options of {@link scaleByConda}. */
export interface ScaleByCondaOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** After how many steps the basis is computed anew, a whole number ≥ 1. @defaultValue `2000` */
  readonly updateProjGap?: number
  /** Factor of the updates of the matrices, finite. @defaultValue `1` */
  readonly scale?: number
  /** How leaves are seen as matrices. @defaultValue leaves of two axes, `[rows summed over, columns]` */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/** State of {@link scaleByConda}. */
export interface ScaleByCondaState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment M, shaped like the params. */
  readonly mu: Tree
  /** Second moment v: of a matrix in its basis, `[…, m, n]`; of other leaves shaped like the leaf. */
  readonly nu: Tree
  /** Of a matrix the singular vectors P of its shorter side, `[…, d, d]`; 0 for other leaves. */
  readonly projector: Tree
}

/**
 * Adam in the singular vectors of the momentum, on the shorter side of each matrix: Conda, without the learning rate. All directions
 * are kept, none of the gradient is lost.
 *
 * For each matrix G of m < n (of m ≥ n with all of it transposed) at step t = 1, 2, …, from M₀ = v₀ = 0:
 *
 *     Mₜ = β₁ Mₜ₋₁ + (1 − β₁) G
 *     P ← the left singular vectors of Mₜ                      when (t − 1) mod updateProjGap = 0
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) (Pᵀ G)²
 *     u = scale · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · P (Pᵀ Mₜ / (√vₜ + eps))
 *
 * A leaf that is no matrix goes through Adam with the same eps, which stands before the correction for the start. A leaf with more axes is a
 * matrix, or a stack of them, by its dimension numbers. As in the program of the authors v is not turned where P is computed anew.
 *
 * Laws: odd in the gradient; blind to its scale when eps = 0; of a matrix whose momentum is diagonal it is Adam.
 *
 * @example
 * const tx = scaleByConda()
 * const params = { w: ndarray(new Float64Array(4), [2, 2]), b: 0 }
 * const [u] = tx.update({ w: ndarray(new Float64Array([3, 0, 0, -4]), [2, 2]), b: 5 }, tx.init(params), params)
 * u.b.toFixed(4) // => '1.0000'
 * u.w.data // => Float64Array [0.99…, 0, 0, -0.99…]
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Wang et al. (2025), Conda: Column-Normalized Adam for Training Large Language Models Faster,
 * {@link https://arxiv.org/abs/2509.24218}
 * @see scaleByGalore, scaleBySoap
 */
export const scaleByConda = (options: ScaleByCondaOptions = {}): GradientTransformation<ScaleByCondaState> => {
  const { b1, b2, eps, updateProjGap, scale, weightDimensionNumbers } = withDefaults<Required<ScaleByCondaOptions>>(
    'scaleByConda',
    options,
    { b1: 0.9, b2: 0.999, eps: 1e-8, updateProjGap: 2000, scale: 1, weightDimensionNumbers: undefined }
  )
  check('scaleByConda', { b1, b2 }, inUnitInterval)
  check('scaleByConda', { eps }, nonNegative)
  check('scaleByConda', { updateProjGap }, positiveInteger)
  check('scaleByConda', { scale }, finite)
  check('scaleByConda', { weightDimensionNumbers }, someDimensionNumbers)

  const matricesIn = (params: Tree): Places<ShortSide | null> =>
    placesOf((path, leaf) => {
      const shape = shapeOf(leaf)
      const view = viewAt('scaleByConda', weightDimensionNumbers, path, shape)
      return view === null ? null : shortSideOf(view, shape, Number.POSITIVE_INFINITY)
    }, params)
  const projected = (places: Places<ShortSide | null>, leaves: Tree, projector: Tree): Tree =>
    mapPlaced((matrix, x, p) => (matrix === null ? x : projectedShort(matrix, x, p)), places, leaves, projector)

  return transformation<ScaleByCondaState>({
    origin: ['scaleByConda', { ...options }],
    init: (params) => {
      const places = matricesIn(params)
      const wide = tree.widen(params)
      return {
        count: 0,
        mu: tree.zerosLike(wide),
        nu: tree.zerosLike(mapPlaced((matrix, p) => (matrix === null ? p : toMatrices(p, matrix.view)), places, wide)),
        projector: mapPlaced(
          (matrix, p) => (matrix === null ? 0 : zeros([...matrix.batch, matrix.side, matrix.side], wideDtype(p))),
          places,
          params
        )
      }
    },
    update: (updates, state, params) => {
      const count = state.count + 1
      const places = matricesIn(params)
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const projector =
        state.count % updateProjGap === 0
          ? mapPlaced(
              (matrix, m, p) => {
                if (matrix === null) return 0
                const { view, side, isLeft } = matrix
                const before = { left: isLeft ? p : 0, right: isLeft ? 0 : p }
                return subspaceOf('scaleByConda', toMatrices(m, view), side, before)[isLeft ? 'left' : 'right']
              },
              places,
              mu,
              state.projector
            )
          : state.projector
      const [means, grads] = [projected(places, mu, projector), projected(places, updates, projector)]
      const nu = tree.map((r, v) => updateMoment(r, v, b2, 2), grads, state.nu)
      const size = Math.sqrt(1 - integerPower(b2, count)) / (1 - integerPower(b1, count))
      const scaled = mapPlaced(
        (matrix, m, v, p, g) => {
          const adam = div(mul(m, size), add(sqrt(v), eps))
          return matrix === null ? adam : mul(scale, fromMatrices(backShort(matrix, adam, p), matrix.view, shapeOf(g)))
        },
        places,
        means,
        nu,
        projector,
        updates
      )
      return [scaled, { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu), projector }]
    }
  })
}
