import {
  add,
  broadcast,
  check,
  div,
  type Expr,
  finite,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  type Operand,
  positive,
  positiveInteger,
  shapeOf,
  sqrt,
  sub,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { growthLimited, lengthening } from '../internal/channels.js'
import { fromMatrices, toMatrices, type WeightDimensionNumbers } from '../internal/dimensionNumbers.js'
import { mapPlaced, type Places, placesOf } from '../internal/mapPlaced.js'
import { backShort, projectedShort, type ShortSide, shortSideOf } from '../internal/shortSide.js'
import { subspaceOf } from '../internal/subspace.js'
import { someDimensionNumbers, viewAt } from '../internal/views.js'
import { wideDtype } from '../internal/wideDtype.js'
import { zeros } from '../internal/zeros.js'

/** Options of {@link scaleByFira}. */
export interface ScaleByFiraOptions {
  /** How many directions r of a matrix have moments, a whole number ≥ 1; no more than its shorter side has. @defaultValue `128` */
  readonly rank?: number
  /** After how many steps the directions are chosen anew, a whole number ≥ 1. @defaultValue `200` */
  readonly updateProjGap?: number
  /** Factor of what is brought back from the directions, finite. @defaultValue `1` */
  readonly scale?: number
  /** By which factor the norm of what is outside of the directions may grow from step to step, finite and > 0. @defaultValue `1.01` */
  readonly maxGrowth?: number
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, finite and ≥ 0. @defaultValue `1e-6` */
  readonly eps?: number
  /** How leaves are seen as matrices. @defaultValue leaves of two axes, `[rows summed over, columns]` */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/** State of {@link scaleByFira}. */
export interface ScaleByFiraState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m: of a matrix of its projection, `[r, n]` or `[m, r]`; of other leaves shaped like the leaf. */
  readonly mu: Tree
  /** Second moment v, shaped like m. */
  readonly nu: Tree
  /** Of a matrix its directions P, `[d, r]` with d its shorter side; 0 for other leaves. */
  readonly projector: Tree
  /** The norm of the last S of a matrix; of a stack `[stack, 1, 1]`; 0 for other leaves. */
  readonly norm: Tree
}

/**
 * Fira: GaLore's Adam in the few directions in which a gradient is largest, and the rest of the gradient as well, as long as Adam would make
 * it judged by these directions. Moments are as small as those are few, and the updates have full rank.
 *
 * For a matrix G of m < n (of m ≥ n with all of it transposed) at step t = 1, 2, …, with its singular value decomposition G = U Σ Vᵀ:
 *
 *     P ← the first r columns of U                    when (t − 1) mod updateProjGap = 0
 *     R = Pᵀ G                                        r × n
 *     N = m / (√v + eps)                              of Adam's moments of R
 *     sⱼ = ‖N₍ⱼ₎‖ / (‖R₍ⱼ₎‖ + 1e-8)                   of each column j
 *     S = (G − scale · P R) diag(s)
 *     S ← S · maxGrowth ‖Sₜ₋₁‖ / ‖S‖                  where ‖S‖ is larger than that, but for the first step
 *     u = √(1 − β₂ᵗ) / (1 − β₁ᵗ) · (scale · P N + S)
 *
 * Leaves that are no matrices go through Adam with the same eps, which stands before the correction for the start. A leaf with more axes is a
 * matrix, or a stack of them, by its dimension numbers. That a scale other than 1 leaves a part of P R in S is so in the program of the authors;
 * there the norm of an S of zeros is one to grow from, which is not so here.
 *
 * Laws: odd in the gradient; with the full rank and scale 1 it is GaLore's update with Adam, up to rounding; each column of S is a
 * multiple ≥ 0 of that of G − scale · P R.
 *
 * @example
 * const tx = scaleByFira({ rank: 1 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const [u] = tx.update({ w: ndarray(new Float64Array([5, 0, 0, 1]), [2, 2]) }, tx.init(params), params)
 * u.w.data // => Float64Array [0.99…, 0, 0, 0]
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Chen et al. (2024), {@link https://arxiv.org/abs/2410.01623}
 * @see scaleByGalore, scaleByApollo
 */
export const scaleByFira = (options: ScaleByFiraOptions = {}): GradientTransformation<ScaleByFiraState> => {
  const { rank, updateProjGap, scale, maxGrowth, b1, b2, eps, weightDimensionNumbers } = withDefaults<
    Required<ScaleByFiraOptions>
  >('scaleByFira', options, {
    rank: 128,
    updateProjGap: 200,
    scale: 1,
    maxGrowth: 1.01,
    b1: 0.9,
    b2: 0.999,
    eps: 1e-6,
    weightDimensionNumbers: undefined
  })
  check('scaleByFira', { rank, updateProjGap }, positiveInteger)
  check('scaleByFira', { scale }, finite)
  check('scaleByFira', { maxGrowth }, positive)
  check('scaleByFira', { b1, b2 }, inUnitInterval)
  check('scaleByFira', { eps }, nonNegative)
  check('scaleByFira', { weightDimensionNumbers }, someDimensionNumbers)

  const matricesIn = (params: Tree): Places<ShortSide | null> =>
    placesOf((path, leaf) => {
      const shape = shapeOf(leaf)
      const view = viewAt('scaleByFira', weightDimensionNumbers, path, shape)
      return view === null ? null : shortSideOf(view, shape, rank)
    }, params)
  const projected = (places: Places<ShortSide | null>, leaves: Tree, projector: Tree): Tree =>
    mapPlaced((matrix, x, p) => (matrix === null ? x : projectedShort(matrix, x, p)), places, leaves, projector)

  return transformation<ScaleByFiraState>({
    origin: ['scaleByFira', { ...options }],
    init: (params) => {
      const places = matricesIn(params)
      const projector = mapPlaced(
        (matrix, p) => (matrix === null ? 0 : zeros([...matrix.batch, matrix.side, matrix.rank], wideDtype(p))),
        places,
        params
      )
      const small = projected(places, tree.widen(params), projector)
      return {
        count: 0,
        mu: tree.zerosLike(small),
        nu: tree.zerosLike(small),
        projector,
        norm: mapPlaced(
          (matrix, p) =>
            matrix === null || matrix.batch.length === 0 ? 0 : zeros([...matrix.batch, 1, 1], wideDtype(p)),
          places,
          params
        )
      }
    },
    update: (updates, state, params) => {
      const count = state.count + 1
      const places = matricesIn(params)
      const projector =
        state.count % updateProjGap === 0
          ? mapPlaced(
              (matrix, g, p) => (matrix === null ? 0 : directionsOf(matrix, g, p)),
              places,
              updates,
              state.projector
            )
          : state.projector
      const small = projected(places, updates, projector)
      const mu = tree.map((r, m) => updateMoment(r, m, b1, 1), small, state.mu)
      const nu = tree.map((r, v) => updateMoment(r, v, b2, 2), small, state.nu)
      const adam = tree.map((m, v) => div(m, add(sqrt(v), eps)), mu, nu)
      const rest = mapPlaced(
        (matrix, g, r, n, p) => {
          if (matrix === null) return 0
          const whole = toMatrices(g, matrix.view)
          const outside = sub(whole, mul(scale, backShort(matrix, r, p)))
          return mul(outside, lengthening(matrix, whole, r, n, 'channel'))
        },
        places,
        updates,
        small,
        adam,
        projector
      )
      const { limits, norms } = growthLimited(places, rest, state.norm, maxGrowth)
      const size = Math.sqrt(1 - integerPower(b2, count)) / (1 - integerPower(b1, count))
      const scaled = mapPlaced(
        (matrix, n, s, limit, p, g) => {
          if (matrix === null) return mul(n, size)
          const limited = mul(s, matrix.batch.length === 0 ? limit : broadcast(limit, shapeOf(s)))
          const whole = add(mul(scale, backShort(matrix, n, p)), limited)
          return mul(size, fromMatrices(whole, matrix.view, shapeOf(g)))
        },
        places,
        adam,
        rest,
        limits,
        projector,
        updates
      )
      const next = {
        count,
        mu: tree.castLike(mu, state.mu),
        nu: tree.castLike(nu, state.nu),
        projector,
        norm: tree.castLike(norms, state.norm)
      }
      return [scaled, next]
    }
  })
}

/** The first singular vectors of the shorter side. */
const directionsOf = ({ view, rank, isLeft }: ShortSide, g: Operand, p: Operand): Expr => {
  const before = { left: isLeft ? p : 0, right: isLeft ? 0 : p }
  return subspaceOf('scaleByFira', toMatrices(g, view), rank, before)[isLeft ? 'left' : 'right']
}
