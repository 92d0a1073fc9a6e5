import {
  type AnyGradientTransformation,
  check,
  type Definition,
  definitionOf,
  type EmptyState,
  type ExtraOf,
  type GradientTransformation,
  type Leaf,
  type Requirement,
  type StateOf,
  type Tree,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { measuredAtInit, measuredLike } from '../internal/measured.js'
import { anObject, isObject } from '../internal/requirements.js'
import type { Measure, Measured } from './measure.js'

/** What {@link monitor} accepts: a function, one that remembers, or a transformation, whose updates are the measurement. */
export type AnyMeasure = Measure | AnyStatefulMeasure | AnyGradientTransformation

/** A `StatefulMeasure` of which nothing more is known. */
export interface AnyStatefulMeasure {
  readonly init: (params: Tree) => unknown
  readonly measure: (updates: Tree, state: never, params: Tree) => readonly [Tree, unknown]
}

/** The state of a measure: none for a function. */
export type MeasureState<T> = T extends Measure
  ? EmptyState
  : T extends AnyStatefulMeasure
    ? ReturnType<T['init']>
    : T extends AnyGradientTransformation
      ? StateOf<T>
      : never

/** What a measure gives, as it is in the state. */
export type Measurement<T> =
  T extends Measure<infer M>
    ? Measured<M>
    : T extends AnyStatefulMeasure
      ? Measured<ReturnType<T['measure']>[0]>
      : Tree<Leaf>

/** State of {@link monitor}. */
export interface MonitorState<T> {
  /** The last measurements, by name; before the first update, those of updates of zero. */
  readonly measurements: { readonly [K in keyof T]: Measurement<T[K]> }
  /** The states of the measures, by name. */
  readonly measureStates: { readonly [K in keyof T]: MeasureState<T[K]> }
}

// Each as the parameter of a function, and not as it is: a union of them all would be `unknown` when one is.
type Takes<T> = { readonly [K in keyof T]: (extra: ExtraOfMeasure<T[K]>) => void }

type ExtraOfMeasure<T> = T extends AnyGradientTransformation ? ExtraOf<T> : unknown

/** All that any measure needs beyond the params: the intersection. */
export type MonitorExtra<T> = Takes<T>[keyof T] extends (extra: infer Extra) => void ? Extra : never

/**
 * Lets updates pass through and keeps in its state what several measures say about them, by name.
 *
 *     u = g                measurements[name] = measures[name](g)
 *
 * A measure is a function of updates and params, on trees of expressions; one that remembers, such as
 * {@link measureWithEma}; or a transformation, whose updates are the measurement and go nowhere else.
 *
 * Laws: the identity on updates; a measure that is a function gives what {@link snapshot} gives; a transformation, what it
 * emits where the monitor stands.
 *
 * Unlike Optax: there are measurements before the first update, those of updates of zero, so that the state has one structure
 * always; the states of the measures are by name.
 *
 * @example
 * const norm = (updates: Tree) => tree.norm(updates)
 * const tx = monitor({ norm, smooth: measureWithEma(norm, 0.5) })
 * const params = { w: 0 }
 * let state = tx.init(params)
 * for (const w of [1, 4]) state = tx.update({ w }, state, params)[1]
 * state.measurements // => { norm: 4, smooth: 3 }
 *
 * @throws InvalidOption at construction, for what is no measure; InvalidTree where a measurement is no tree of numbers and
 * arrays, or has another structure than the first.
 * @see snapshot, measureWithEma
 */
export const monitor = <const T extends Readonly<Record<string, AnyMeasure>>>(
  measures: T
): GradientTransformation<MonitorState<T>, MonitorExtra<T>> => {
  check('monitor', { measures }, anObject)
  const gauges = Object.entries(measures).map(([name, measure]) => [name, gaugeOf(name, measure)] as const)
  const stateOf = (found: readonly (readonly [string, Tree, unknown])[]): MonitorState<T> =>
    // Evaluated where the transformation returns, as all of its state; name by name what the measures say.
    ({
      measurements: Object.fromEntries(found.map(([name, measured]) => [name, measured])),
      measureStates: Object.fromEntries(found.map(([name, , next]) => [name, next]))
    }) as unknown as MonitorState<T>

  return transformation<MonitorState<T>, MonitorExtra<T>>({
    origin: ['monitor', { ...measures }],
    init: (params) => stateOf(gauges.map(([name, { init, first }]) => [name, first(params), init(params)])),
    update: (updates, { measurements, measureStates }, params, extra) => {
      const found = gauges.map(([name, { measure }]) => {
        const [measured, next] = measure(updates, measureStates[name], params, extra)
        return [name, measuredLike(measured, measurements[name]), next] as const
      })
      return [updates, stateOf(found)]
    }
  })
}

/** A measure of any kind. */
interface Gauge {
  readonly init: (params: Tree) => unknown
  /** The measurement before there are updates. */
  readonly first: (params: Tree) => Tree
  readonly measure: (updates: Tree, state: unknown, params: Tree, extra: unknown) => readonly [Tree, unknown]
}

const gaugeOf = (name: string, measure: AnyMeasure): Gauge => {
  check('monitor', { [name]: measure }, aMeasure)
  if (typeof measure === 'function') {
    return {
      init: () => ({}),
      first: (params) => measuredAtInit(measure, params),
      measure: (updates, state, params) => [measure(updates, params), state]
    }
  }
  // What it is was checked; what it remembers is its own.
  if ('measure' in measure) {
    const { init, measure: take } = measure as unknown as Pick<Gauge, 'init' | 'measure'>
    return {
      init,
      first: (params) => measuredAtInit((updates) => take(updates, init(params), params, undefined)[0], params),
      measure: take
    }
  }
  const { init, update } = definitionOf('monitor', measure) as Definition<unknown>
  return { init, first: (params) => tree.zerosLike(params), measure: update }
}

const aMeasure: Requirement = {
  what: 'a function, a measure { init, measure } or a transformation { init, update }',
  holds: (value) =>
    typeof value === 'function' ||
    (isObject(value) &&
      typeof value['init'] === 'function' &&
      (typeof value['measure'] === 'function' || typeof value['update'] === 'function'))
}
