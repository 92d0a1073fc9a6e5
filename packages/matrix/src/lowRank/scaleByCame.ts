import {
  add,
  broadcast,
  check,
  div,
  type GradientTransformation,
  inUnitInterval,
  max,
  mean,
  mul,
  nonNegative,
  type Operand,
  positive,
  rms,
  rsqrt,
  shapeOf,
  sqrt,
  square,
  sub,
  type Tree,
  transformation,
  updateMoment,
  withDefaults,
  zerosLike
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { wideDtype } from '../internal/wideDtype.js'
import { zeros } from '../internal/zeros.js'

/** Options of {@link scaleByCame}. */
export interface ScaleByCameOptions {
  /** Decay rate β₁ of the momentum, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the squares of gradients, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Decay rate β₃ of the instability, in `[0, 1)`. @defaultValue `0.9999` */
  readonly b3?: number
  /** Added to squares of gradients, finite and ≥ 0. @defaultValue `1e-30` */
  readonly eps1?: number
  /** Added to the instability, finite and ≥ 0. @defaultValue `1e-16` */
  readonly eps2?: number
  /** The root mean square d at which an update is clipped, finite and > 0. @defaultValue `1` */
  readonly clipThreshold?: number
}

/** State of {@link scaleByCame}. What an array does not need is the number 0. */
export interface ScaleByCameState {
  /** The momentum m, shaped like the params. */
  readonly mu: Tree
  /** Of arrays with two axes or more the mean squares r along the last axis, which stays with length 1. */
  readonly vRow: Tree
  /** Of those the mean squares c along the last axis but one, which stays with length 1. */
  readonly vCol: Tree
  /** Of all others the mean squares v. */
  readonly v: Tree
  /** Of arrays with two axes or more the instability R along the last axis. */
  readonly resRow: Tree
  /** Of those the instability C along the last axis but one. */
  readonly resCol: Tree
}

/**
 * CAME: Adafactor whose momentum is divided by how far updates are from it, so that they are trusted as they are alike; without the learning rate.
 *
 * For the gradient g of a leaf, from m = r = c = R = C = v = 0, with means along the last axis and along the last but one, and G(r, c) = r c / mean(r):
 *
 *     r ← β₂ r + (1 − β₂) mean(g² + eps1)        along the last axis
 *     c ← β₂ c + (1 − β₂) mean(g² + eps1)        along the last but one
 *     û = g / √G(r, c)                            g / √v with v ← β₂ v + (1 − β₂) (g² + eps1) for vectors and numbers
 *     û ← û / max(1, rms(û) / d)
 *     m ← β₁ m + (1 − β₁) û
 *     R, C: like r and c, of (û − m)² + eps2, with β₃
 *     u = m / √G(R, C)                            m for vectors and numbers
 *
 * An array of more axes is a stack of matrices, its last two axes; rms is that of the leaf. Nothing is made up for the start, as in the reference: at
 * the first step û is clipped to a root mean square of d, and u is ±0.1 / √(β₃'s share (û − m)²), which is large. The learning rate of
 * the paper, 2e-4, and its warm-up fit that. An m × n matrix keeps m n + 2 (m + n) numbers.
 *
 * Laws: each leaf is treated as if it were alone; odd in the gradient; with eps1 = 0 blind to its scale; rows and columns may be permuted; a
 * matrix and its transpose have transposed updates where squares have rank 1.
 *
 * Of zeros the update is zero. A NaN or infinity stays in m and in the rows and columns it met: skip such gradients, with `skipNotFinite`.
 *
 * @example
 * const tx = scaleByCame({ b2: 0, b3: 0, eps2: 0 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]), b: 0 }
 * const grads = { w: ndarray(new Float64Array([1, 2, -1, -2]), [2, 2]), b: -3 }
 * const [u] = tx.update(grads, tx.init(params), params)
 * u.w.data // => Float64Array [0.1…, 0.1…, -0.1…, -0.1…]
 * u.b.toFixed(3) // => '-0.100'
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Luo et al. (2023), algorithm 2, {@link https://arxiv.org/abs/2307.02047}
 */
export const scaleByCame = (options: ScaleByCameOptions = {}): GradientTransformation<ScaleByCameState> => {
  const chosen = withDefaults<Required<ScaleByCameOptions>>('scaleByCame', options, {
    b1: 0.9,
    b2: 0.999,
    b3: 0.9999,
    eps1: 1e-30,
    eps2: 1e-16,
    clipThreshold: 1
  })
  const { b1, b2, b3, eps1, eps2, clipThreshold } = chosen
  check('scaleByCame', { b1, b2, b3 }, inUnitInterval)
  check('scaleByCame', { eps1, eps2 }, nonNegative)
  check('scaleByCame', { clipThreshold }, positive)

  const rows = (squares: Tree, means: Tree, decay: number): Tree =>
    tree.map((s, r) => (isFactored(s) ? updateMoment(mean(s, [axesOf(s).last]), r, decay, 1) : 0), squares, means)
  const columns = (squares: Tree, means: Tree, decay: number): Tree =>
    tree.map((s, c) => (isFactored(s) ? updateMoment(mean(s, [axesOf(s).before]), c, decay, 1) : 0), squares, means)

  return transformation<ScaleByCameState>({
    origin: ['scaleByCame', { ...options }],
    init: (params) => {
      const noRows = tree.map((p) => (isFactored(p) ? noMeans(p, axesOf(p).last) : 0), params)
      const noColumns = tree.map((p) => (isFactored(p) ? noMeans(p, axesOf(p).before) : 0), params)
      const wide = tree.widen(params)
      return {
        mu: tree.zerosLike(wide),
        vRow: noRows,
        vCol: noColumns,
        v: tree.map((p) => (isFactored(p) ? 0 : zerosLike(p)), wide),
        resRow: tree.zerosLike(noRows),
        resCol: tree.zerosLike(noColumns)
      }
    },
    update: (updates, state) => {
      const squares = tree.map((g) => add(square(g), eps1), updates)
      const vRow = rows(squares, state.vRow, b2)
      const vCol = columns(squares, state.vCol, b2)
      const v = tree.map((s, old) => (isFactored(s) ? 0 : updateMoment(s, old, b2, 1)), squares, state.v)
      const scaled = tree.map(
        (g: Operand, r: Operand, c: Operand, s: Operand): Operand => {
          const u = isFactored(g) ? dividedBy(g, r, c) : mul(g, rsqrt(s))
          return div(u, max(1, div(rms(u), clipThreshold)))
        },
        updates,
        vRow,
        vCol,
        v
      )
      const mu = tree.map((u, m) => updateMoment(u, m, b1, 1), scaled, state.mu)
      const residuals = tree.map((u, m) => add(square(sub(u, m)), eps2), scaled, mu)
      const resRow = rows(residuals, state.resRow, b3)
      const resCol = columns(residuals, state.resCol, b3)
      const emitted = tree.map(
        (m: Operand, r: Operand, c: Operand): Operand => (isFactored(m) ? dividedBy(m, r, c) : m),
        mu,
        resRow,
        resCol
      )
      const next = { mu, vRow, vCol, v, resRow, resCol }
      return [emitted, next]
    }
  })
}

const isFactored = (x: Operand): boolean => shapeOf(x).length > 1

const axesOf = (x: Operand): { readonly last: number; readonly before: number } => {
  const { length } = shapeOf(x)
  return { last: length - 1, before: length - 2 }
}

const noMeans = (p: Operand, axis: number): Operand =>
  zeros(
    shapeOf(p).map((length, i) => (i === axis ? 1 : length)),
    wideDtype(p)
  )

/** An array over the root of what rows and columns say of its squares. Roots first: a ratio of squares may be too small for float32. */
const dividedBy = (x: Operand, rows: Operand, columns: Operand): Operand => {
  const shape = shapeOf(x)
  const size = broadcast(sqrt(mean(rows, [axesOf(x).before])), shape)
  return mul(mul(mul(x, broadcast(rsqrt(rows), shape)), size), broadcast(rsqrt(columns), shape))
}
