import {
  callable,
  check,
  type Given,
  type Leaf,
  type Like,
  nonNegative,
  nonNegativeInteger,
  optional,
  type Tree,
  type Valid,
  withDefaults
} from '@gradchain/core'
import { layoutOf } from '../internal/layout.js'
import { powerOfTwo } from '../internal/powerOfTwo.js'
import { addScaled, dotOf, minus, normOf, times } from '../internal/vectors.js'

/** Options of {@link cg}. */
export interface CgOptions<P = unknown> {
  /** Where to begin, a tree like b; zeros by default. */
  readonly x0?: Given<P>
  /** At which share of ‖b‖ the residual is small enough, finite and ≥ 0. @defaultValue `1e-9` */
  readonly tolerance?: number
  /** How many steps there are at most, a whole number ≥ 0; ten times as many as unknowns by default. */
  readonly maxSteps?: number
  /** An approximation of A⁻¹, symmetric and positive definite, from a tree like b to another. Declared as a method so that it may take one particular type. */
  preconditioner?(residual: Like<P>): Given<P> | Tree
}

/** What {@link cg} gives. */
export interface CgResult<P> {
  /** The solution, or how far it came. */
  readonly x: Like<P>
  /** ‖b − A x‖ as it was carried along. */
  readonly residual: number
  /** How many products with A there were, but for one at a start that is not 0. */
  readonly steps: number
  /**
   * Why it stopped: the `'residual'` is small enough, there were as many steps as there may be (`'budget'`), a direction p had pᵀ A p ≤ 0 (`'curvature'`), or
   * something is NaN or infinite (`'notFinite'`).
   */
  readonly reason: 'residual' | 'budget' | 'curvature' | 'notFinite'
  /** Whether the residual is small enough. */
  readonly success: boolean
}

/**
 * Solves A x = b for a symmetric, positive definite A that is known by its products alone: linear conjugate gradients.
 *
 * From x = x0, r = b − A x, p = z = M r, as long as ‖r‖ > tolerance ‖b‖:
 *
 *     α = rᵀz / pᵀA p        x ← x + α p        r ← r − α A p
 *     p ← M r + (rᵀM r / rᵀz before) p
 *
 * M is the preconditioner, without one the identity. All leaves together are one vector, and its arithmetic is float64. Where A is not positive definite it stops at the x
 * before the first direction along which that shows, which the model behind a step of Newton can still use. Products are asked for along multiples of p, by a
 * power of two.
 *
 * Laws: exact after as many steps as A has distinct eigenvalues, up to rounding; ‖x − A⁻¹b‖ in the norm of A falls with each step; linear in b from x0 = 0.
 *
 * @param product - A v for a tree v like b: a tree of arrays, or of expressions.
 * @param b - the right side: a tree of arrays and numbers.
 *
 * @example
 * const twice = ({ u, v }: { u: number; v: number }) => ({ u: 4 * u + v, v: u + 3 * v })
 * const { x, steps, success } = cg(twice, { u: 1, v: 2 })
 * x.u.toFixed(6) // => '0.090909'
 * x.v.toFixed(6) // => '0.636364'
 * steps // => 2
 * success // => true
 *
 * @throws InvalidOption when product is no function, and for options outside of their range; InvalidTree for products that do not fit b.
 * @see Hestenes and Stiefel (1952), Methods of Conjugate Gradients for Solving Linear Systems,
 * {@link https://doi.org/10.6028/jres.049.044}
 * @see conjugateGradient, for what is not linear
 */
export const cg = <P>(
  product: (v: Like<P>) => NoInfer<Given<P>> | Tree,
  b: P & Valid<P>,
  options: CgOptions<P> = {}
): CgResult<P> => {
  const layout = layoutOf(b as Tree)
  const { x0, tolerance, maxSteps, preconditioner } = withDefaults<
    Required<Pick<CgOptions, 'tolerance' | 'maxSteps'>> & { readonly x0: unknown; readonly preconditioner: unknown }
  >('cg', options, { x0: undefined, tolerance: 1e-9, maxSteps: 10 * layout.size, preconditioner: undefined })
  check('cg', { product }, callable)
  check('cg', { tolerance }, nonNegative)
  check('cg', { maxSteps }, nonNegativeInteger)
  check('cg', { preconditioner }, optional(callable))
  const through = (name: string, f: unknown, v: Float64Array): Float64Array =>
    layout.read((f as (tree: Tree<Leaf>) => Tree)(layout.write(v)), `cg: ${name}`)

  const right = layout.read(b as Tree)
  let x = x0 === undefined ? new Float64Array(layout.size) : layout.read(x0 as Tree, 'cg: x0')
  const first = x0 === undefined ? right : minus(right, through('product(v)', product, x))
  // What is solved for is divided by a power of two: squares of what is tiny or huge are no numbers.
  const size0 = normOf(first)
  const unit = size0 > 0 && size0 < Infinity ? powerOfTwo(size0) : 1
  const enough = tolerance * (normOf(right) / unit)
  let r = times(1 / unit, first)
  const preconditioned = (): Float64Array =>
    preconditioner === undefined ? r : through('preconditioner(residual)', preconditioner, r)
  let z = preconditioned()
  let p = z
  let size = dotOf(r, z)

  const done = (reason: CgResult<P>['reason'], steps: number): CgResult<P> => ({
    x: layout.write(x) as Like<P>,
    residual: unit * normOf(r),
    steps,
    reason,
    success: reason === 'residual'
  })
  for (let steps = 0; ; steps++) {
    if (!Number.isFinite(normOf(r))) return done('notFinite', steps)
    if (normOf(r) <= enough) return done('residual', steps)
    if (steps === maxSteps) return done('budget', steps)
    const image = through('product(v)', product, p)
    const curvature = dotOf(p, image)
    if (!Number.isFinite(curvature)) return done('notFinite', steps)
    if (!(curvature > 0 && size > 0)) return done('curvature', steps)
    x = addScaled(x, unit * (size / curvature), p)
    r = addScaled(r, -size / curvature, image)
    z = preconditioned()
    const next = dotOf(r, z)
    p = addScaled(z, next / size, p)
    size = next
  }
}
