import {
  add,
  biasCorrection,
  broadcast,
  check,
  div,
  type GradientTransformation,
  inUnitInterval,
  type Key,
  keyOrSeed,
  mul,
  nonNegative,
  type Operand,
  oneOf,
  positive,
  positiveInteger,
  required,
  shapeOf,
  sqrt,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import { growthLimited, lengthening } from '../internal/channels.js'
import { fromMatrices, toMatrices, type WeightDimensionNumbers } from '../internal/dimensionNumbers.js'
import { mapPlaced, type Places, placesOf } from '../internal/mapPlaced.js'
import { projectedShort, type ShortSide, shortSideOf } from '../internal/shortSide.js'
import { subspaceOf } from '../internal/subspace.js'
import { someDimensionNumbers, viewAt } from '../internal/views.js'
import { wideDtype } from '../internal/wideDtype.js'
import { zeros } from '../internal/zeros.js'

/** Options of {@link scaleByApollo}; the key must be given. */
export interface ScaleByApolloOptions {
  /** Where projections come from: a key, or a whole number for the key of that seed. */
  readonly key: Key | number
  /** How many directions r a gradient is projected onto, a whole number ≥ 1; no more than its shorter side has. @defaultValue `256` */
  readonly rank?: number
  /** What has a factor of its own: each row or column of the longer side, `'channel'`, or the matrix, `'tensor'`. @defaultValue `'channel'` */
  readonly scaleType?: 'channel' | 'tensor'
  /** Factor of the updates of the matrices, finite and > 0; √128 for a rank of 1 in the reference. @defaultValue `1` */
  readonly scale?: number
  /** After how many steps the projections are drawn anew, a whole number ≥ 1. @defaultValue `200` */
  readonly updateProjGap?: number
  /** Whether directions are drawn, `'random'`, or the singular vectors of the gradient, `'svd'`. @defaultValue `'random'` */
  readonly projection?: 'random' | 'svd'
  /** By which factor the norm of an update may grow from step to step, finite and > 0. @defaultValue `1.01` */
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

/** State of {@link scaleByApollo}. */
export interface ScaleByApolloState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m: of a matrix of its projection, `[r, n]` or `[m, r]`; of other leaves shaped like the leaf. */
  readonly mu: Tree
  /** Second moment v, shaped like m. */
  readonly nu: Tree
  /** Of a matrix its directions P, `[d, r]` with d its shorter side; 0 for other leaves. */
  readonly projector: Tree
  /** The norm of the last update of a matrix, before scale; of a stack `[stack, 1, 1]`; 0 for other leaves. */
  readonly norm: Tree
  /** The key for the projections to come. */
  readonly rngKey: Key
}

/**
 * APOLLO: plain gradients, of which every row or column is made as long as Adam would make it, judged by a random projection in which Adam's moments
 * are small.
 *
 * For a matrix G of m ≤ n (of m > n transposed) at step t = 1, 2, …, with normal numbers of variance 1 / r in P, drawn at the first step and
 * updateProjGap steps after:
 *
 *     R = Pᵀ G                                        r × n
 *     R̂ = Adam's update for R, m̂ / (√v̂ + eps)
 *     sⱼ = ‖R̂₍ⱼ₎‖ / (‖R₍ⱼ₎‖ + 1e-8)                   of each column j; or s = ‖R̂‖ / (‖R‖ + 1e-8) when scaleType is 'tensor'
 *     U = G diag(s)
 *     U ← U · maxGrowth ‖Uₜ₋₁‖ / ‖U‖                  where ‖U‖ is larger than that, but for the first step
 *     u = scale · U
 *
 * Leaves that are no matrices go through Adam. A leaf with more axes is a matrix, or a stack of them, by its dimension numbers. A matrix keeps 2 r n + m r
 * numbers. APOLLO-Mini is `{ rank: 1, scaleType: 'tensor', scale: Math.sqrt(128) }`; there the reference has `scale: 128` and takes the root.
 *
 * Laws: each column of an update is a multiple ≥ 0 of that of the gradient; with the full rank of directions that are orthonormal, and maxGrowth out of
 * reach, its norm is that of GaLore's update, but for the 1e-8; the norm of U never grows faster than that; the same key gives the same updates.
 *
 * The reference corrects moments for their start after the limit of growth, here it is before, as in the paper. Of zeros the update is zero. A NaN or
 * infinity stays in the moments: skip such gradients, with `skipNotFinite`.
 *
 * @example
 * const tx = scaleByApollo({ key: 0, rank: 1, scaleType: 'tensor', eps: 0 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const grads = { w: ndarray(new Float64Array([3, 4, 3, 4]), [2, 2]) }
 * const [u] = tx.update(grads, tx.init(params), params)
 * u.w.data // => Float64Array [0.48…, 0.64…, 0.48…, 0.64…]
 *
 * @throws InvalidOption at construction, when an option is missing or outside its range.
 * @see Zhu et al. (2024), algorithm 1, {@link https://arxiv.org/abs/2412.05270}; Chen et al. (2024), Fira: Can We Achieve
 * Full-rank Training of LLMs Under Low-rank Constraint?, for the limit of growth, {@link https://arxiv.org/abs/2410.01623}
 */
export const scaleByApollo = (options: ScaleByApolloOptions): GradientTransformation<ScaleByApolloState> => {
  const chosen = withDefaults<Required<ScaleByApolloOptions>>('scaleByApollo', options, {
    key: required,
    rank: 256,
    scaleType: 'channel',
    scale: 1,
    updateProjGap: 200,
    projection: 'random',
    maxGrowth: 1.01,
    b1: 0.9,
    b2: 0.999,
    eps: 1e-6,
    weightDimensionNumbers: undefined
  })
  const { key, rank, scaleType, scale, updateProjGap, projection, maxGrowth, b1, b2, eps } = chosen
  const { weightDimensionNumbers } = chosen
  check('scaleByApollo', { key }, keyOrSeed)
  check('scaleByApollo', { rank, updateProjGap }, positiveInteger)
  check('scaleByApollo', { scaleType }, oneOf('channel', 'tensor'))
  check('scaleByApollo', { scale, maxGrowth }, positive)
  check('scaleByApollo', { projection }, oneOf('random', 'svd'))
  check('scaleByApollo', { b1, b2 }, inUnitInterval)
  check('scaleByApollo', { eps }, nonNegative)
  check('scaleByApollo', { weightDimensionNumbers }, someDimensionNumbers)
  const first = typeof key === 'number' ? random.key(key) : key

  const matricesIn = (params: Tree): Places<ShortSide | null> =>
    placesOf((path, leaf) => {
      const shape = shapeOf(leaf)
      const view = viewAt('scaleByApollo', weightDimensionNumbers, path, shape)
      return view === null ? null : shortSideOf(view, shape, rank)
    }, params)
  const projected = (places: Places<ShortSide | null>, leaves: Tree, projector: Tree): Tree =>
    mapPlaced((matrix, x, p) => (matrix === null ? x : projectedShort(matrix, x, p)), places, leaves, projector)
  const chosenBy = (places: Places<ShortSide | null>, updates: Tree, state: ScaleByApolloState, drawing: Key): Tree => {
    if (projection === 'svd') {
      return mapPlaced(
        (matrix, g, p) => (matrix === null ? 0 : singularVectors(matrix, g, p)),
        places,
        updates,
        state.projector
      )
    }
    const drawn = tree.randomLike(drawing, state.projector)
    return mapPlaced(
      (matrix, p) => (matrix === null ? 0 : mul(p, 1 / Math.sqrt(Math.max(matrix.rank, 1)))),
      places,
      drawn
    )
  }

  return transformation<ScaleByApolloState>({
    origin: ['scaleByApollo', { ...options }],
    init: (params) => {
      const places = matricesIn(params)
      const wide = tree.widen(params)
      const projector = mapPlaced(
        (matrix, p) => (matrix === null ? 0 : zeros([...matrix.batch, matrix.side, matrix.rank], wideDtype(p))),
        places,
        params
      )
      const small = projected(places, wide, projector)
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
        ),
        rngKey: first
      }
    },
    update: (updates, state, params) => {
      const count = state.count + 1
      const places = matricesIn(params)
      const isDue = state.count % updateProjGap === 0
      const [rngKey, drawing] = isDue ? (random.split(state.rngKey) as [Key, Key]) : [state.rngKey, state.rngKey]
      const projector = isDue ? chosenBy(places, updates, state, drawing) : state.projector
      const small = projected(places, updates, projector)
      const mu = tree.map((r, m) => updateMoment(r, m, b1, 1), small, state.mu)
      const nu = tree.map((r, v) => updateMoment(r, v, b2, 2), small, state.nu)
      const adam = tree.map(
        (m, v) => div(biasCorrection(m, b1, count), add(sqrt(biasCorrection(v, b2, count)), eps)),
        mu,
        nu
      )
      const long = mapPlaced(
        (matrix, g, r, u) => {
          if (matrix === null) return 0
          const whole = toMatrices(g, matrix.view)
          return mul(whole, lengthening(matrix, whole, r, u, scaleType))
        },
        places,
        updates,
        small,
        adam
      )
      const { limits, norms } = growthLimited(places, long, state.norm, maxGrowth)
      const scaled = mapPlaced(
        (matrix, u, x, limit, g) => {
          if (matrix === null) return u
          const factor = mul(scale, limit)
          const spread = matrix.batch.length === 0 ? factor : broadcast(factor, shapeOf(x))
          return fromMatrices(mul(x, spread), matrix.view, shapeOf(g))
        },
        places,
        adam,
        long,
        limits,
        updates
      )
      const next = {
        count,
        mu: tree.castLike(mu, state.mu),
        nu: tree.castLike(nu, state.nu),
        projector,
        norm: tree.castLike(norms, state.norm),
        rngKey
      }
      return [scaled, next]
    }
  })
}

const singularVectors = ({ view, rank, isLeft }: ShortSide, g: Operand, p: Operand): Operand => {
  const found = subspaceOf('scaleByApollo', toMatrices(g, view), rank, { left: isLeft ? p : 0, right: isLeft ? 0 : p })
  return isLeft ? found.left : found.right
}
