import {
  type AnyGradientTransformation,
  add,
  check,
  definitionOf,
  Expr,
  type ExtraOf,
  type GradientTransformation,
  InvalidOption,
  InvalidTree,
  isContainer,
  type Operand,
  type Requirement,
  type StateOf,
  shapeOf,
  show,
  type Tree,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { listed, readPattern, type Step, stepsOf } from '../internal/pathPattern.js'

/** State of {@link tieWeights}. */
export interface TieWeightsState<Inner> {
  /** State of the inner transformation, with `null` at all places of a tie but the first. */
  readonly innerState: Inner
}

/**
 * Makes one parameter of what stands at several places of the params, an embedding that is the matrix of the output too: its
 * gradients are added up, it has one state, and each place gets the same update.
 *
 * For a tie of the places p₁, p₂, … and their gradients gₚ:
 *
 *     g  = gₚ₁ + gₚ₂ + …        from left to right
 *     uₚ = inner(g)              at each of its places
 *
 * The inner transformation sees the param and the summed gradient at the first place, and `null`, an empty subtree, at the others:
 * a norm counts it once, and weight decay is that of one. So this stands outermost, around all that moves params. Places that start
 * out equal stay equal to the bit; where they are not, the one that counts is the first.
 *
 * Ties are paths, not arrays that are the same, as each place of the params that come out of a step has an array of its own.
 * `tree.findTies` makes such a list out of the params before the first step.
 *
 * A gradient that is `null` is left out of the sum; where all of a tie are, all its places rest. A mask, or a part of `partition`, around
 * this one has all places of a tie or none.
 *
 * Laws: places that are equal stay equal; it is `inner` on one copy with the summed gradient; without ties it is `inner`.
 *
 * @param inner - what is to see one param in place of several.
 * @param ties - for each shared param the paths of its places, two or more, as `tree.paths` and error messages write them; the
 * first dot may be left out.
 *
 * @example
 * const tx = tieWeights(scale(-0.5), [['.embed.w', '.head.w']])
 * const params = { embed: { w: new Float32Array([1, 2]) }, head: { w: new Float32Array([1, 2]), b: 0 } }
 * const grads = { embed: { w: new Float32Array([1, 0]) }, head: { w: new Float32Array([3, 4]), b: 1 } }
 * const [updates] = tx.update(grads, tx.init(params), params)
 * updates.embed // => { w: Float32Array [-2, -2] }
 * updates.head // => { w: Float32Array [-2, -2], b: -0.5 }
 * tieWeights(scaleByAdam(), [['.embed.w', '.head.w']]).init(params).innerState.mu
 * // => { embed: { w: Float32Array [0, 0] }, head: { w: null, b: 0 } }
 *
 * @throws InvalidOption at construction, for what is no list of lists of paths, for wildcards, and for a path that is there twice;
 * InvalidTree at init and update, for a path that leads to no leaf, with those there are, and for places whose shapes or dtypes differ.
 * @see tree.findTies, masked, partition
 */
export const tieWeights = <T extends AnyGradientTransformation>(
  inner: T,
  ties: readonly (readonly string[])[]
): GradientTransformation<TieWeightsState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('tieWeights', inner)
  const read = readTies(ties)

  return transformation<TieWeightsState<StateOf<T>>, ExtraOf<T>>({
    origin: ['tieWeights', inner, ties.map((tie) => tie.slice())],
    init: (params) => ({ innerState: init(withoutOthers(params, tiesIn(params, read))) }),
    update: (updates, state, params, extra) => {
      const present = tiesIn(params, read)
      const [transformed, innerState] = update(
        withoutOthers(withSums(updates, present), present),
        state.innerState,
        withoutOthers(params, present),
        extra
      )
      return [withOthers(transformed, present), { innerState }]
    },
    takesNull: true
  })
}

/** A place of a tie. */
interface Place {
  /** What it is in the options, such as `ties[0][1]`. */
  readonly name: string
  /** As it was written. */
  readonly path: string
  readonly steps: readonly Step[]
}

/** The places of one param, the first of which is kept. */
interface Tie {
  readonly first: Place
  readonly others: readonly Place[]
}

const aListOfPaths: Requirement = {
  what: 'a list of at least two paths',
  holds: (value) => Array.isArray(value) && value.length > 1 && value.every((path) => typeof path === 'string')
}

const readTies = (ties: unknown): readonly Tie[] => {
  if (!Array.isArray(ties)) {
    throw new InvalidOption(`tieWeights: ties must be a list of lists of paths, got ${show(ties)}`)
  }
  const seen = new Map<string, string>()
  const placeOf = (path: string, name: string): Place => {
    const steps = stepsOf(readPattern('tieWeights', path))
    if (steps === undefined) {
      throw new InvalidOption(`tieWeights: ${name} must be the path of one leaf, without wildcards, got ${show(path)}`)
    }
    const place = JSON.stringify(steps)
    const before = seen.get(place)
    if (before !== undefined) {
      throw new InvalidOption(`tieWeights: ${name} must be another place than ${before}, got ${show(path)}`)
    }
    seen.set(place, name)
    return { name, path, steps }
  }
  return ties.map((tie: readonly string[], i) => {
    check('tieWeights', { [`ties[${i}]`]: tie }, aListOfPaths)
    const [first, ...others] = tie.map((path, j) => placeOf(path, `ties[${i}][${j}]`)) as [Place, ...Place[]]
    return { first, others }
  })
}

/** What stands at a place. */
const at = (values: Tree, { steps }: Place): Tree | undefined => {
  let node: Tree | undefined = values
  for (const step of steps) {
    if (!isContainer(node) || Array.isArray(node) !== (typeof step === 'number') || !Object.hasOwn(node, step)) {
      return undefined
    }
    node = (node as Readonly<Record<Step, Tree>>)[step]
  }
  return node
}

/** A tree with something else at a place; where it has no such place, what is wrong with it is said at the edge. */
const withAt = (node: Tree, [step, ...below]: readonly Step[], value: Tree): Tree => {
  if (step === undefined) return value
  if (!isContainer(node)) return node
  const children = node as Readonly<Record<Step, Tree>>
  const child = withAt(children[step] as Tree, below, value)
  if (Array.isArray(node)) return node.map((own: Tree, i) => (i === step ? child : own))
  return { ...children, [step]: child }
}

/** The ties that these params have; those of which a surrounding mask has taken out all are none. */
const tiesIn = (params: Tree, ties: readonly Tie[]): readonly Tie[] =>
  ties.filter(({ first, others }) => {
    const kept = leafAt(params, first)
    for (const other of others) {
      const shared = leafAt(params, other)
      if (kept !== null && shared !== null && formOf(kept) === formOf(shared)) continue
      if (kept === null && shared === null) continue
      const shown = (leaf: Operand | null): string => (leaf === null ? 'null' : formOf(leaf))
      const what = `params${dotted(other)} is ${shown(shared)}, params${dotted(first)}, which it is tied to, ${shown(kept)}`
      const isSplit = kept === null || shared === null
      const hint = isSplit ? '; what is around tieWeights must leave out all places of a tie, or none' : ''
      throw new InvalidTree(`tieWeights: ${what}${hint}`)
    }
    return kept !== null
  })

const dotted = ({ path }: Place): string => (/^[.[]|^$/.test(path) ? path : `.${path}`)

const leafAt = (params: Tree, place: Place): Operand | null => {
  const leaf = at(params, place)
  if (leaf !== undefined && !isContainer(leaf)) return leaf
  const there = listed(tree.paths(params))
  throw new InvalidTree(
    `tieWeights: ${place.name} is ${show(place.path)}, where the params have no leaf; there ${there === '' ? 'is none' : `are ${there}`}`
  )
}

const formOf = (leaf: Operand): string =>
  typeof leaf === 'number' || (leaf instanceof Expr && leaf.isScalar)
    ? 'a number'
    : `${tree.dtype(leaf)} of shape [${shapeOf(leaf).join(', ')}]`

const withoutOthers = (values: Tree, ties: readonly Tie[]): Tree =>
  ties.reduce((all, { others }) => others.reduce((some, { steps }) => withAt(some, steps, null), all), values)

/** The gradients with their sum at the first place of each tie: of those that are there, `null` of none. */
const withSums = (updates: Tree, ties: readonly Tie[]): Tree =>
  ties.reduce((all, { first, others }) => {
    const sum = [first, ...others]
      .map((place) => at(updates, place) as Operand | null)
      .reduce((total, g) => (total === null || g === null ? (total ?? g) : add(total, g)))
    return withAt(all, first.steps, sum)
  }, updates)

const withOthers = (updates: Tree, ties: readonly Tie[]): Tree =>
  ties.reduce(
    (all, { first, others }) =>
      others.reduce((some, { steps }) => withAt(some, steps, at(updates, first) ?? null), all),
    updates
  )
