import {
  add,
  check,
  div,
  dot,
  Expr,
  type GradientTransformation,
  identityMatrix,
  matmul,
  mul,
  type Operand,
  positive,
  reshape,
  sqrt,
  sub,
  sum,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { identities } from '../internal/identities.js'
import { wideDtype } from '../internal/wideDtype.js'

/** Options of {@link scaleByOnlineNewton}. */
export interface ScaleByOnlineNewtonOptions {
  /** What the diagonal of the matrix begins with, finite and > 0. @defaultValue `1` */
  readonly eps?: number
}

/** State of {@link scaleByOnlineNewton}. */
export interface ScaleByOnlineNewtonState {
  /** For each leaf the inverse of its matrix A, of as many rows as it has elements. */
  readonly inverse: Tree
}

/**
 * Multiplies each leaf by the inverse of the sum of outer products of its gradients: the online Newton step, without the learning rate.
 *
 * For the n elements of a leaf as a vector g, from A₀ = eps I:
 *
 *     Aₜ = Aₜ₋₁ + g gᵀ
 *     u  = Aₜ⁻¹ g
 *
 * Only the inverse B is kept, n² numbers for each leaf, and one step costs as many products:
 *
 *     v = B g        B ← B − v vᵀ / (1 + gᵀ v)        u = v / (1 + gᵀ v)
 *
 * So it is for leaves of some hundred elements: a linear model, or the last layer of one that is not. Params are not projected.
 *
 * Laws: odd in the gradient; a leaf that is rotated has rotated updates; for a number u = g / (eps + Σ g²), and gradients that are
 * orthogonal do not disturb each other; Σ gᵀ u ≤ ln(det A / det A₀).
 *
 * @example
 * const tx = scaleByOnlineNewton({ eps: 1 })
 * const params = { w: new Float64Array(2) }
 * const [u, state] = tx.update({ w: new Float64Array([1, 1]) }, tx.init(params), params)
 * u.w.map((x) => Math.round(3e9 * x) / 1e9) // => Float64Array [1, 1]
 *
 * @throws InvalidOption at construction, when eps is outside its range.
 * @see Hazan, Agarwal and Kale (2007), figure 2, {@link https://doi.org/10.1007/s10994-007-5016-8}
 */
export const scaleByOnlineNewton = (
  options: ScaleByOnlineNewtonOptions = {}
): GradientTransformation<ScaleByOnlineNewtonState> => {
  const { eps } = withDefaults('scaleByOnlineNewton', options, { eps: 1 })
  check('scaleByOnlineNewton', { eps }, positive)

  return transformation<ScaleByOnlineNewtonState>({
    origin: ['scaleByOnlineNewton', { ...options }],
    init: (params) => ({
      inverse: tree.map((p: Operand): Operand => {
        const n = isArray(p) ? p.size : 1
        return identities([n, n], wideDtype(p), 1 / eps)
      }, params)
    }),
    update: (updates, state) => {
      const columns = tree.map((g: Operand): Operand => columnOf(g), tree.widen(updates))
      const images = tree.map((inverse, g) => matmul(inverse, g), state.inverse, columns)
      const growths = tree.map((g, v) => add(1, dot(g, v)), columns, images)
      const inverse = tree.map(
        (before, v, growth) => {
          const root = div(v, sqrt(growth))
          return sub(before, matmul(root, root, { transposeB: true }))
        },
        state.inverse,
        images,
        growths
      )
      return [tree.map((v, growth, g) => inFormOf(div(v, growth), g), images, growths, updates), { inverse }]
    }
  })
}

const isArray = (x: Operand): x is Expr => x instanceof Expr && !x.isScalar

const columnOf = (g: Operand): Operand => (isArray(g) ? reshape(g, [g.size, 1]) : mul(g, identityMatrix(1, 'float64')))

const inFormOf = (column: Operand, like: Operand): Operand =>
  isArray(like) ? reshape(column, like.shape) : sum(column)
