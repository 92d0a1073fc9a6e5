import { InvalidOption, show } from '../errors.js'
import type { Value } from '../expression/operations.js'
import { addUpdates } from './addUpdates.js'
import { evaluateTrees, concrete, conform, inFormOf, isLazy, liftPair, liftTree, markForeign } from './edge.js'
import { checkState } from './state.js'
import type { AnyGradientTransformation, Definition, ExtraOf, GradientTransformation, StateOf, Tree } from './types.js'

/** What is remembered of a transformation of ours. */
interface Known {
  readonly definition: Definition<unknown, unknown>
  /** The states that it made itself, which need no checking. */
  readonly states: WeakSet<object>
}

// A transformation is ours when its `update` is: `{ ...scaleByAdam(), update: mine }` is not.
const known = new WeakMap<object, Known>()

const remember = (states: WeakSet<object>, state: unknown): void => {
  if (typeof state === 'object' && state !== null) states.add(state)
}

/**
 * Makes a transformation out of a definition on trees of expressions.
 *
 * Called with arrays, the transformation evaluates all it returns, updates and state, together and once, before it
 * returns. Called with expressions, as `chain` and every wrapper calls its parts, it returns expressions: a composition of
 * any depth is evaluated once, at its outermost edge. The leaves of the updates (of the params, in `init`) decide.
 *
 * @example
 * const halve = transformation<EmptyState>({
 *   init: () => ({}),
 *   update: (updates, state) => [tree.map((g) => mul(g, 0.5), updates), state]
 * })
 * const [updates] = halve.update({ w: new Float32Array([2, 4]) }, {}, { w: new Float32Array(2) })
 * updates // => { w: Float32Array [1, 2] }
 *
 * @throws InvalidTree when gradients and params do not fit; InvalidState for the state of another transformation.
 */
export const transformation = <State, Extra = unknown>(
  definition: Definition<State, Extra>
): GradientTransformation<State, Extra> => {
  const states = new WeakSet<object>()
  const erased = definition as Definition<unknown, unknown>

  const init = (params: Tree): unknown => {
    if (isLazy(params)) return erased.init(params)
    const state = erased.init(liftTree('init', 'params', params))
    evaluateTrees(state)
    const made = concrete(state)
    remember(states, made)
    return made
  }

  const update = (updates: Tree, state: unknown, params: Tree, extra: unknown): readonly [unknown, unknown] => {
    if (isLazy(updates)) return erased.update(updates, state, params, extra)
    return evaluateEdge({ definition: erased, states }, updates, state, params, extra)
  }

  known.set(update, { definition: erased, states })
  // On the outside the type of the tree is kept, inside it is erased: this is the one place where the two meet.
  return { init, update } as unknown as GradientTransformation<State, Extra>
}

/** What an evaluation is to give: a tree, and the tree whose form its arrays take. */
type Finish = (updates: Tree<Value>, grads: Tree<Value>, params: Tree<Value>) => readonly [Tree<Value>, Tree<Value>]

const asUpdates: Finish = (updates, grads) => [updates, grads]

/** One evaluation, from arrays to arrays, of what `finish` makes of the updates together with the next state. */
const evaluateEdge = (
  { definition, states }: Known,
  updates: Tree,
  state: unknown,
  params: Tree,
  extra: unknown,
  finish = asUpdates
): readonly [unknown, unknown] => {
  const [grads, lifted] = liftPair('update', updates, params)
  const isOwn = typeof state === 'object' && state !== null && states.has(state)
  if (!isOwn) checkState(definition.init(lifted), state)
  const [lazyUpdates, lazyState] = definition.update(grads, state, lifted, extra)
  const [result, form] = finish(conform('update', lazyUpdates, grads), grads, lifted)
  evaluateTrees(result, lazyState)
  const next = concrete(lazyState)
  remember(states, next)
  return [inFormOf(result, form), next]
}

/**
 * The inside of a transformation, to be called with expressions: for those who write wrappers. A user's own pair of `init`
 * and `update` on raw arrays is made to fit: what is pending is evaluated, it is handed arrays, and its updates are lifted.
 *
 * @throws InvalidOption for what is no pair of functions.
 */
export const definitionOf = <T extends AnyGradientTransformation>(
  owner: string,
  tx: T
): Definition<StateOf<T>, ExtraOf<T>> => {
  if (tx === null || typeof tx !== 'object' || typeof tx.init !== 'function' || typeof tx.update !== 'function') {
    throw new InvalidOption(`${owner}: a transformation must be a pair { init, update } of functions, got ${show(tx)}`)
  }
  const definition = known.get(tx.update)?.definition ?? foreignDefinition(tx)
  return definition as Definition<StateOf<T>, ExtraOf<T>>
}

/** A pair of functions on raw arrays. */
interface Bare {
  readonly init: (params: unknown) => unknown
  readonly update: (updates: unknown, state: unknown, params: unknown, extra: unknown) => readonly [unknown, unknown]
}

/** The new params and the next state of one step, evaluated together. */
export const evaluateStep = (
  tx: AnyGradientTransformation,
  grads: Tree,
  state: unknown,
  params: Tree,
  extra: unknown
): readonly [unknown, unknown] => {
  const ours = known.get(tx.update) ?? { definition: definitionOf('step', tx), states: new WeakSet() }
  return evaluateEdge(ours as Known, grads, state, params, extra, (updates, _, lifted) => [
    addUpdates(lifted, updates),
    lifted
  ])
}

const foreignDefinition = (tx: AnyGradientTransformation): Definition<unknown, unknown> => {
  // Erased like the inside of ours: what it accepts was checked where it was composed.
  const bare = tx as unknown as Bare
  const raw = (tree: Tree): unknown => {
    evaluateTrees(tree)
    return concrete(tree)
  }
  return {
    init: (params) => {
      const state = bare.init(raw(params))
      markForeign(state)
      return state
    },
    update: (updates, state, params, extra) => {
      const [next, nextState] = bare.update(raw(updates), state, raw(params), extra)
      markForeign(nextState)
      return [liftTree('update', 'updates', next), nextState]
    }
  }
}
