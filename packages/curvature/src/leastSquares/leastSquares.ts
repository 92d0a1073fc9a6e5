import {
  type Bound,
  callable,
  check,
  type Fitting,
  type Like,
  nonNegative,
  nonNegativeInteger,
  type Operand,
  oneOf,
  optional,
  positive,
  type Tree,
  withDefaults
} from '@gradchain/core'
import { gaussNewtonSearch } from '../internal/gaussNewtonSearch.js'
import { type LeastSquaresModel, leastSquaresModel } from '../internal/leastSquaresModel.js'
import { levenbergMarquardtTrial, type Region, scaledNorm, scaleOf } from '../internal/levenbergMarquardtTrial.js'
import { type ResidualPoint, residualProblem } from '../internal/residualProblem.js'
import { largestOf } from '../internal/vectors.js'
import type { MinimizeReason } from '../minimize/minimize.js'

/** Options of {@link leastSquares}. */
export interface LeastSquaresOptions<P = Tree> {
  /** How it goes down: by steps within a trust region, or by whole steps that are cut short. @defaultValue `'levenbergMarquardt'` */
  readonly method?: 'levenbergMarquardt' | 'gaussNewton'
  /** What becomes of the squares of residuals: `'linear'` leaves them, the others let outliers count for less. @defaultValue `'linear'` */
  readonly loss?: 'linear' | 'softL1' | 'huber' | 'cauchy'
  /** From which size of a residual on it counts for less, finite and > 0. @defaultValue `1` */
  readonly lossScale?: number
  /** The relative tolerance of all tests for an end, finite and ≥ 0. @defaultValue `1e-8` */
  readonly tolerance?: number
  /** How often the residuals are asked for at the most, after the first time; a whole number ≥ 0. @defaultValue `1000` */
  readonly maxSteps?: number
  /** How long the first step may be, in lengths of the params; finite and > 0. @defaultValue `10` */
  readonly initialRadius?: number
  /**
   * The most params, or residuals where those are fewer, for which the Jacobian is made as a matrix; beyond, there are products with it
   * alone. A whole number ≥ 0. @defaultValue `300`
   */
  readonly maxDense?: number
  /**
   * The Jacobian at some params: a matrix `[residuals, params]`, in the order of the leaves. With it `residuals` may be a function of arrays
   * that is not made of this library's operations. @defaultValue by `jvp` and `vjp`
   */
  readonly jacobian?: ((params: P) => Operand) | undefined
}

/** What {@link leastSquares} gives. */
export interface LeastSquaresResult<P> {
  /** The best params that were found. */
  readonly x: P
  /** Half of the sum of the squares of the residuals there, or of what the robust loss makes of them; NaN where they are not finite. */
  readonly value: number
  /** Its gradient, Jᵀ r. */
  readonly gradient: P
  /** How many steps led down. */
  readonly steps: number
  /** How often the residuals and how often their derivatives were asked for. */
  readonly evaluations: { readonly residuals: number; readonly jacobians: number }
  /**
   * Why it stopped: besides what is said there, `'budget'` when `maxSteps` is used up, `'lineSearch'` when no share of a step led down,
   * `'notFinite'` when the residuals at the start or the derivatives are NaN or infinite, `'radius'` when what is so beyond a border keeps every
   * step small, `'flat'` when the sum of squares does not change any more.
   */
  readonly reason: MinimizeReason
  /** Whether that is what was wanted: `'gradient'`, `'step'` or `'decrease'`. */
  readonly success: boolean
}

/**
 * The params that make the sum of the squares of residuals least: for curves through data, and for systems of equations.
 *
 *     minimize  ½ Σᵢ rᵢ(p)²        J p ≈ r(x + p) − r(x)
 *
 * Levenberg's and Marquardt's method goes, as far as the linearized residuals are to be trusted, along the step that makes them least:
 *
 *     (Jᵀ J + λ D²) p = −Jᵀ r        ‖D p‖ ≤ radius
 *
 * with the lengths of the columns of J on the diagonal of D, the largest that were seen, so that the units of params do not matter. The radius
 * grows where the sum falls as it was promised, and shrinks where it does not; λ follows from it. Gauss's and Newton's method takes whole
 * steps, λ = 0, of which as much is left as leads down. Steps come from the singular values of J, never from Jᵀ J, and so are right for the worst
 * scaled problems; with more than `maxDense` params from products with J and Jᵀ by conjugate gradients, where eight products more estimate D.
 *
 * `residuals` gives any tree of numbers and arrays; `jvp` and `vjp` give J. NaN and infinity are a failed trial, which is followed by a
 * shorter one. It stops, with a relative tolerance τ, when
 *
 *     'gradient'   the largest |Jᵀ r| / ‖column of J‖ ≤ τ max(that of the start, ‖r‖)
 *     'step'       radius ≤ τ ‖D x‖, or a step is lost in the rounding of the params
 *     'decrease'   the sum of squares falls by no more than its share τ, as was predicted
 *
 * or without success for another reason. A robust loss counts ρ((r / scale)²) in place of squares, times scale²:
 *
 *     softL1 2 (√(1 + z) − 1)        huber z, or 2 √z − 1 beyond 1        cauchy log(1 + z)
 *
 * Laws: never uphill; a linear problem takes one step; residuals times a number, params in other units: the same way.
 *
 * @param residuals - a function of params.
 * @param x0 - where to begin.
 *
 * @example
 * const t = new Float64Array([0, 1, 2, 3])
 * const y = new Float64Array([2, 1.2, 0.7, 0.5])
 * const decay = ({ a, rate }: { a: Operand; rate: Operand }) => sub(mul(a, exp(mul(neg(rate), t))), y)
 * const { x, reason, evaluations } = leastSquares(decay, { a: 1, rate: 0 })
 * x // => { a: 1.99…, rate: 0.49… }
 * reason // => 'decrease'
 * evaluations // => { residuals: 6, jacobians: 6 }
 *
 * @throws InvalidOption when an option is outside its range; InvalidTree for params that are no tree of arrays, and for a Jacobian of another shape.
 * @see Moré (1978), The Levenberg-Marquardt algorithm: Implementation and theory, {@link https://doi.org/10.1007/BFb0067700};
 * Nocedal and Wright (2006), chapter 10
 */
export const leastSquares = <A, P extends Bound<A>>(
  residuals: (params: A) => Tree,
  x0: P & Fitting<P, A>,
  options: LeastSquaresOptions<NoInfer<A>> = {}
): LeastSquaresResult<Like<P>> => {
  const chosen = withDefaults<Required<LeastSquaresOptions<A>>>('leastSquares', options, {
    method: 'levenbergMarquardt',
    loss: 'linear',
    lossScale: 1,
    tolerance: 1e-8,
    maxSteps: 1000,
    initialRadius: 10,
    maxDense: 300,
    jacobian: undefined
  })
  const { method, loss, lossScale, tolerance, maxSteps, initialRadius, maxDense, jacobian } = chosen
  check('leastSquares', { residuals }, callable)
  check('leastSquares', { method }, oneOf('levenbergMarquardt', 'gaussNewton'))
  check('leastSquares', { loss }, oneOf('linear', 'softL1', 'huber', 'cauchy'))
  check('leastSquares', { lossScale, initialRadius }, positive)
  check('leastSquares', { tolerance }, nonNegative)
  check('leastSquares', { maxSteps, maxDense }, nonNegativeInteger)
  check('leastSquares', { jacobian }, optional(callable))

  // What the function takes is said by its own type, and was checked against the params.
  const own = { residuals, jacobian } as unknown as Parameters<typeof residualProblem>[1]
  const problem = residualProblem('leastSquares', own, x0 as Tree, { loss, lossScale, maxDense })
  const start = problem.layout.read(x0 as Tree)
  const found = descend(problem, start, { method, tolerance, maxSteps, initialRadius })
  return {
    x: problem.layout.write(found.point?.x ?? start) as Like<P>,
    value: found.point?.value ?? Number.NaN,
    gradient: problem.layout.write(found.gradient ?? new Float64Array(start.length).fill(Number.NaN)) as Like<P>,
    steps: found.steps,
    evaluations: problem.calls(),
    reason: found.reason,
    success: found.reason === 'gradient' || found.reason === 'step' || found.reason === 'decrease'
  }
}

type Descent = Required<Pick<LeastSquaresOptions, 'method' | 'tolerance' | 'maxSteps' | 'initialRadius'>>

type Problem = ReturnType<typeof residualProblem>

interface Found {
  readonly point: ResidualPoint | null
  readonly gradient: Float64Array | null
  readonly steps: number
  readonly reason: MinimizeReason
}

/** Where a descent is. */
interface Going {
  readonly point: ResidualPoint
  readonly region: Region
  readonly trials: number
  /** Why it ends at this point; `null` where it need not. */
  readonly reason: MinimizeReason | null
}

const descend = (problem: Problem, start: Float64Array, options: Descent): Found => {
  const first = problem.at(start)
  if (first === null) return { point: null, gradient: null, steps: 0, reason: 'notFinite' }
  let going: Going = { point: first, region: { radius: 0, damping: 0 }, trials: 0, reason: null }
  let scale: Float64Array | null = null
  let steepest: number | null = null
  for (let steps = 0; ; steps++) {
    const { point } = going
    const jacobian = problem.jacobian(point)
    const gradient = jacobian?.applyTransposed(point.residuals) ?? null
    const steepness = gradient === null ? Number.NaN : largestOf(gradient)
    const end = (reason: MinimizeReason): Found => ({ point, gradient, steps, reason })
    if (jacobian === null || gradient === null || !Number.isFinite(steepness)) return end('notFinite')
    if (going.reason !== null) return end(going.reason)
    const lengths = scaleOf(jacobian, null)
    scale = scale === null ? lengths : lengths.map((length, j) => Math.max(length, scale?.[j] ?? 0))
    // In no unit: how much of the residuals lies along a column of J.
    const share = largestOf(gradient.map((g, j) => g / (lengths[j] as number)))
    steepest ??= share
    if (share <= options.tolerance * Math.max(steepest, Math.sqrt(2 * point.value))) return end('gradient')
    const iterative = { maxIterations: 2 * start.length, tolerance: Math.min(0.1, Math.sqrt(share / steepest)) }
    const model = leastSquaresModel(jacobian, point.residuals, scale, iterative)
    const follow = options.method === 'gaussNewton' ? searched : tried
    const next = follow({ problem, model, scale, options }, going)
    if (next.point === point) return end(next.reason ?? 'flat')
    going = next
  }
}

interface Surroundings {
  readonly problem: Problem
  readonly model: LeastSquaresModel
  readonly scale: Float64Array
  readonly options: Descent
}

/** Trials within a region that shrinks until one of them leads down. */
const tried = ({ problem, model, scale, options }: Surroundings, going: Going): Going => {
  const { tolerance, maxSteps, initialRadius } = options
  let { region, trials } = going
  const { point } = going
  while (trials < maxSteps) {
    const trial = levenbergMarquardtTrial(problem, point, model, scale, region, initialRadius)
    ;({ region } = trial)
    trials += 1
    const there = trial.point ?? point
    const change = Math.max(Math.abs(trial.actual), trial.predicted)
    const isShort = trial.isStill || region.radius <= tolerance * scaledNorm(there.x, scale)
    const reason =
      isShort && trial.hasFailed
        ? 'radius'
        : isShort
          ? 'step'
          : change <= tolerance && trial.ratio <= 2
            ? 'decrease'
            : change <= Number.EPSILON
              ? 'flat'
              : null
    if (reason !== null || trial.point !== null) return { point: there, region, trials, reason }
  }
  return { point, region, trials, reason: 'budget' }
}

/** A whole step, or as much of it as leads down. */
const searched = ({ problem, model, scale, options }: Surroundings, going: Going): Going => {
  const { tolerance, maxSteps } = options
  const { point, region } = going
  const left = maxSteps - going.trials
  if (left <= 0) return { ...going, reason: 'budget' }
  const { point: found, step, ...search } = gaussNewtonSearch(problem, point, model, Math.min(left, MOST_TRIALS))
  const trials = going.trials + search.trials
  const there = found ?? point
  const predicted = -(2 * step.slope + step.curvature) / (2 * point.value)
  const isShort = step.length <= tolerance * scaledNorm(there.x, scale)
  const reason =
    isShort && !search.hasFailed
      ? 'step'
      : predicted <= tolerance && 1 - there.value / point.value <= tolerance
        ? 'decrease'
        : found !== null
          ? null
          : trials >= maxSteps
            ? 'budget'
            : 'lineSearch'
  return { point: there, region, trials, reason }
}

/** Beyond so many trials a step is as good as none. */
const MOST_TRIALS = 40
