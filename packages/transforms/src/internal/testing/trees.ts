// Trees for the tests of wrappers: templates with every kind of leaf, values for them, masks, and their text.
import type { Leaf, NdArray, Tree } from '@gradchain/core'
import fc from 'fast-check'

/** A tree as a user has it. */
export type Values = Tree<Leaf>

/** A number in a tree, by its place: which leaf, which element. */
export type Fill = (leaf: number, element: number) => number

const isLeaf = (x: Values): x is Leaf => typeof x === 'number' || ArrayBuffer.isView(x) || isNdArray(x)

const isNdArray = (x: Values): x is NdArray => typeof x === 'object' && x !== null && 'dtype' in x

/** The same tree with other leaves, written apart from the library. */
export const mapLeaves = <R extends Tree<Leaf | boolean | string>>(values: Values, f: (leaf: Leaf) => R): R => {
  // The result is made of what `f` returns, at the places of the leaves.
  if (values === null) return null as R
  if (isLeaf(values)) return f(values)
  if (Array.isArray(values)) return values.map((value: Values) => mapLeaves(value, f)) as Tree<Leaf> as R
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, mapLeaves(value, f)])) as Tree<Leaf> as R
}

/** The leaves in tree order. */
export const leavesOf = (values: Values): readonly Leaf[] => {
  const found: Leaf[] = []
  mapLeaves(values, (leaf) => {
    found.push(leaf)
    return leaf
  })
  return found
}

/** A leaf like another, with other elements. */
export const mapElements = (leaf: Leaf, f: (x: number, i: number) => number): Leaf => {
  if (typeof leaf === 'number') return f(leaf, 0)
  if (!('dtype' in leaf)) return leaf.map(f)
  if (leaf.dtype === 'float32') return { ...leaf, shape: [...leaf.shape], data: leaf.data.map(f) }
  if (leaf.dtype === 'float64') return { ...leaf, shape: [...leaf.shape], data: leaf.data.map(f) }
  throw new Error(`no test has leaves of dtype ${leaf.dtype}`)
}

/** The elements of a leaf. */
export const elementsOf = (leaf: Leaf): readonly number[] =>
  typeof leaf === 'number' ? [leaf] : [...('dtype' in leaf ? leaf.data : leaf)]

/** The tree with the elements that `fill` says. */
export const filled = (template: Values, fill: Fill): Values => {
  let at = 0
  return mapLeaves(template, (leaf) => {
    const place = at++
    return mapElements(leaf, (_, i) => fill(place, i))
  })
}

/** A tree as text, in which every bit of every number shows. */
export const textOf = (x: unknown): string => {
  if (typeof x === 'number') return Object.is(x, -0) ? '-0' : String(x)
  if (ArrayBuffer.isView(x)) return `${x.constructor.name}(${Array.from(x as Float32Array, textOf).join(' ')})`
  if (Array.isArray(x)) return `[${x.map(textOf).join(', ')}]`
  if (typeof x !== 'object' || x === null) return String(x)
  return `{ ${Object.entries(x)
    .map(([key, value]) => `${key}: ${textOf(value)}`)
    .join(', ')} }`
}

/** The same with the keys in alphabetical order. */
export const sortedTextOf = (x: unknown): string => textOf(sorted(x))

const sorted = (x: unknown): unknown => {
  if (Array.isArray(x)) return x.map(sorted)
  if (typeof x !== 'object' || x === null || ArrayBuffer.isView(x)) return x
  const keys = Object.keys(x).sort()
  return Object.fromEntries(keys.map((key) => [key, sorted((x as Record<string, unknown>)[key])]))
}

/** The same tree with the keys in the opposite order. */
export const reversed = (values: Values): Values => {
  if (values === null || isLeaf(values)) return values
  if (Array.isArray(values)) return values.map(reversed)
  const entries = Object.entries(values).reverse()
  return Object.fromEntries(entries.map(([key, value]) => [key, reversed(value)]))
}

/** The buffers that a value holds. */
export const buffersOf = (x: unknown): readonly ArrayBufferLike[] => {
  if (ArrayBuffer.isView(x)) return [x.buffer]
  return typeof x === 'object' && x !== null ? Object.values(x).flatMap(buffersOf) : []
}

const lengths = fc.constantFrom(0, 1, 2, 3, 4, 5, 9)

const aLeaf: fc.Arbitrary<Leaf> = fc.oneof(
  fc.constant(0),
  lengths.map((n) => new Float32Array(n)),
  lengths.map((n) => new Float64Array(n)),
  fc
    .tuple(fc.constantFrom(1, 2, 3), fc.constantFrom(0, 1, 3))
    .map(([n, m]): Leaf => ({ dtype: 'float32', shape: [n, m], data: new Float32Array(n * m) }))
)

/** Trees of every form: bare leaves, empty ones, `null`s, nested objects and arrays. */
export const aTemplate: fc.Arbitrary<Values> = fc.letrec<{ tree: Values }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    aLeaf,
    fc.constant(null),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('w', 'b', 'dense', 'a key'), tie('tree'), { maxKeys: 3, noNullPrototype: true })
  )
})).tree

/** Multiples of 1/4 so small that short sums and products of them are exact, also in float32. */
export const aDyadic: fc.Arbitrary<number> = fc.integer({ min: -16, max: 16 }).map((n) => n / 4)

/** Finite numbers that float32 has too. */
export const aNumber: fc.Arbitrary<number> = fc.oneof(
  aDyadic,
  fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
  fc.constantFrom(0, -0, 1e-40, -1e30)
)

/** Fillings of a tree: a few numbers, told apart by place. */
export const aFill = (element: fc.Arbitrary<number>): fc.Arbitrary<Fill> =>
  fc.array(element, { minLength: 5, maxLength: 11 }).map(
    (pool): Fill =>
      (leaf, i) =>
        pool[(7 * leaf + i) % pool.length] ?? 0
  )

/** Params and a few gradients for them. */
export interface Trajectory {
  readonly params: Values
  readonly grads: readonly Values[]
}

/** Params and gradients of the same form. */
export const aTrajectory = (element = aNumber, maxLength = 5): fc.Arbitrary<Trajectory> =>
  fc
    .tuple(aTemplate, aFill(element), fc.array(aFill(element), { minLength: 1, maxLength }))
    .map(([template, params, grads]) => ({
      params: filled(template, params),
      grads: grads.map((fill) => filled(template, fill))
    }))

/** Something for each leaf, and a prefix that means the same: `null`s may go, and what is equal below a node may be one. */
export const marksFor = <V extends boolean | string>(
  params: Values,
  mark: fc.Arbitrary<V>
): fc.Arbitrary<{ readonly full: Tree<V>; readonly prefix: Tree<V> }> => {
  const one = mark.map((value) => ({ full: mapLeaves<Tree<V>>(params, () => value), prefix: value }))
  if (params === null || isLeaf(params)) return one
  const parts = Object.entries(params).map(([key, value]) => fc.tuple(fc.constant(key), marksFor(value, mark)))
  const each = fc.tuple(...parts).map((found) => {
    const build = (which: 'full' | 'prefix') =>
      Array.isArray(params)
        ? found.map(([, marks]) => marks[which])
        : Object.fromEntries(found.map(([key, marks]) => [key, marks[which]]))
    return { full: build('full'), prefix: build('prefix') }
  })
  return fc.oneof(one, { weight: 3, arbitrary: each })
}

/** The leaves of a tree of marks. */
export const marksOf = (marks: Tree<boolean | string>): readonly (boolean | string)[] => {
  if (marks === null) return []
  return typeof marks === 'object' ? Object.values(marks).flatMap(marksOf) : [marks]
}
