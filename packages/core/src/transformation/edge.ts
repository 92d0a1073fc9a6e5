import { deferred } from '../array/deferred.js'
import { type Data, Kind } from '../array/dtype.js'
import { float16Of } from '../array/float16.js'
import { isLent } from '../array/lent.js'
import { isNdArray } from '../array/ndarray.js'
import { isRecording } from '../derivatives/recording.js'
import { chosenEngine } from '../engine/chosen.js'
import { evaluate } from '../engine/evaluate.js'
import { InvalidState, InvalidTree, show } from '../errors.js'
import { Expr, type Leaf, shapeOf } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { arrayOf, liftAny, sameShape, type Value } from '../expression/operations.js'
import { makeLeaf } from '../expression/tape.js'
import { holderOf } from '../grouping/pooled.js'
import { groupedIn } from '../tree/grouping.js'
import { DEEPEST, GIVE_UP, quick, quickly } from '../tree/quick.js'
import { isContainer, map, walk } from '../tree/tree.js'
import { asked } from '../watch.js'
import { isIntact, refuseLeaf } from './leaves.js'
import { roundedLike } from './rounded.js'
import { type Taking, takeAlike, takeWide } from './taken.js'
import type { Tree } from './types.js'

/** States of transformations that are not ours: their inside is not looked at. */
const foreignStates = new WeakSet<object>()
let hasForeign = false

/** Says that a state is a user's own business. */
export const markForeign = (state: unknown): void => {
  if (typeof state !== 'object' || state === null) return
  foreignStates.add(state)
  hasForeign = true
}

/** Whether a state is a user's own business. */
export const isForeign = (state: object): boolean => foreignStates.has(state)

/** Whether a node of a state has children that are not a user's own business. */
export const isInner = (node: unknown): node is object => isContainer(node) && !foreignStates.has(node)

/**
 * Whether a tree holds expressions: its first leaf that is no number decides, as trees are not mixed. While a function is
 * being differentiated every tree counts as one: evaluated, what depends on the params would no longer do so.
 */
export const isLazy = (tree: unknown): boolean => {
  if (isRecording()) return true
  try {
    return groupedIn(tree) !== undefined || holdsExpressions(tree)
  } catch {
    // A getter throws: where it stands is told when the leaves are looked at.
    return false
  }
}

const holdsExpressions = (tree: unknown): boolean => {
  let node = tree
  for (let depth = 0; depth < 64 && isContainer(node); depth++) node = firstOf(node)
  if (node instanceof Expr) return true
  return node !== null && typeof node === 'object' && !isContainer(node) ? false : search(tree)
}

const firstOf = (container: object): unknown => {
  for (const key in container) return (container as Record<string, unknown>)[key]
  return null
}

const search = (tree: unknown): boolean => {
  const stack: unknown[] = [tree]
  const seen = new Set<unknown>()
  while (stack.length > 0) {
    const node = stack.pop()
    if (node instanceof Expr) return true
    if (node === null || typeof node !== 'object') continue
    if (!isContainer(node)) return false
    if (seen.has(node)) continue
    seen.add(node)
    const children = Object.values(node)
    for (let i = children.length - 1; i >= 0; i--) stack.push(children[i])
  }
  return false
}

/** The node, or the number, of a leaf of a tree; where it stands is said by the name of the tree and its path there. */
export const liftAt = (leaf: unknown, name: string, path: Path): Value => {
  if (typeof leaf === 'number' || leaf instanceof Expr) return leaf
  const placeOf = (): string => `${name}${path()}`
  const origin = deferred(leaf)
  if (origin instanceof Expr) return origin
  const isWhole = !(leaf instanceof Float32Array || leaf instanceof Float64Array) || isIntact(leaf)
  return (isWhole ? liftAny(leaf, placeOf) : undefined) ?? refuseLeaf(leaf, placeOf())
}

/** Tells where a leaf stands. */
type Path = () => string

/** On the quick way nobody knows. */
const unknownPath: Path = () => {
  throw GIVE_UP
}

/**
 * The tree of `f(leaf, leaf, path)` over two trees. When anything goes wrong on the quick way, such as a getter that throws,
 * the thorough one says where; it starts anew.
 */
const mapPair = (
  owner: string,
  names: readonly [string, string],
  a: unknown,
  b: unknown,
  f: (a: unknown, b: unknown, path: Path) => Value,
  restart: () => void = doNothing
): Tree<Value> => {
  try {
    return quick((x, y) => f(x, y, unknownPath), 2, a, b) as Tree<Value>
  } catch {
    restart()
    return walk(owner, names, [a, b], ([x, y], path) => f(x, y, path)) as Tree<Value>
  }
}

/** A tree of arrays as a tree of expressions. */
export const liftTree = (owner: string, name: string, tree: unknown): Tree<Value> => {
  try {
    return quick((leaf) => liftAt(leaf, name, unknownPath), 1, tree) as Tree<Value>
  } catch {
    const place = `${owner}: ${name}`
    return walk(owner, [name], [tree], ([leaf], path) => liftAt(leaf, place, path)) as Tree<Value>
  }
}

/**
 * Gradients and params as trees of expressions. They must have the same structure and shapes, and dtypes that go together;
 * both come back with their keys in the order of the params, which is the order in which leaves are added up.
 */
export const liftPair = (
  owner: string,
  grads: unknown,
  params: unknown,
  name = 'grads',
  other = 'params',
  taking: Taking = takeAlike
): readonly [Tree<Value>, Tree<Value>] => {
  const hint = name === 'grads' ? '; castGradients takes gradients of any dtype' : ''
  const [placeOfGrads, placeOfParams] = [`${owner}: ${name}`, `${owner}: ${other}`]
  const lifted: Value[] = []
  const pair = (param: unknown, grad: unknown, path: Path): Value => {
    const g = liftAt(grad, placeOfGrads, path)
    const p = liftAt(param, placeOfParams, path)
    lifted.push(inShapeOf(fit(g, p, placeOfGrads, path, other, taking, hint), p))
    return p
  }
  const restart = (): void => {
    lifted.length = 0
  }
  const liftedParams = mapPair(owner, [other, name], params, grads, pair, restart)
  let at = 0
  return [map(() => lifted[at++] as Value, liftedParams), liftedParams]
}

/** A gradient as a bare array where its param is one, and as a list where that is one: states have the form of the params. */
const inShapeOf = (g: Value, p: Value): Value => {
  if (typeof g === 'number' || typeof p === 'number' || (g.shape === null) === (p.shape === null)) return g
  return g.op === Op.Leaf && g.data !== null ? makeLeaf(g.kind, p.shape, g.data) : g
}

const isArray = (x: Value): x is Expr => x instanceof Expr && x.kind !== Kind.Scalar

const describe = (x: Value): string => (isArray(x) ? `has dtype ${x.dtype}` : 'is a number')

/**
 * A leaf as it is taken beside another. Refuses a pair of different shapes or dtypes; scalars and numbers go with each other.
 */
export const fit = (
  g: Value,
  p: Value,
  name: string,
  path: Path,
  other: string,
  taking: Taking = takeAlike,
  hint = ''
): Value => {
  const areArrays = isArray(g) && isArray(p)
  const isShaped = areArrays && sameShape(g, p)
  const found = isShaped ? taking(g, p) : isArray(g) || isArray(p) ? null : g
  if (found !== null) return found
  const place = `${name}${path()}`
  if (areArrays && !isShaped) {
    throw new InvalidTree(`${place} has shape ${show(shapeOf(g))}, ${other} has ${show(shapeOf(p))}`)
  }
  throw new InvalidTree(`${place} ${describe(g)}, ${other} ${describe(p)}${areArrays ? hint : ''}`)
}

/** Collects the pending nodes of a tree. */
const pendingOf = (tree: unknown, into: Expr[], depth = 0): void => {
  if (tree instanceof Expr) {
    if (tree.op !== Op.Leaf) into.push(tree)
  } else if (isContainer(tree) && !foreignStates.has(tree)) {
    if (depth > DEEPEST) {
      walk('evaluate', ['tree'], [tree], ([leaf]) => pendingOf(leaf, into), { isLeaf: isForeign })
    } else if (Array.isArray(tree)) {
      for (let i = 0; i < tree.length; i++) pendingOf(tree[i], into, depth + 1)
    } else {
      for (const key in tree) pendingOf((tree as Record<string, unknown>)[key], into, depth + 1)
    }
  }
}

/** The elements of an evaluated node, for one owner alone. */
export const own = (node: Expr): Data => {
  const data = node.data as Data
  if (!node.isFresh || isLent(data.buffer)) return data.slice()
  node.isFresh = false
  return data
}

/** A vector without a shape, as users have it: where it is of 16 bits it came as a `Float16Array`. */
export const bareOf = (kind: Kind, data: Data): Leaf =>
  kind === Kind.F16 ? (float16Of(data as Uint16Array) as Leaf) : (data as Float32Array)

/** The array or number of an evaluated node, shaped as the node says. */
export const concreteOf = (node: Expr): Leaf => {
  if (node.kind === Kind.Scalar) return node.value
  const data = own(node)
  return isBareArray(node) ? (data as Float32Array) : ({ ...arrayOf(node), shape: [...shapeOf(node)], data } as Leaf)
}

// The bit patterns of a 16-bit dtype say nothing without their dtype.
const isBareArray = (node: Expr): boolean => node.shape === null && (node.kind === Kind.F32 || node.kind === Kind.F64)

/**
 * The arrays behind a tree of expressions, not copied: to be looked at, never written to or handed on. What is pending is
 * evaluated. Masks and labels that are functions of the params are given this.
 *
 * @example
 * viewsOf({ w: mul(2, new Float32Array([1, 2])) }) // => { w: Float32Array [2, 4] }
 */
export const viewsOf = (tree: Tree): Tree<Leaf> => {
  const grouped = groupedIn(tree)
  if (grouped !== undefined) return grouped.source === null ? asked() : (grouped.source() as Tree<Leaf>)
  const standIn = chosenEngine()?.standIn
  if (standIn === undefined) {
    evaluateTrees(tree)
    return walk('viewsOf', ['tree'], [tree], ([leaf]) => viewOf(leaf)) as Tree<Leaf>
  }
  const stood = walk('viewsOf', ['tree'], [tree], ([leaf]) =>
    leaf instanceof Expr && leaf.op !== Op.Leaf ? (standIn(leaf) ?? leaf) : leaf
  )
  evaluateTrees(stood)
  return walk('viewsOf', ['tree'], [stood], ([leaf]) => viewOf(leaf)) as Tree<Leaf>
}

/** What stands behind an evaluated leaf, not copied. */
export const viewOf = (leaf: unknown): unknown => {
  if (!(leaf instanceof Expr)) return leaf
  return leaf.kind === Kind.Scalar ? leaf.value : isBareArray(leaf) ? leaf.data : arrayOf(leaf)
}

/** Evaluates everything that is pending in the given trees, in one go. */
export const evaluateTrees = (...trees: readonly unknown[]): void => {
  const pending: Expr[] = []
  for (const tree of trees) pendingOf(tree, pending)
  if (pending.length > 0) evaluate(pending)
}

/** An evaluated tree with arrays in place of its expressions. Arrays that stand in it twice are told apart. */
export const concrete = (tree: unknown): unknown => {
  const seen = new Set<unknown>()
  const take = (leaf: unknown): unknown => {
    if (leaf instanceof Expr) return concreteOf(leaf)
    if (typeof leaf !== 'object' || leaf === null || foreignStates.has(leaf)) return leaf
    return handedOn(leaf, seen)
  }
  return mapState(tree, take, () => seen.clear())
}

/** An array as it is where it is handed on for the first time, and a copy from then on; anything else as it is. */
export const handedOn = (leaf: object, seen: Set<unknown>): unknown => {
  const data = ArrayBuffer.isView(leaf) ? leaf : isNdArray(leaf) ? leaf.data : null
  if (data === null) return leaf
  const holder = holderOf(data)
  if (seen.has(holder)) return copyOf(leaf as Exclude<Leaf, number>)
  seen.add(holder)
  return leaf
}

/** The tree of `f(leaf)`; the states of transformations that are not ours count as leaves. */
export const mapState = (tree: unknown, f: (leaf: unknown) => unknown, restart: () => void = doNothing): unknown =>
  quickly(
    () => {
      if (hasForeign) throw GIVE_UP
      return quick(f, 1, tree)
    },
    () => {
      restart()
      return walk('evaluate', ['tree'], [tree], ([leaf]) => f(leaf), { isLeaf: isForeign })
    }
  )

const doNothing = (): void => {}

/**
 * The tree of `f(leaf, leaf)` over a state and the next; the states of transformations that are not ours count as leaves.
 *
 * @throws InvalidState when the structure has changed.
 */
export const pairState = (
  before: unknown,
  after: unknown,
  f: (before: unknown, after: unknown, path: Path) => unknown,
  restart: () => void
): unknown =>
  quickly(
    () => {
      if (hasForeign) throw GIVE_UP
      return quick((x, y) => f(x, y, unknownPath), 2, before, after)
    },
    () => {
      restart()
      try {
        return walk('step', ['the state before', 'the state after'], [before, after], ([x, y], path) => f(x, y, path), {
          isLeaf: isForeign
        })
      } catch (error) {
        throw error instanceof InvalidTree ? new InvalidState(error.message) : error
      }
    }
  )

const copyOf = (leaf: Exclude<Leaf, number>): Leaf =>
  isNdArray(leaf) ? ({ ...leaf, data: leaf.data.slice() } as Leaf) : leaf.slice()

/**
 * Updates in the dtypes of the gradients they come from, or of the params where the gradients may have any. A transformation
 * that gives back another shape is told so.
 */
export const conform = (owner: string, updates: unknown, grads: unknown): Tree<Value> => {
  const name = `${owner}: updates`
  return mapPair(owner, ['updates', 'grads'], updates, grads, (update, grad, path) => {
    const u = roundedLike(liftAt(update, name, path), grad as Value)
    return fit(u, grad as Value, name, path, 'grads', takeWide)
  })
}

/** Evaluated updates in the form of the gradients: bare arrays where those are bare. */
export const inFormOf = (updates: Tree<Value>, grads: Tree<Value>): Tree<Leaf> =>
  map(
    (update: Value, grad: Value): Leaf => {
      if (typeof update === 'number') return update
      if (update.kind === Kind.Scalar) return update.value
      const data = own(update)
      if ((grad as Expr).shape === null) return bareOf(update.kind, data)
      return { dtype: update.dtype, shape: [...shapeOf(grad as Expr)], data } as Leaf
    },
    updates,
    grads
  )
