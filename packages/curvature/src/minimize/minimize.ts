import {
  type AnyGradientTransformation,
  type Bound,
  callable,
  check,
  type Differentiable,
  type Fitting,
  type Given,
  InvalidOption,
  type Leaf,
  type Like,
  nonNegative,
  nonNegativeInteger,
  optional,
  positiveInteger,
  type Requirement,
  show,
  type Tree,
  type Valid,
  type Value,
  withDefaults
} from '@gradchain/core'
import { byOptimizer } from '../internal/byOptimizer.js'
import { countedProblem } from '../internal/countedProblem.js'
import { largestOf, minus, normOf, times } from '../internal/vectors.js'
import { bfgs } from '../methods/bfgs.js'
import type { MinimizeMethod, MinimizeMethodStop, MinimizePoint } from './method.js'

/**
 * Why `minimize` stopped. The first three are success:
 *
 * - `'gradient'`: the gradient is as small as was asked for;
 * - `'step'`: so is the step;
 * - `'decrease'`: so is the decrease, or no decrease is left that rounding does not hide;
 * - `'budget'`: there were as many steps or evaluations as there may be;
 * - `'lineSearch'`: nothing along the direction is lower, though the gradient says so;
 * - `'radius'`: nothing is lower within a radius as small as rounding;
 * - `'flat'`: f was the same at all trials, though the gradient is not 0;
 * - `'notFinite'`: f or its gradient is NaN or infinite, at the start or wherever a step could go.
 */
export type MinimizeReason = 'gradient' | 'step' | 'budget' | MinimizeMethodStop

/** Options of {@link minimize}. */
export interface MinimizeOptions<P = unknown> {
  /** How it goes downhill: a method such as `bfgs()`, or an optimizer such as `lbfgs()`. @defaultValue `bfgs()` */
  readonly method?: MinimizeMethod | AnyGradientTransformation
  /** At which share of the first gradient, by their largest elements, the gradient is small enough, finite and ≥ 0. @defaultValue `1e-9` */
  readonly tolerance?: number
  /** At which share of ‖x‖ a step is small enough, finite and ≥ 0; 0 does not ask. @defaultValue `0` */
  readonly stepTolerance?: number
  /** At which share of the whole decrease so far that of a step is small enough, finite and ≥ 0; 0 does not ask. @defaultValue `0` */
  readonly decreaseTolerance?: number
  /** How many steps there are at most, a whole number ≥ 0. @defaultValue `1000` */
  readonly maxSteps?: number
  /** How many evaluations of f there are at most, a whole number ≥ 1 or Infinity. @defaultValue `Infinity` */
  readonly maxEvaluations?: number
  /**
   * The product of the Hessian of f at params with a tree like them, for methods that ask for it, where f is a function of arrays.
   * It is declared as a method so that it may take params of one particular type.
   */
  hvp?(params: Like<P>, v: Like<P>): Given<P>
}

/** What {@link minimize} gives. */
export interface MinimizeResult<P> {
  /** The params where f was lowest of all that were tried; the start, where nothing was lower. */
  readonly x: Like<P>
  /** What f is there; NaN or infinite only when it is so at the start. */
  readonly value: number
  /** The gradient there. */
  readonly gradient: Like<P>
  /** How many steps were made. */
  readonly steps: number
  /** How often f, its gradient, and a product with its Hessian were asked for. */
  readonly evaluations: { readonly values: number; readonly gradients: number; readonly products: number }
  /** Why it stopped. */
  readonly reason: MinimizeReason
  /** Whether it stopped since it was done: by `'gradient'`, `'step'` or `'decrease'`. */
  readonly success: boolean
}

/**
 * Looks for the minimum of f, from x0 on, and says why it stopped.
 *
 * f is one of our functions, from a tree of expressions to a lazy scalar, and is differentiated here. Or it is any function of arrays, whatever computes
 * it, that gives a pair: the value, a number, and the gradient, a tree like the params.
 *
 * Each step is that of the method. The end is where
 *
 *     max|∇f(x)| ≤ tolerance · max|∇f(x0)|
 *
 * so that f and 10⁸ f take the same path to the same point. A start where the gradient is 0 is the end, be it a minimum, a saddle or a
 * plain: by gradients alone they look the same. `newton` knows the Hessian, and leaves a saddle.
 *
 * A trial where f or its gradient is NaN or infinite is a failed one, and the search backs off. No step goes uphill, and the result is never
 * worse than the start. With an optimizer that does go uphill, such as `adam`, it is still the lowest point that it met.
 *
 * Laws: f(result.x) ≤ f(x0); success only with finite numbers; the same for c f, c > 0; with maxSteps 0 it is x0; as many steps as maxSteps at most.
 *
 * @param f - what is minimized.
 * @param x0 - the start: a tree of arrays and numbers.
 *
 * @example
 * const rosenbrock = ([x, y]: readonly [Operand, Operand]) => add(mul(100, square(sub(y, square(x)))), square(sub(1, x)))
 * const { x, reason, success } = minimize(rosenbrock, [-1.2, 1])
 * x.map((xi) => xi.toFixed(6)) // => ['1.000000', '1.000000']
 * reason // => 'gradient'
 * success // => true
 *
 * const own = (x: Float64Array) => [x.reduce((sum, xi) => sum + (xi - 3) ** 2, 0), x.map((xi) => 2 * (xi - 3))] as const
 * minimize(own, new Float64Array(2)).x // => Float64Array [3, 3]
 *
 * @throws InvalidOption for options outside of their range, for a method that is none, and where f gives neither a lazy scalar nor a
 * pair; InvalidTree for what is no tree of arrays, and for gradients that do not fit the params.
 * @see bfgs, sr1, newton, conjugateGradient
 */
export function minimize<A, P>(
  f: Differentiable<A, [], Value>,
  x0: P & Bound<A> & Fitting<P, A>,
  options?: MinimizeOptions<P>
): MinimizeResult<P>
export function minimize<P>(
  f: (params: Like<P>) => readonly [value: number, gradient: Given<P>],
  x0: P & Valid<P>,
  options?: MinimizeOptions<P>
): MinimizeResult<P>
export function minimize(f: unknown, x0: unknown, options: MinimizeOptions = {}): MinimizeResult<Tree<Leaf>> {
  const { method, tolerance, stepTolerance, decreaseTolerance, maxSteps, maxEvaluations, hvp } = withDefaults<
    Required<Omit<MinimizeOptions, 'hvp'>> & { readonly hvp: MinimizeOptions['hvp'] | undefined }
  >('minimize', options, {
    method: bfgs(),
    tolerance: 1e-9,
    stepTolerance: 0,
    decreaseTolerance: 0,
    maxSteps: 1000,
    maxEvaluations: Infinity,
    hvp: undefined
  })
  check('minimize', { f }, callable)
  check('minimize', { tolerance, stepTolerance, decreaseTolerance }, nonNegative)
  check('minimize', { maxSteps }, nonNegativeInteger)
  check('minimize', { maxEvaluations }, orInfinite)
  check('minimize', { hvp }, optional(callable))
  const way = methodOf(method)
  const problem = countedProblem(f as never, x0 as Tree<Leaf>, hvp as never, maxEvaluations)
  const { first } = problem

  const done = (reason: MinimizeReason, steps: number, last: MinimizePoint | null): MinimizeResult<Tree<Leaf>> => {
    const best = problem.best()
    const found = best !== null && last !== null && best.value < last.value ? best : last
    return {
      x: found === null ? problem.start.params : problem.paramsOf(found.x),
      value: found === null ? problem.start.value : found.value * problem.scale,
      gradient: found === null ? problem.start.gradient : problem.paramsOf(times(problem.scale, found.gradient)),
      steps,
      evaluations: problem.calls(),
      reason,
      success: reason === 'gradient' || reason === 'step' || reason === 'decrease'
    }
  }
  if (first === null) return done('notFinite', 0, null)

  const enough = tolerance * largestOf(first.gradient)
  let point = first
  let state = way.start(problem, first)
  for (let steps = 0; ; steps++) {
    const isSmall = largestOf(point.gradient) <= enough
    if (isSmall && (way.isMinimum?.(problem, point) ?? true)) return done('gradient', steps, point)
    if (steps === maxSteps || problem.isSpent()) return done('budget', steps, point)
    const next = way.next(problem, point, state)
    const before = point
    ;({ point, state } = next)
    if (next.stop !== null) return done(problem.isSpent() ? 'budget' : next.stop, steps, point)
    if (point === before) continue
    const moved = normOf(minus(point.x, before.x))
    if (stepTolerance > 0 && moved <= stepTolerance * normOf(point.x)) return done('step', steps + 1, point)
    const fallen = before.value - point.value
    if (decreaseTolerance > 0 && fallen >= 0 && fallen <= decreaseTolerance * (first.value - point.value)) {
      return done('decrease', steps + 1, point)
    }
  }
}

const orInfinite: Requirement = {
  what: 'a whole number ≥ 1 or Infinity',
  holds: (value) => value === Infinity || positiveInteger.holds(value)
}

const methodOf = (given: MinimizeMethod | AnyGradientTransformation): MinimizeMethod => {
  if (isMethod(given)) return given
  if (typeof given === 'object' && given !== null && 'update' in given) return byOptimizer(given)
  throw new InvalidOption(`minimize: method must be a method, such as bfgs(), or an optimizer, got ${show(given)}`)
}

const isMethod = (given: MinimizeMethod | AnyGradientTransformation): given is MinimizeMethod => {
  if (typeof given !== 'object' || given === null) return false
  return 'start' in given && typeof given.start === 'function' && 'next' in given && typeof given.next === 'function'
}
