import type { Expr, Tree } from '@gradchain/core'
import type { Measured } from '@gradchain/transforms'

/** A step of an optimizer as one sees it from outside, in trees of expressions. */
export interface TakenStep {
  /** What the optimizer was given. */
  readonly gradients: Tree
  /** What it gave: what is added to the params. */
  readonly updates: Tree
  /** The params before the step. */
  readonly params: Tree
  /** The state of the optimizer after the step. */
  readonly state: unknown
}

/**
 * What is to be known of a step: a function of trees of expressions that gives a tree, too, a single number for most, of the same structure
 * and shapes at each step.
 */
export type StepMeasure<M extends Tree = Tree> = (step: TakenStep) => M

/** A {@link StepMeasure} that remembers. */
export interface StatefulStepMeasure<State, M extends Tree = Tree> {
  /** The state before the first step, out of a step whose gradients and updates are zero. */
  readonly init: (step: TakenStep) => State
  /** The measurement and the next state; `before` is the last measurement. */
  readonly measure: (step: TakenStep, state: State, before: M) => readonly [M, State]
}

/** A {@link StatefulStepMeasure} of which nothing more is known. */
export interface AnyStatefulStepMeasure {
  readonly init: (step: TakenStep) => unknown
  readonly measure: (step: TakenStep, state: never, before: never) => readonly [Tree, unknown]
}

/** A measure of steps, whether it remembers or not. */
export type AnyStepMeasure = StepMeasure | AnyStatefulStepMeasure

/** The state of a measure: none for a function. */
export type StepMeasureState<T> = T extends AnyStatefulStepMeasure
  ? ReturnType<T['init']>
  : Readonly<Record<string, never>>

/** What a measure gives, as expressions. */
export type Pending<T> =
  T extends StepMeasure<infer M> ? M : T extends AnyStatefulStepMeasure ? ReturnType<T['measure']>[0] : never

/** What a measure gives, as it is in the state. */
export type StepMeasurement<T> = Measured<Pending<T>>

/** Which tree of a step is measured: one of its three, or any other that is made of them. */
export type Quantity = 'gradients' | 'updates' | 'params' | ((step: TakenStep) => Tree)

/** Over what one number is taken: all arrays together, or each array by itself. */
export type Scope = 'all' | 'leaf'

/** A number for all arrays, or a tree with one at each leaf. */
export type Scoped<By extends Scope> = By extends 'leaf' ? Tree : Expr | number
