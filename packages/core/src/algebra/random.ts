import { DTYPES, type DType, Kind, kindOf } from '../array/dtype.js'
import { isNdArray, type NdArray } from '../array/ndarray.js'
import { callable, check, oneOf, optional, withDefaults } from '../check.js'
import { InvalidOption, show } from '../errors.js'
import { type Operand, shapeOf } from '../expression/expr.js'
import { calling } from '../expression/methods/calling.js'
import { Op } from '../expression/op.js'
import { cast, lift, type Value } from '../expression/operations.js'
import { make } from '../expression/tape.js'
import type { DrawnDType } from '../random/draw.js'
import { type Key, split } from '../random/key.js'
import { normal } from '../random/normal.js'
import type { Tree } from '../transformation/types.js'
import { isContainer, leaves, map, type TreeOf } from '../tree/tree.js'
import { placed } from './placed.js'

/**
 * A key for each leaf of a tree, split off one key.
 *
 * The keys are handed out in the order in which JAX goes through dictionaries: keys of objects sorted as texts, at every
 * level. So the leaves get the same numbers as in Optax, in whatever order the object was written.
 *
 * @example
 * const [first, second] = random.split(random.key(0))
 * const keys = tree.splitKeyLike(random.key(0), { b: 1, a: 2 })
 * JSON.stringify(keys) === JSON.stringify({ b: second, a: first }) // => true
 *
 * @throws InvalidOption for what is no key; InvalidTree for a tree that contains itself.
 */
export const splitKeyLike = (key: Key, like: TreeOf<unknown>): TreeOf<Key> => {
  const keys = split(key, leaves(like).length)
  let used = 0
  const root: Container = { tree: null }
  const pending: Place[] = [{ into: root, at: 'tree', node: like }]
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    const { into, at, node } = place
    if (!isContainer(node)) {
      into[at] = node === null ? null : (keys[used++] as Key)
      continue
    }
    const children = node as Readonly<Record<string, unknown>>
    const names = Object.keys(children)
    const out = emptyLike(node)
    // First all names in their own order; then the values, the first in sorted order on top of the stack.
    for (const name of names) out[name] = null
    into[at] = out as TreeOf<Key>
    const sorted = Array.isArray(node) ? names : names.sort()
    for (let i = sorted.length - 1; i >= 0; i--) {
      const name = sorted[i] as string
      pending.push({ into: out, at: name, node: children[name] })
    }
  }
  return root['tree'] as TreeOf<Key>
}

type Container = Record<string, TreeOf<Key>>

interface Place {
  readonly into: Container
  readonly at: string
  readonly node: unknown
}

const emptyLike = (node: object): Container =>
  Array.isArray(node) ? ([] as unknown as Container) : Object.getPrototypeOf(node) === null ? Object.create(null) : {}

/** Draws random numbers: what `random.normal` and its kin are. */
export type Sampler = (key: Key, shape: readonly number[], options: { readonly dtype: DrawnDType }) => NdArray

/** Options of {@link randomLike}. */
export interface RandomLikeOptions {
  /** What draws the numbers: `random.normal`, `random.uniform` or a function of the same form. @defaultValue `random.normal` */
  readonly sampler?: Sampler | undefined
  /** The dtype of all leaves; by default each has its own. */
  readonly dtype?: DType | undefined
}

/**
 * A tree of random numbers with the structure, shapes and dtypes of another: every leaf is drawn with a key of its own, the
 * one that {@link splitKeyLike} gives it.
 *
 * It is lazy: an array is drawn when it is evaluated, and not at all when nobody asks for it. A number leaf is drawn at once,
 * in float64. What is stored in 16 bits is drawn in float32 and rounded; Optax draws 1024 different
 * float16 numbers and 128 bfloat16 ones.
 *
 * @example
 * force(tree.randomLike(random.key(0), { w: new Float32Array(2) })) // => { w: Float32Array [1.004014253616333, -0.9063372015953064] }
 * const ones: tree.Sampler = (key, shape, { dtype }) => random.bernoulli(key, shape, { dtype, p: 1 })
 * force(tree.randomLike(random.key(0), { w: new Float32Array(2), b: 5 }, { sampler: ones })) // => { w: Float32Array [1, 1], b: 1 }
 *
 * @throws InvalidOption for what is no key and for a dtype that there is not; InvalidTree for what is no tree of arrays.
 */
export const randomLike = (key: Key, like: Tree, options: RandomLikeOptions = {}): Tree => {
  const { sampler, dtype } = withDefaults<RandomLikeOptions>('randomLike', options, {
    sampler: normal,
    dtype: undefined
  }) as { sampler: Sampler; dtype: DType | undefined }
  check('randomLike', { sampler }, callable)
  check('randomLike', { dtype }, optional(oneOf(...DTYPES)))
  return placed('randomLike', ['tree'], [like], () =>
    map((leaf: Operand, own: Key): Operand => drawn(sampler, own, lift(leaf), dtype), like, splitKeyLike(key, like))
  )
}

const drawn = (sampler: Sampler, key: Key, like: Value, dtype: DType | undefined): Value => {
  if (typeof like === 'number' || like.kind === Kind.Scalar) {
    const from = dtype === undefined ? 'float64' : drawnIn(dtype)
    return checked(sampler(key, [], { dtype: from }), from, 1).data[0] as number
  }
  const wanted = dtype ?? like.dtype
  const from = drawnIn(wanted)
  const shape = shapeOf(like)
  // As `opaque` makes it, but for the shape: a bare vector stays one.
  const node = make(Op.Opaque, kindOf(from), like.shape, like.size, null, null, null, [])
  node.detail = { method: calling, f: () => checked(sampler(key, shape, { dtype: from }), from, like.size).data }
  return cast(node, wanted)
}

const drawnIn = (dtype: DType): DrawnDType => (dtype === 'float64' ? 'float64' : 'float32')

const checked = (array: NdArray, dtype: DrawnDType, size: number): NdArray => {
  const isRight =
    typeof array === 'object' &&
    array !== null &&
    isNdArray(array) &&
    array.dtype === dtype &&
    array.data.length === size
  if (isRight) return array
  throw new InvalidOption(`randomLike: sampler must give a ${dtype} array of ${size} elements, got ${show(array)}`)
}
