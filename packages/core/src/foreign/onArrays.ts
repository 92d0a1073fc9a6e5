import { evaluation } from '../engine/edge.js'
import { withEngine } from '../engine/evaluate.js'
import { InvalidTree, show } from '../errors.js'
import { Expr, type Leaf } from '../expression/expr.js'
import { sum, type Value } from '../expression/operations.js'
import { atRest, filledIn, withAbsences } from '../transformation/absent.js'
import { addUpdates } from '../transformation/addUpdates.js'
import { conform, liftTree } from '../transformation/edge.js'
import { liftGiven } from '../transformation/liftGiven.js'
import { checkState } from '../transformation/state.js'
import { takingOf } from '../transformation/taken.js'
import { definitionOf } from '../transformation/transformation.js'
import type { AnyGradientTransformation, Definition, ExtraArguments, ExtraOf, Tree } from '../transformation/types.js'
import type { TreeOf } from '../tree/shape.js'
import { isContainer, walk } from '../tree/tree.js'
import { type ArrayLibrary, type Interpretation, interpretation } from './interpret.js'

/** The state of an optimizer on arrays of another library: a tree of those, and of numbers and keys. */
export type ArrayState<A> = TreeOf<A | Leaf>

/** Out of gradients, a state and params a tree like the params, and the next state. */
type ArrayUpdate<A, Extra> = <P extends TreeOf<A>>(
  grads: TreeOf<A>,
  state: ArrayState<A>,
  params: P,
  ...extra: ExtraArguments<Extra>
) => readonly [P, ArrayState<A>]

/**
 * An optimizer on trees of arrays of another library. What it is given stays as it is; what it returns belongs to the caller, who
 * releases it.
 */
export interface ArrayOptimizer<A, Extra = unknown> {
  /** The state before the first update. */
  readonly init: (params: TreeOf<A>) => ArrayState<A>
  /** The updates to add to the params, and the next state. */
  readonly update: ArrayUpdate<A, Extra>
  /** The new params, and the next state. */
  readonly step: ArrayUpdate<A, Extra>
}

/** Refuses a leaf that is neither an array of a library nor a number. */
export const refuseOther = (
  { arrayName }: { readonly arrayName: string },
  value: unknown,
  place: () => string
): void => {
  if (typeof value === 'number' || value === null) return
  throw new InvalidTree(`${place()} is ${show(value)}; a leaf must be ${arrayName} or a number`)
}

/** A value as it stands in an expression: a node for an array of the library. */
type Lift = (leaf: unknown, place: () => string) => unknown

/**
 * An optimizer on the arrays of another library: each node of its updates is computed by an operation of that library, where the
 * arrays are, and numbers such as rates and bias corrections on the host.
 *
 * Nothing leaks, and nothing that is given is changed: whatever is computed in between is released at its last use, and what is
 * returned is the caller's. State that is one number is read from the device, unless it is known on the host. A function among the extra
 * arguments, such as `valueFn`, is called with expressions, never with arrays of the library.
 *
 * @example
 * import { type ArrayLibrary, onArrays } from '@gradchain/core/engine'
 *
 * // A library whose arrays are boxes with one number in them.
 * class Box {
 *   readonly x: number
 *   constructor(x: number) {
 *     this.x = x
 *   }
 * }
 * const xOf = (operand: Box | number): number => (operand instanceof Box ? operand.x : operand)
 * const boxes: ArrayLibrary<Box> = {
 *   name: 'boxes',
 *   arrayName: 'a Box',
 *   isArray: (value) => value instanceof Box,
 *   formOf: () => ({ dtype: 'float64', shape: [] }),
 *   compute: ({ name }, operands) => {
 *     const [a = 0, b = 0] = operands.map(xOf)
 *     if (name === 'mul') return new Box(a * b)
 *     throw new Error(`boxes: there is no ${name}`)
 *   },
 *   fromHost: ({ data }) => new Box(data[0] as number),
 *   toHost: ({ x }) => ({ dtype: 'float64', shape: [], data: Float64Array.of(x) }),
 *   clone: ({ x }) => new Box(x),
 *   release: () => {}
 * }
 * const { init, update } = onArrays(boxes, scale(-0.5))
 * const params = { w: new Box(1) }
 * update({ w: new Box(4) }, init(params), params)[0].w.x // => -2
 *
 * @throws InvalidTree for a leaf that is no array of the library, with its place; InvalidOption for what is no optimizer.
 * @see nodes
 */
export const onArrays = <A extends object, T extends AnyGradientTransformation>(
  library: ArrayLibrary<A>,
  optimizer: T
): ArrayOptimizer<A, ExtraOf<T>> => {
  const { name } = library
  // Erased as the inside of transformations is: the types stand on what is returned.
  const definition = definitionOf(name, optimizer) as Definition<unknown, unknown>
  const taking = takingOf(definition.gradients)
  const own = new WeakSet<object>()

  const evaluated = <R>(run: (interpreter: Interpretation<A>) => R): R => {
    const interpreter = interpretation(library)
    return evaluation(() => withEngine(interpreter.engine, () => run(interpreter)))
  }

  const lifting =
    ({ leaf }: Interpretation<A>, isStrict: boolean): Lift =>
    (value, place) => {
      if (library.isArray(value)) return leaf(value, place)
      if (isStrict) refuseOther(library, value, place)
      return value
    }

  const lifted = (what: string, tree: unknown, lift: Lift): unknown => {
    const place = `${name}: ${what}`
    return walk(name, [what], [tree], ([value], path) => lift(value, () => `${place}${path()}`), {
      // What is no tree, such as a function among the extra arguments, is left alone.
      isLeaf: (value) => !isContainer(value)
    })
  }

  /** The trees of what expressions come to, each array for one owner. */
  const lowered = ({ outputs }: Interpretation<A>, trees: readonly unknown[]): readonly unknown[] => {
    const nodes: Expr[] = []
    for (const tree of trees) eachLeaf(tree, (value) => value instanceof Expr && nodes.push(value))
    const values = outputs(nodes)
    let at = 0
    return trees.map((tree) =>
      walk(name, ['result'], [tree], ([value]) => (value instanceof Expr ? values[at++] : value))
    )
  }

  const remembered = (state: unknown): ArrayState<A> => {
    if (typeof state === 'object' && state !== null) own.add(state)
    return state as ArrayState<A>
  }

  const given = (interpreter: Interpretation<A>, updates: unknown, params: unknown) => {
    const lift = lifting(interpreter, true)
    return liftGiven('update', lifted('grads', updates, lift) as Tree, lifted('params', params, lift) as Tree, taking)
  }

  const run = (
    finish: (updates: Tree<Value>, params: Tree<Value>) => Tree<Value>,
    updates: unknown,
    state: unknown,
    params: unknown,
    extra: unknown
  ): readonly [unknown, ArrayState<A>] =>
    evaluated((interpreter) => {
      const { grads, params: p, form } = given(interpreter, updates, params)
      const s = lifted('state', state, lifting(interpreter, false))
      if (typeof state !== 'object' || state === null || !own.has(state)) checkState(definition.init(p), s, p)
      const e = extra === undefined ? extra : lifted('the extra argument', extra, scalars(interpreter, library))
      const isAnyAbsent = form !== grads
      const [some, next] = withAbsences(isAnyAbsent, () => definition.update(grads, s, p, e))
      const whole = isAnyAbsent ? filledIn(some, p, atRest) : some
      const all = conform('update', whole, definition.gradients === undefined ? form : p)
      const [result, nextState] = lowered(interpreter, [finish(all, p), next])
      return [result, remembered(nextState)]
    })

  const asUpdates = (u: Tree<Value>): Tree<Value> => u
  const asParams = (u: Tree<Value>, p: Tree<Value>): Tree<Value> => addUpdates(p, u)
  return {
    init: (params) =>
      evaluated((interpreter) => {
        const p = liftTree('init', 'params', lifted('params', params, lifting(interpreter, true)))
        return remembered(lowered(interpreter, [definition.init(p)])[0])
      }),
    // The trees that come out are those that went in, with other arrays: this is where that is said.
    update: (updates, state, params, ...[extra]) => run(asUpdates, updates, state, params, extra) as never,
    step: (grads, state, params, ...[extra]) => run(asParams, grads, state, params, extra) as never
  }
}

/** Arrays among the extra arguments: one of shape `[]` is a number, such as the value of a loss. */
const scalars =
  <A extends object>({ leaf }: Interpretation<A>, { isArray }: ArrayLibrary<A>): Lift =>
  (value, place) => {
    if (!isArray(value)) return value
    const node = leaf(value, place)
    return node.shape?.length === 0 ? sum(node) : node
  }

const eachLeaf = (tree: unknown, visit: (leaf: unknown) => unknown): void => {
  walk('evaluate', ['tree'], [tree], ([leaf]) => visit(leaf))
}
