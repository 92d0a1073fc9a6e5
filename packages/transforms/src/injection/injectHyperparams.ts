import {
  type AnyGradientTransformation,
  aNumber,
  callable,
  check,
  type Definition,
  definitionOf,
  type ExtraOf,
  finite,
  type GradientTransformation,
  type Requirement,
  type StateOf,
  transformation
} from '@gradchain/core'
import type { Schedule } from '@gradchain/schedules'
import { anObject, isObject } from '../internal/requirements.js'

/** A schedule with a memory of its own, fed by what an update is given beyond the params: a pure machine. */
export interface StatefulSchedule<State, Extra = unknown> {
  /** The state before the first update. */
  readonly init: () => State
  /** The value that an update is made with, out of the state before it. */
  readonly value: (state: State) => number
  /** The state after an update. */
  readonly update: (state: State, extra: Extra) => State
}

/** A {@link StatefulSchedule} of which nothing more is known. */
export interface AnyStatefulSchedule {
  readonly init: () => unknown
  readonly value: (state: never) => number
  readonly update: (state: never, extra: never) => unknown
}

/** A hyperparameter: a number, which may be set between updates; a schedule; or a schedule with a state. */
export type Hyperparam = number | Schedule | AnyStatefulSchedule

/** The state of a hyperparameter: the count of a schedule, whatever a stateful one has, `null` of a number. */
export type HyperparamState<H> = H extends number
  ? null
  : H extends AnyStatefulSchedule
    ? ReturnType<H['init']>
    : { readonly count: number }

/** State of {@link injectHyperparams}. */
export interface InjectHyperparamsState<H, Inner> {
  /** How many updates were made, which is the step of the next one. */
  readonly count: number
  /** The numbers that the last update was made with; before the first, those that it will be made with. */
  readonly hyperparams: { readonly [K in keyof H]: number }
  /** What each schedule knows; `null` for a number, which nothing but you changes. */
  readonly hyperparamsStates: { readonly [K in keyof H]: HyperparamState<H[K]> }
  /** State of the transformation that the factory makes. */
  readonly innerState: Inner
}

/** The same, where a number is any number: a default is no part of a type. */
export type Widened<H> = { readonly [K in keyof H]: H[K] extends number ? number : H[K] }

// Each as the parameter of a function, and not as it is: a union of them all would be `unknown` when one is.
type Takes<H> = { readonly [K in keyof H]: (extra: ExtraOfHyperparam<H[K]>) => void }

type ExtraOfHyperparam<H> = H extends { readonly update: (state: never, extra: infer Extra) => unknown }
  ? Extra
  : unknown

/** What all stateful schedules among the hyperparameters need beyond the params: the intersection. */
export type HyperparamsExtra<H> = Takes<H>[keyof H] extends (extra: infer Extra) => void ? Extra : never

/**
 * Keeps the hyperparameters of a transformation in its state, where they can be read, set and scheduled, any of them.
 *
 * At step t = 0, 1, 2, … and for each hyperparameter h:
 *
 *     h = what is in the state     when it was given as a number
 *     h = schedule(t)              when it was given as a schedule
 *     u = factory({ h, … })(g)
 *
 * The factory is a function from plain numbers to a transformation, called with the current ones at every update; it must
 * be pure, and the state of what it makes must have the same structure and shapes whatever the numbers are. What is no number,
 * a flag or a mask, it closes over.
 *
 * `state.hyperparams` holds what the last update was made with. {@link setHyperparams} sets those that are numbers.
 *
 * Laws: with numbers alone, what the factory makes of them, to the bit; a schedule and setting its values by hand before each
 * update are the same.
 *
 * Unlike Optax: hyperparameters are numbers and are never rounded to the dtype of the params; which ones there are, and which
 * are scheduled, is part of the type.
 *
 * @param factory - a transformation out of an object of numbers.
 * @param hyperparams - what these numbers are: numbers, schedules, stateful schedules.
 *
 * @example
 * const tx = injectHyperparams(({ learningRate, b1 }) => chain(ema(b1), scaleByLearningRate(learningRate)), {
 *   learningRate: (step) => 1 / (1 + step),
 *   b1: 0.9
 * })
 * const params = { w: 0 }
 * const [, state] = tx.update({ w: 1 }, tx.init(params), params)
 * state.hyperparams // => { learningRate: 1, b1: 0.9 }
 * const [, next] = tx.update({ w: 1 }, setHyperparams(state, { b1: 0.8 }), params)
 * next.hyperparams // => { learningRate: 0.5, b1: 0.8 }
 *
 * @throws InvalidOption at construction, for what is no hyperparameter, and for numbers that the factory refuses at the
 * first step; at update, for numbers that it refuses then, and for a schedule that gives no finite number.
 * @see setHyperparams
 */
export const injectHyperparams = <
  T extends AnyGradientTransformation,
  const K extends string,
  H extends Readonly<Record<K, Hyperparam>>
>(
  factory: (hyperparams: { readonly [P in K]: number }) => T,
  // The names are inferred apart from the values: so they are known when the parameter of the factory is.
  hyperparams: { readonly [P in K]: Hyperparam } & H
): GradientTransformation<InjectHyperparamsState<Widened<H>, StateOf<T>>, ExtraOf<T> & HyperparamsExtra<H>> => {
  check('injectHyperparams', { factory }, callable)
  check('injectHyperparams', { hyperparams }, anObject)
  const sources = Object.entries<Hyperparam>(hyperparams).map(([name, given]) => {
    check('injectHyperparams', { [name]: given }, hyperparam)
    return [name, machineOf(given)] as const
  })
  const made = (values: Values): Definition<StateOf<T>, ExtraOf<T>> =>
    definitionOf('injectHyperparams', factory(values as { readonly [P in K]: number }))
  const valuesAt = (count: number, states: States, before: Values): Values =>
    eachOf(sources, (name, machine) => {
      const found = machine.value(states[name], before[name] as number)
      // What was set by hand may be infinite, a bound that is none; what a schedule gives may not.
      check('injectHyperparams', { [`${name} at step ${count}`]: found }, machine === constant ? aNumber : finite)
      return found
    })

  const fresh = eachOf(sources, (_, { init }) => init())
  const first = valuesAt(
    0,
    fresh,
    eachOf(sources, (name) => hyperparams[name as K] as number)
  )
  const { takesRows } = made(first)

  return transformation<InjectHyperparamsState<Widened<H>, StateOf<T>>, ExtraOf<T> & HyperparamsExtra<H>>({
    origin: ['injectHyperparams', factory, { ...hyperparams }],
    init: (params) => stateOf<Widened<H>, StateOf<T>>(0, first, fresh, made(first).init(params)),
    update: (updates, state, params, extra) => {
      const { count, hyperparams: before, hyperparamsStates: states } = state as unknown as Erased
      const values = valuesAt(count, states, before)
      const [transformed, innerState] = made(values).update(updates, state.innerState, params, extra)
      const next = eachOf(sources, (name, { update }) => update(states[name], extra))
      return [transformed, stateOf<Widened<H>, StateOf<T>>(count + 1, values, next, innerState)]
    },
    takesNull: true,
    takesRows
  })
}

type Values = Readonly<Record<string, number>>
type States = Readonly<Record<string, unknown>>

/** The state without its types, which are those of what the user gave. */
interface Erased {
  readonly count: number
  readonly hyperparams: Values
  readonly hyperparamsStates: States
}

const stateOf = <H, Inner>(count: number, values: Values, states: States, innerState: Inner) =>
  // Name by name these are the numbers and states that the types say.
  ({ count, hyperparams: values, hyperparamsStates: states, innerState }) as unknown as InjectHyperparamsState<H, Inner>

/** A hyperparameter of any kind: where it starts, its value, and how it goes on. */
interface Machine {
  readonly init: () => unknown
  readonly value: (state: unknown, before: number) => number
  readonly update: (state: unknown, extra: unknown) => unknown
}

const constant: Machine = { init: () => null, value: (_, before) => before, update: () => null }

const machineOf = (given: Hyperparam): Machine => {
  if (typeof given === 'number') return constant
  if (typeof given !== 'function') return given as unknown as Machine
  const countOf = (state: unknown): number => (state as { readonly count: number }).count
  return {
    init: () => ({ count: 0 }),
    value: (state) => given(countOf(state)),
    update: (state) => ({ count: countOf(state) + 1 })
  }
}

const eachOf = <R>(
  sources: readonly (readonly [string, Machine])[],
  f: (name: string, machine: Machine) => R
): Readonly<Record<string, R>> => Object.fromEntries(sources.map(([name, machine]) => [name, f(name, machine)]))

const isMachine = (value: unknown): boolean =>
  isObject(value) && ['init', 'value', 'update'].every((part) => typeof value[part] === 'function')

const hyperparam: Requirement = {
  what: 'a number, a schedule or a stateful schedule { init, value, update }',
  holds: (value) => typeof value === 'number' || typeof value === 'function' || isMachine(value)
}
