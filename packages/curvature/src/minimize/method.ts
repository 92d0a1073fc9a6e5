import type { Leaf, Tree } from '@gradchain/core'

/** Params at which f was evaluated. */
export interface MinimizePoint {
  /** All numbers of the params, one after the other in the order of the leaves. */
  readonly x: Float64Array
  /** What f is there, a finite number, divided by the `scale` of the problem. */
  readonly value: number
  /** The gradient of that in the order of x, all of it finite. */
  readonly gradient: Float64Array
}

/** What is minimized, as a method sees it: a function of one vector. */
export interface MinimizeProblem {
  /** How many numbers the params hold. */
  readonly size: number
  /** By how much params are rounded: the distance from 1 to the next number of the coarsest dtype among them. */
  readonly precision: number
  /**
   * What f and all its derivatives are divided by: a power of two such that the largest element of the first gradient is in `[1, 2)`. A method that
   * compares its numbers with nothing else need not know it, and treats c f like f.
   */
  readonly scale: number
  /**
   * f and its gradient at x, and x as it is once rounded to the dtypes of the params. `null` where something is NaN or infinite, and
   * from when all evaluations that may be made are used up: to a method both are failed trials.
   */
  readonly at: (x: Float64Array) => MinimizePoint | null
  /** The product of the Hessian at a point and a vector, divided by the scale. Where neither f nor the user can say it, `InvalidOption` is thrown. */
  readonly product: (point: MinimizePoint, v: Float64Array) => Float64Array
  /** The params whose numbers these are. */
  readonly paramsOf: (x: Float64Array) => Tree<Leaf>
  /** The numbers of a tree like the params. */
  readonly vectorOf: (tree: Tree) => Float64Array
}

/** Why a method knows no next step. */
export type MinimizeMethodStop = 'decrease' | 'lineSearch' | 'notFinite' | 'radius' | 'flat'

/** What a method makes of a point. */
export interface MinimizeStep<State> {
  /** Where it goes, and never uphill; the same point when no better one was found, such as after a step that the model was wrong about. */
  readonly point: MinimizePoint
  /** What it remembers. */
  readonly state: State
  /** Why there is no next step; `null` when there is. */
  readonly stop: MinimizeMethodStop | null
}

/**
 * A way downhill, for `minimize`: a plain value without a memory of its own, all that it knows between two steps is in its state.
 *
 * `start` and `next` ask `problem` about as many points as they want, which counts them. They must end by themselves though every
 * trial fails. Methods are declared as methods are, so that one list may hold several kinds.
 */
export interface MinimizeMethod<State = unknown> {
  /** The name of its factory. */
  readonly name: string
  /** What it remembers before the first step. */
  start(problem: MinimizeProblem, first: MinimizePoint): State
  /** One step. */
  next(problem: MinimizeProblem, point: MinimizePoint, state: State): MinimizeStep<State>
  /** Whether a point where the gradient is near 0 is a minimum, for those who can tell it from a saddle: `false` lets them go on. */
  isMinimum?(problem: MinimizeProblem, point: MinimizePoint): boolean
}
