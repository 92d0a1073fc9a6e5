import { kindOf } from '../array/dtype.js'
import { isNdArray } from '../array/ndarray.js'
import { isRecording } from '../derivatives/recording.js'
import { evaluation, innerEvaluations } from '../engine/edge.js'
import { cameFrom } from '../engine/needsHost.js'
import { InvalidOption, InvalidState, InvalidTree, show } from '../errors.js'
import { Expr, type Leaf, type Operand } from '../expression/expr.js'
import type { Value } from '../expression/operations.js'
import { type Computed, type Course, Packer, type Request } from '../grouping/packed.js'
import { touchedRows, withTouchedRows } from '../rows/touchedRows.js'
import { map } from '../tree/tree.js'
import { atRest, filledIn, mayBeAbsent, othersIn, updateOthers, withAbsences } from './absent.js'
import { addUpdates } from './addUpdates.js'
import type { Donation } from './donation.js'
import {
  bareOf,
  concrete,
  conform,
  evaluateTrees,
  inFormOf,
  isLazy,
  liftPair,
  liftTree,
  markForeign,
  viewsOf
} from './edge.js'
import { refuseThroughJson } from './leaves.js'
import { type Given, liftGiven } from './liftGiven.js'
import { withOrigin } from './origin.js'
import { Repeated } from './repeated.js'
import { checkState } from './state.js'
import { type Taking, takingOf } from './taken.js'
import { currentTrace } from './trace.js'
import type { AnyGradientTransformation, Definition, ExtraOf, GradientTransformation, StateOf, Tree } from './types.js'

/** What is remembered of a transformation of ours. */
interface Known {
  readonly definition: Definition<unknown, unknown>
  /** The states that it made itself, which need no checking; `null` when states are a user's own business. */
  readonly states: WeakSet<object> | null
  /** Its evaluations. */
  readonly repeated: Repeated
  /** Its evaluations of many small arrays. */
  readonly packer: Packer
  /** Whether some params, or some rows of them, had no gradient the last time. */
  wasPartial: boolean
}

// A transformation is ours when its `update` is: `{ ...scaleByAdam(), update: mine }` is not.
const known = new WeakMap<object, Known>()

const knownOf = (definition: Known['definition'], states: Known['states']): Known => ({
  ...{ definition, states, repeated: new Repeated(), packer: new Packer(), wasPartial: false }
})

const remember = (states: WeakSet<object> | null, state: unknown): void => {
  if (typeof state === 'object' && state !== null) states?.add(state)
}

/**
 * Makes a transformation out of a definition on trees of expressions.
 *
 * Called with arrays, the transformation evaluates all it returns, updates and state, together and once, before it
 * returns. Called with expressions, as `chain` and every wrapper calls its parts, it returns expressions: a composition of
 * any depth is evaluated once, at its outermost edge. The leaves of the updates (of the params, in `init`) decide. An
 * expression belongs to the call that made it: what is needed later must be in the state.
 *
 * @example
 * const halve = transformation<EmptyState>({
 *   init: () => ({}),
 *   update: (updates, state) => [tree.map((g) => mul(g, 0.5), updates), state]
 * })
 * const [updates] = halve.update({ w: new Float32Array([2, 4]) }, {}, { w: new Float32Array(2) })
 * updates // => { w: Float32Array [1, 2] }
 *
 * @throws InvalidOption for what is no pair of functions. What it makes throws InvalidTree when gradients and params do not
 * fit, and InvalidState for the state of another transformation.
 */
export const transformation = <State, Extra = unknown>(
  definition: Definition<State, Extra>
): GradientTransformation<State, Extra> => {
  if (!isPair(definition)) {
    throw new InvalidOption(
      `transformation: definition must be a pair { init, update } of functions, got ${show(definition)}`
    )
  }
  const states = new WeakSet<object>()
  const erased = checked(definition as Definition<unknown, unknown>, () => update)
  const ours = knownOf(erased, states)

  const init = (params: Tree): unknown => {
    if (isLazy(params)) return erased.init(params)
    return evaluation(() => {
      const lifted = liftTree('init', 'params', params)
      refuseThroughJson('init', 'params', params)
      const state = erased.init(lifted)
      evaluateTrees(state)
      const made = concrete(state)
      remember(states, made)
      return made
    })
  }

  const update = (updates: Tree, state: unknown, params: Tree, extra: unknown): readonly [unknown, unknown] => {
    if (isLazy(updates)) return updateLazily(erased, updates, state, params, extra)
    return evaluateEdge(ours, updates, state, params, extra)
  }

  known.set(update, ours)
  const { origin } = definition
  const tx = { init, update }
  // On the outside the type of the tree is kept, inside it is erased: this is the one place where the two meet.
  return (origin ? withOrigin(origin, tx) : tx) as unknown as GradientTransformation<State, Extra>
}

/** An update that gives expressions, as one of another transformation or of a function that is being differentiated. */
const updateLazily = (
  { update }: Definition<unknown, unknown>,
  updates: Tree,
  state: unknown,
  params: Tree,
  extra: unknown
): readonly [Tree, unknown] => {
  // In a step in which some are absent whoever calls knows what to do about it.
  if (mayBeAbsent() || othersIn(params, updates) === params) return update(updates, state, params, extra)
  return withAbsences(true, () => {
    const [some, next] = update(updates, state, params, extra)
    return [filledIn(some, params, atRest) as Tree, next]
  })
}

/** A definition whose functions give what they must, and are given no gradient that is `null`, nor rows, unless they ask for it. */
const checked = (definition: Definition<unknown, unknown>, owner: () => object): Definition<unknown, unknown> => {
  const name = definition.origin?.[0] ?? 'a transformation of yours'
  const sure: Definition<unknown, unknown> = {
    gradients: definition.gradients,
    takesRows: definition.takesRows,
    init: (params) => aState(definition.init(params)),
    update: (updates, state, params, extra) => {
      const trace = currentTrace()
      try {
        if (trace === null) return aResult(definition.update(updates, state, params, extra))
        return trace({ update: owner(), updates, state, params, extra }, (u, s, p) =>
          aResult(definition.update(u, s, p, extra))
        )
      } catch (error) {
        throw name === 'chain' ? error : cameFrom(error, name)
      }
    }
  }
  const { takesNull, takesRows } = definition
  const others: typeof sure.update = (updates, state, params, extra) =>
    mayBeAbsent() ? updateOthers(sure, updates, state, params, extra) : sure.update(updates, state, params, extra)
  const update = takesNull === true ? sure.update : others
  if (takesRows === true) return { ...sure, update }
  return {
    ...sure,
    update: (updates, state, params, extra) =>
      touchedRows() === null
        ? update(updates, state, params, extra)
        : withTouchedRows(null, () => update(updates, state, params, extra))
  }
}

const isPromise = (value: unknown): boolean => value instanceof Promise

const aState = (state: unknown): unknown => {
  if (isPromise(state)) throw new InvalidState('init: a state must be a value, got a Promise')
  return state
}

const aResult = <U>(result: readonly [U, unknown]): readonly [U, unknown] => {
  if (Array.isArray(result) && result.length === 2) return result
  throw new InvalidTree(`update: an update must return [updates, state], got ${show(result)}`)
}

const isPair = (value: unknown): boolean => {
  if (value === null || typeof value !== 'object') return false
  const { init, update } = value as { readonly init?: unknown; readonly update?: unknown }
  return typeof init === 'function' && typeof update === 'function'
}

/** What an evaluation is to give besides the next state. */
interface Finish {
  readonly of: (updates: Tree<Value>, params: Tree<Value>) => Tree<Value>
  /** The tree whose form its arrays take. */
  readonly like: (grads: Tree<Value>, params: Tree<Value>) => Tree<Value>
  /** Has the evaluation made. */
  readonly evaluate?: Request['evaluate']
}

const asUpdates: Finish = { of: (updates) => updates, like: (grads) => grads }

const asParams: Finish = { of: (updates, params) => addUpdates(params, updates), like: (_, params) => params }

/** One evaluation, from arrays to arrays, of what `finish` makes of the updates together with the next state. */
const evaluateEdge = (
  known: Known,
  updates: Tree,
  state: unknown,
  params: Tree,
  extra: unknown,
  finish = asUpdates
): readonly [unknown, unknown] =>
  evaluation(() => known.repeated.run((course) => evaluateOnce(known, course, updates, state, params, extra, finish)))

const evaluateOnce = (
  ours: Known,
  course: Course | null,
  updates: Tree,
  state: unknown,
  params: Tree,
  extra: unknown,
  finish: Finish
): readonly [unknown, unknown] => {
  const { definition, states, packer } = ours
  const { gradients } = definition
  const taking = takingOf(gradients)
  const isOwn = states === null || (typeof state === 'object' && state !== null && states.has(state))
  const compute = ({ grads, params: lifted, form }: Given, before: unknown): Computed => {
    const [lazyUpdates, lazyState] = updateWith(definition, grads, before, lifted, extra, isOwn)
    const whole = form === grads ? lazyUpdates : filledIn(lazyUpdates, lifted, atRest)
    // Where gradients may have any dtype, updates have that of the params.
    return [finish.of(conform('update', whole, gradients === undefined ? form : lifted), lifted), lazyState]
  }
  if (course !== null && isOwn && gradients === undefined && !ours.wasPartial) {
    const computeLeaves = (): Computed => compute(liftArguments(updates, state, params), state)
    const computeGroups: Request['compute'] = ([lifted, grads], before) =>
      compute({ grads, params: lifted, form: grads, touched: null } as Given, before)
    const { evaluate } = finish
    const packed = packer.run(
      { trees: [params, updates], state, compute: computeGroups, computeLeaves, evaluate },
      course
    )
    if (packed !== null) {
      remember(states, packed[1])
      return packed
    }
  }
  const given = liftArguments(updates, state, params, taking)
  const { form, params: lifted, touched } = given
  const isAnyAbsent = form !== given.grads
  ours.wasPartial = isAnyAbsent || touched !== null
  if (!isOwn) checkState(definition.init(lifted), state, lifted)
  const before = innerEvaluations()
  const [result, lazyState] = ours.wasPartial
    ? withAbsences(isAnyAbsent, () => withTouchedRows(touched, () => compute(given, state)))
    : compute(given, state)
  // A definition that makes evaluations of its own is not run twice, to see whether it is the same in groups.
  if (innerEvaluations() > before && !ours.wasPartial) packer.refuse()
  const run = (): void => evaluateTrees(result, lazyState)
  if (finish.evaluate === undefined) run()
  else finish.evaluate([result, lazyState], run, [])
  const next = concrete(lazyState)
  remember(states, next)
  return [inFormOf(result, finish.like(gradients === undefined ? form : lifted, lifted)), next]
}

/** The gradients and the params; where they do not fit, it is looked whether the arguments are in another order. */
const liftArguments = (updates: Tree, state: unknown, params: Tree, taking?: Taking): Given => {
  try {
    return liftGiven('update', updates, params, taking)
  } catch (error) {
    if (params === undefined) throw new InvalidTree(`update: params must come after the state, got ${show(params)}`)
    if (error instanceof InvalidTree && fitEachOther(updates, state)) {
      throw new InvalidTree('update: state must come before params, got them the other way round')
    }
    throw error
  }
}

const fitEachOther = (updates: unknown, state: unknown): boolean => {
  try {
    liftPair('update', updates, state)
    return true
  } catch {
    return false
  }
}

const updateWith = (
  definition: Definition<unknown, unknown>,
  grads: Tree,
  state: unknown,
  params: Tree,
  extra: unknown,
  isOwn: boolean
): readonly [Tree, unknown] => {
  try {
    return definition.update(grads, state, params, extra)
  } catch (error) {
    // A state of its own was not checked, and may have been made for other params: then that is what to say.
    if (isOwn && error instanceof InvalidTree) checkState(definition.init(params), state, params)
    throw error
  }
}

/**
 * The inside of a transformation, to be called with expressions: for those who write wrappers. A user's own pair of `init`
 * and `update` on raw arrays is made to fit: what is pending is evaluated, it is handed arrays, and its updates are lifted.
 *
 * @example
 * const twice = <T extends AnyGradientTransformation>(tx: T): GradientTransformation<StateOf<T>, ExtraOf<T>> => {
 *   const { init, update } = definitionOf('twice', tx)
 *   return transformation({
 *     init,
 *     update: (updates, state, params, extra) => {
 *       const [first, between] = update(updates, state, params, extra)
 *       return update(first, between, params, extra)
 *     }
 *   })
 * }
 * const tx = twice(scale(3))
 * tx.update({ w: 1 }, tx.init({ w: 0 }), { w: 0 })[0] // => { w: 9 }
 *
 * @throws InvalidOption for what is no pair of functions.
 */
export const definitionOf = <T extends AnyGradientTransformation>(
  owner: string,
  tx: T
): Definition<StateOf<T>, ExtraOf<T>> => {
  if (!isPair(tx)) {
    throw new InvalidOption(`${owner}: a transformation must be a pair { init, update } of functions, got ${show(tx)}`)
  }
  const definition = known.get(tx.update)?.definition ?? checked(foreignDefinition(tx), () => tx.update)
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
  extra: unknown,
  donation: Donation | null = null
): readonly [unknown, unknown] => {
  const definition = definitionOf('step', tx) as Definition<unknown, unknown>
  if (isRecording()) {
    const { grads: g, params: p, form } = liftArguments(grads, state, params)
    const [updates, next] = withAbsences(form !== g, () => definition.update(g, state, p, extra))
    const whole = form === g ? updates : filledIn(updates, p, atRest)
    return [addUpdates(p, conform('update', whole, form)), next]
  }
  const ours = known.get(tx.update) ?? knownOf(definition, null)
  if (donation === null) return evaluateEdge(ours, grads, state, params, extra, asParams)
  const evaluate: Finish['evaluate'] = (computed, run, held) => donation.evaluate(computed, run, held)
  const [after, next] = donation.moved(evaluateEdge(ours, grads, state, params, extra, { ...asParams, evaluate }))
  remember(ours.states, next)
  return [after, next]
}

const copyOf = (leaf: Leaf): Leaf => {
  if (typeof leaf === 'number') return leaf
  return isNdArray(leaf) ? ({ ...leaf, shape: [...leaf.shape], data: leaf.data.slice() } as Leaf) : leaf.slice()
}

const copyInFormOf = (leaf: Leaf, like: Operand): Leaf => {
  const isBare = like instanceof Expr && like.shape === null
  return isBare && typeof leaf !== 'number' && isNdArray(leaf)
    ? bareOf(kindOf(leaf.dtype), leaf.data.slice())
    : copyOf(leaf)
}

const foreignDefinition = (tx: AnyGradientTransformation): Definition<unknown, unknown> => {
  // Erased like the inside of ours: what it accepts was checked where it was composed.
  const bare = tx as unknown as Bare
  // Copies: a function on raw arrays may well write to what it is given, and others still need that.
  const raw = (tree: Tree): unknown => {
    evaluateTrees(tree)
    return map(copyOf, viewsOf(tree))
  }
  // Inside a chain updates may be wider than the params, or in another form; raw functions see what they would outside.
  const rawUpdates = (updates: Tree, params: Tree): unknown =>
    map(copyInFormOf, viewsOf(conform('update', updates, params)), params)
  return {
    init: (params) => {
      const state = aState(bare.init(raw(params)))
      markForeign(state)
      return state
    },
    update: (updates, state, params, extra) => {
      const [next, nextState] = aResult(bare.update(rawUpdates(updates, params), state, raw(params), extra))
      markForeign(nextState)
      return [liftTree('update', 'updates', next), nextState]
    }
  }
}
