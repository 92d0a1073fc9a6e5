import {
  add,
  broadcast,
  check,
  type DType,
  div,
  Expr,
  equal,
  type GradientTransformation,
  inClosedUnitInterval,
  inUnitInterval,
  max,
  maxOf,
  min,
  mul,
  nonNegative,
  type Operand,
  shapeOf,
  sqrt,
  square,
  sum,
  type Tree,
  transformation,
  updateMoment,
  type Value,
  where,
  withDefaults,
  zerosLike
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { otherAxes } from '../internal/axes.js'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link scaleBySm3}. */
export interface ScaleBySm3Options {
  /** Decay rate β₁ of the momentum, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the squares, in `[0, 1]`; 1 sums them up. @defaultValue `1` */
  readonly b2?: number
  /** Added inside the square root, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** The dtype in which the squares and the momentum are kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link scaleBySm3}. */
export interface ScaleBySm3State {
  /**
   * A tree for each axis i, shaped like the params: of an array the largest accumulated square μᵢ of each slice across the axis,
   * with all other axes of length 1; 0 for an array that has no such axis. Vectors and numbers keep their squares whole.
   */
  readonly mu: readonly Tree[]
  /** The momentum m, shaped like the params. */
  readonly nu: Tree
}

/**
 * AdaGrad in little memory: of the sum of squares only the largest in each row and in each column are kept. SM3, without the
 * learning rate.
 *
 * For each leaf g of the updates at step t = 1, 2, …, with an accumulator μᵢ for each axis i, one number for each slice across
 * it, from μᵢ = 0 and m₀ = 0:
 *
 *     sₜ = g² + minᵢ μᵢ              (β₂ minᵢ μᵢ + (1 − β₂) g² when β₂ < 1)
 *     μᵢ = the maximum of sₜ over all axes but i
 *     ûₜ = g / √(sₜ + eps)            (0 where sₜ = 0)
 *     uₜ = mₜ = β₁ mₜ₋₁ + (1 − β₁) ûₜ
 *
 * An m × n matrix needs m + n accumulators. A vector, a number and an array of rank 0 have as many as elements, which is AdaGrad
 * ({@link scaleByRss}).
 *
 * Laws: each leaf is treated as if it were alone; odd in the gradient; blind to its scale when eps = 0; |û| is at most that of
 * AdaGrad; rows and columns may be permuted; on vectors, with b1 = 0, it is
 * `scaleByRss({ initialAccumulatorValue: 0, eps })`.
 *
 * Unlike Optax: arrays of rank 0 are accepted; μᵢ keeps its axes of length 1; a NaN stays NaN.
 *
 * @example
 * const tx = scaleBySm3({ b1: 0, eps: 0 })
 * const params = ndarray(new Float32Array(4), [2, 2])
 * const [u, state] = tx.update(ndarray([3, 0, 1, 0], [2, 2]), tx.init(params), params)
 * u.data // => Float32Array [1, 0, 1, 0]
 * state.mu[0] // => { dtype: 'float32', shape: [2, 1], data: Float32Array [9, 1] }
 * tx.update(ndarray([4, 2, 0, 0], [2, 2]), state, params)[0].data // => Float32Array [0.800000011920929, 1, 0, 0]
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Anil et al. (2019), algorithm SM3-II, {@link https://arxiv.org/abs/1901.11150}
 */
export const scaleBySm3 = (options: ScaleBySm3Options = {}): GradientTransformation<ScaleBySm3State> => {
  const { b1, b2, eps, accumulatorDtype } = withDefaults<Required<ScaleBySm3Options>>('scaleBySm3', options, {
    b1: 0.9,
    b2: 1,
    eps: 1e-8,
    accumulatorDtype: undefined
  })
  check('scaleBySm3', { b1 }, inUnitInterval)
  check('scaleBySm3', { b2 }, inClosedUnitInterval)
  check('scaleBySm3', { eps }, nonNegative)
  check('scaleBySm3', { accumulatorDtype }, dtypeOption)
  const share = b2 === 1 ? 1 : 1 - b2

  return transformation<ScaleBySm3State>({
    origin: ['scaleBySm3', { ...options }],
    init: (params) => {
      const wide = tree.widen(params)
      const ranks = tree.leaves(params).map((p) => shapeOf(p).length)
      const axes = ranks.reduce((most, rank) => Math.max(most, rank), 1)
      const mu = Array.from({ length: axes }, (_, axis) => tree.map((p) => noSquares(p, axis, accumulatorDtype), wide))
      return { mu, nu: tree.zerosLike(wide, accumulatorDtype) }
    },
    update: (updates, state) => {
      const squares = tree.map(
        (g: Operand, ...mus: Operand[]): Operand => add(mul(b2, leastOf(mus, shapeOf(g))), mul(share, square(g))),
        updates,
        ...state.mu
      )
      const scaled = tree.map((g, s) => where(equal(s, 0), 0, div(g, sqrt(add(s, eps)))), updates, squares)
      const nu = tree.map((u, m) => updateMoment(u, m, b1, 1), scaled, state.nu)
      const mu = state.mu.map((before, axis) =>
        tree.castLike(
          tree.map((s) => largestAcross(s, axis), squares),
          before
        )
      )
      return [tree.map((g, m) => emitLike(m, g), updates, nu), { mu, nu: tree.castLike(nu, state.nu) }]
    }
  })
}

const noSquares = (p: Operand, axis: number, dtype: DType | undefined): Value => {
  const shape = shapeOf(p)
  if (shape.length < 2) return axis === 0 ? zerosLike(p, dtype) : 0
  if (axis >= shape.length || !(p instanceof Expr)) return 0
  // Of the sum only the shape is asked for.
  return zerosLike(sum(p, otherAxes(shape, axis)), dtype)
}

/** The smallest of the accumulators at each place of an array. */
const leastOf = (mus: readonly Operand[], shape: readonly number[]): Operand => {
  if (shape.length < 2) return mus[0] as Operand
  return mus
    .slice(0, shape.length)
    .map((mu) => broadcast(mu, shape))
    .reduce((least, mu) => min(least, mu))
}

const largestAcross = (s: Operand, axis: number): Operand => {
  const shape = shapeOf(s)
  if (shape.length < 2) return axis === 0 ? s : 0
  // The largest of no numbers is −∞.
  return axis < shape.length ? max(maxOf(s, otherAxes(shape, axis)), 0) : 0
}
