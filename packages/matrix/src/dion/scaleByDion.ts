import {
  add,
  broadcast,
  castLike,
  check,
  div,
  type GradientTransformation,
  inPositiveUnitInterval,
  inUnitInterval,
  type Key,
  keyOrSeed,
  lessEqual,
  matmul,
  maxOf,
  mul,
  type NdArray,
  norm,
  type Operand,
  shapeOf,
  sub,
  type Tree,
  transformation,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import { qr } from '../decompositions/qr.js'
import {
  fansOf,
  fromMatrices,
  toMatrices,
  type View,
  type WeightDimensionNumbers
} from '../internal/dimensionNumbers.js'
import { mapPlaced, mapPlaces, withKeys } from '../internal/mapPlaced.js'
import { byLargest, orOne, spread } from '../internal/stacks.js'
import { someDimensionNumbers, viewsOfLeaves } from '../internal/views.js'
import { wideDtype } from '../internal/wideDtype.js'

/** Options of {@link scaleByDion}. */
export interface ScaleByDionOptions {
  /** The rank r as a share of the shorter side, rounded up, in `(0, 1]`. @defaultValue `1` */
  readonly rankFraction?: number
  /** Share μ of what an update took out of the momentum that stays there, in `[0, 1)`. @defaultValue `0.95` */
  readonly beta?: number
  /** Where the first directions come from: a key, or a whole number for the key of that seed. @defaultValue `0` */
  readonly key?: Key | number
  /** How leaves are seen as matrices. @defaultValue leaves of two axes, `[rows summed over, columns]` */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/** State of {@link scaleByDion}. */
export interface ScaleByDionState {
  /** The momentum M, with what no update has taken out of it yet; shaped like the params. */
  readonly mu: Tree
  /** The right directions Q: for each leaf `[batch, n, r]`, or `[n, r]` where it is one matrix. */
  readonly q: Tree
}

/**
 * Dion: an orthogonal update of rank r, by one step of power iteration; what it leaves out stays in the momentum.
 *
 * For the gradient G of m × n, from M₀ = 0 and Q₀ of normal random numbers:
 *
 *     B  = Mₜ₋₁ + G
 *     P  = the orthonormal factor of B Qₜ₋₁              m × r
 *     R  = Bᵀ P                                          n × r
 *     Qₜ = R, its columns divided by their length        a column of zeros, up to rounding, stays what it was, and is zero in uₜ
 *     Mₜ = B − (1 − μ) P Rᵀ
 *     uₜ = P Qₜᵀ
 *
 * One QR decomposition of a thin matrix takes the place of Muon's products of square ones: the smaller r, the cheaper. Gradients that keep
 * their singular vectors come to have the update U Vᵀ of their r largest ones, as Muon's.
 *
 * Laws: odd; blind to the scale of all gradients; the columns of Q have length 1 after an update; of rank r; of a gradient whose right
 * singular vectors are Q it is U Vᵀ; of zeros it is zeros.
 *
 * @example
 * const tx = scaleByDion({ rankFraction: 0.5 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const grads = { w: ndarray(new Float64Array([3, 0, 0, 0]), [2, 2]) }
 * const [u] = tx.update(grads, tx.init(params), params)
 * u.w.data // => Float64Array [1, 0, 0, 0]
 *
 * @throws InvalidOption at construction, when an option is outside its range; at init, InvalidTree for a leaf that is no matrix.
 * @see Ahn et al. (2025), algorithm 1, {@link https://arxiv.org/abs/2504.05295}; its matrices are `[out, in]`
 */
export const scaleByDion = (options: ScaleByDionOptions = {}): GradientTransformation<ScaleByDionState> => {
  const { rankFraction, beta, key, weightDimensionNumbers } = withDefaults<Required<ScaleByDionOptions>>(
    'scaleByDion',
    options,
    { rankFraction: 1, beta: 0.95, key: 0, weightDimensionNumbers: undefined }
  )
  check('scaleByDion', { rankFraction }, inPositiveUnitInterval)
  check('scaleByDion', { beta }, inUnitInterval)
  check('scaleByDion', { key }, keyOrSeed)
  check('scaleByDion', { weightDimensionNumbers }, someDimensionNumbers)
  const first = typeof key === 'number' ? random.key(key) : key

  return transformation<ScaleByDionState>({
    origin: ['scaleByDion', { ...options }],
    init: (params) => {
      const views = viewsOfLeaves('scaleByDion', weightDimensionNumbers, params)
      const mu = tree.zerosLike(tree.widen(params))
      const q = mapPlaced(([view, own], m) => drawn(own, m, view, rankFraction), withKeys(views, first), mu)
      return { mu, q }
    },
    update: (updates, state, params) => {
      const views = viewsOfLeaves('scaleByDion', weightDimensionNumbers, params)
      const moved = mapPlaces((view, g, m, q) => movedBy(add(g, m), q, view, beta), views, updates, state.mu, state.q)
      const each = (part: keyof Moved): Tree => mapPlaced((all) => all[part], moved)
      return [each('update'), { mu: tree.castLike(each('mu'), state.mu), q: tree.castLike(each('q'), state.q) }]
    }
  })
}

/** The first directions of one leaf. */
const drawn = (key: Key, like: Operand, view: View, rankFraction: number): NdArray => {
  const shape = shapeOf(like)
  const [rows, columns] = fansOf(view, shape)
  const side = Math.min(rows, columns)
  // A share that was meant to be of a whole rank may come out just above it.
  const rank = Math.min(side, Math.ceil(rankFraction * side * (1 - 2 ** -40)))
  const batch = view.batch.length === 0 ? [] : [view.batch.reduce((n, axis) => n * (shape[axis] as number), 1)]
  return random.normal(key, [...batch, columns, rank], { dtype: wideDtype(like) })
}

/** What becomes of one leaf. */
interface Moved {
  readonly update: Value
  readonly mu: Value
  readonly q: Value
}

const movedBy = (b: Value, q: Operand, view: View, beta: number): Moved => {
  const shape = shapeOf(b)
  const kept = castLike(q, b)
  if (shape.includes(0)) return { update: b, mu: b, q: kept }
  const x = toMatrices(b, view)
  const { unit, size } = byLargest(x)
  const { q: p } = qr(matmul(unit, kept))
  const r = matmul(unit, p, { transposeA: true })
  const [form, rank] = [shapeOf(r), shapeOf(r).length]
  const lengths = norm(r, [rank - 2])
  // What is left of a direction that B does not have is the rounding errors of the others: no direction.
  const longest = broadcast(maxOf(lengths, [rank - 1]), shapeOf(lengths))
  const isNone = broadcast(lessEqual(lengths, mul(unit.dtype === 'float64' ? 2 ** -45 : 2 ** -17, longest)), form)
  const right = where(isNone, 0, div(r, broadcast(orOne(lengths), form)))
  const taken = mul(matmul(p, r, { transposeB: true }), spread(mul(1 - beta, size), shapeOf(x)))
  return {
    update: fromMatrices(matmul(p, right, { transposeB: true }), view, shape),
    mu: fromMatrices(sub(x, taken), view, shape),
    q: where(isNone, kept, right)
  }
}
