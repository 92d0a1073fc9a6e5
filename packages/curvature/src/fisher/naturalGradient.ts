import {
  add,
  cast,
  castLike,
  check,
  div,
  dot,
  type EmptyState,
  type Examples,
  Expr,
  examplesLike,
  type GradientTransformation,
  greater,
  InvalidOption,
  matmul,
  mul,
  nonNegative,
  type Operand,
  positiveInteger,
  reshape,
  shapeOf,
  show,
  sub,
  type Tree,
  transformation,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Options of {@link naturalGradient}. */
export interface NaturalGradientOptions {
  /** Damping λ, finite and ≥ 0. @defaultValue `1e-3` */
  readonly damping?: number
  /** How many steps of conjugate gradients there are at most, a whole number ≥ 1. @defaultValue `10` */
  readonly iterations?: number
  /** At which share of the norm of the gradient the residual is small enough, finite and ≥ 0. @defaultValue `1e-10` */
  readonly tolerance?: number
}

/** What the update of {@link naturalGradient} needs to be told: one of these. */
export interface NaturalGradientExtra {
  /** The product of the Fisher matrix with a direction: a function from trees of expressions to such, like the params, positive semidefinite. */
  readonly fvp?: ((direction: Tree) => Tree) | undefined
  /** The gradients of single examples: a tree like the params, with the examples along a first axis, and a vector for a number. */
  readonly perExampleGradients?: Tree | undefined
}

/**
 * The natural gradient: the solution of the damped Fisher matrix for the gradient, by conjugate gradients, which need its products with vectors alone.
 *
 * For the updates g, all leaves together, from x = 0, r = p = g, so many times, or until ‖r‖ ≤ tolerance ‖g‖:
 *
 *     q = F p + λ p             F p = fvp(p), or meanₙ(gₙ ⟨gₙ, p⟩) over the gradients gₙ of examples
 *     α = ‖r‖² / ⟨p, q⟩
 *     x ← x + α p
 *     r ← r − α q
 *     p ← r + (‖r‖² / ‖r before‖²) p
 *     u = x
 *
 * `fvp` runs inside of the step, on expressions: `jvp` and `vjp` of the outputs of a model, with the Hessian of the loss between them, or `hvp` of the loss
 * itself where that is convex. Examples cost a pass over all their gradients at each iteration.
 *
 * Laws: solves F u + λ u = g as soon as there are as many iterations as directions; linear in g once it does; ⟨u, g⟩ ≥ 0; with F = 0 it is g / λ; a
 * tree and its flattened vector agree.
 *
 * Where p meets a direction without curvature, ⟨p, q⟩ ≤ 0, x stays as it is: with damping 0 that is the solution in the directions that F has.
 * With NaN or infinity in g, F or p the update is zero, or NaN where it came in.
 *
 * @example
 * const tx = naturalGradient({ damping: 0 })
 * const params = { x: 0, y: 0 }
 * // The means of squares and products are 4, 1 and 0.
 * const perExampleGradients = { x: new Float64Array([2, 2]), y: new Float64Array([1, -1]) }
 * tx.update({ x: 2, y: 1 }, tx.init(params), params, { perExampleGradients })[0] // => { x: 0.49…, y: 1 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when there is neither a function nor gradients of examples.
 * InvalidTree for gradients of examples that do not fit the params.
 * @see Amari (1998), {@link https://doi.org/10.1162/089976698300017746}; Martens (2010), Deep learning via Hessian-free
 * optimization, for products in place of matrices
 */
export const naturalGradient = (
  options: NaturalGradientOptions = {}
): GradientTransformation<EmptyState, NaturalGradientExtra> => {
  const { damping, iterations, tolerance } = withDefaults<Required<NaturalGradientOptions>>(
    'naturalGradient',
    options,
    {
      damping: 1e-3,
      iterations: 10,
      tolerance: 1e-10
    }
  )
  check('naturalGradient', { damping, tolerance }, nonNegative)
  check('naturalGradient', { iterations }, positiveInteger)

  return transformation<EmptyState, NaturalGradientExtra>({
    origin: ['naturalGradient', { ...options }],
    init: () => ({}),
    update: (updates, state, _params, extra) => {
      const product = productOf(updates, extra)
      const gradient = tree.widen(updates)
      let x = tree.zerosLike(gradient)
      let [r, p] = [gradient, gradient]
      let size = squaredNorm(r)
      const enough = mul(tolerance * tolerance, size)
      for (let i = 0; i < iterations; i++) {
        const q = tree.map((f, d) => add(castLike(f, d), mul(damping, d)), product(p), p)
        const curvature = inner(p, q)
        const isOn = mul(greater(size, enough), greater(curvature, 0))
        const alpha = where(isOn, div(size, curvature), 0)
        x = tree.map((y, d) => add(y, mul(alpha, d)), x, p)
        r = tree.map((y, d) => sub(y, mul(alpha, d)), r, q)
        const next = squaredNorm(r)
        const beta = where(isOn, div(next, size), 0)
        p = tree.map((y, d) => add(y, mul(beta, d)), r, p)
        size = next
      }
      return [x, state]
    }
  })
}

const productOf = (like: Tree, extra: NaturalGradientExtra | undefined): ((direction: Tree) => Tree) => {
  const fvp = extra?.fvp
  if (typeof fvp === 'function') return fvp
  if (fvp !== undefined) throw new InvalidOption(`naturalGradient: fvp must be a function, got ${show(fvp)}`)
  if (extra?.perExampleGradients === undefined) {
    throw new InvalidOption('naturalGradient: fvp or perExampleGradients must be given, got neither')
  }
  const examples = examplesLike('naturalGradient', like, extra.perExampleGradients)
  return (direction) => throughExamples(examples, direction)
}

/** meanₙ(gₙ ⟨gₙ, p⟩) */
const throughExamples = ({ gradients, count }: Examples, direction: Tree): Tree => {
  const along = tree.leaves<Operand>(
    tree.map(
      (p: Operand, each: Operand): Operand => cast(alongExamples(each, p, count), 'float64'),
      direction,
      gradients
    )
  )
  const total = along.reduce<Operand>((sum, one) => add(sum, one), 0)
  return tree.map(
    (p: Operand, each: Operand): Operand => {
      if (!isArray(p)) return div(dot(each, reshape(total, null)), count)
      const shares = castLike(div(total, count), p)
      return reshape(matmul(rowsOf(each, count), shares, { transposeA: true }), p.shape)
    },
    direction,
    gradients
  )
}

const isArray = (x: Operand): x is Expr => x instanceof Expr && !x.isScalar

const rowsOf = (each: Operand, count: number): Expr =>
  reshape(each, [count, shapeOf(each).reduce((n, length) => n * length, 1) / count])

/** ⟨gₙ, p⟩ of each example, `[examples, 1]`. */
const alongExamples = (each: Operand, p: Operand, count: number): Operand =>
  isArray(p) ? matmul(castLike(rowsOf(each, count), p), reshape(p, [p.size, 1])) : mul(p, reshape(each, [count, 1]))

const inner = (a: Tree, b: Tree): Value =>
  tree.leaves<Value>(tree.map((x, y) => dot(x, y), a, b)).reduce<Value>((total, one) => add(total, one), 0)

const squaredNorm = (x: Tree): Value => inner(x, x)
