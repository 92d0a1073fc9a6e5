// Trees of every form for the tests of `tree`, and what they are as one vector.
import fc from 'fast-check'
import { type NdArray, ndarray } from '../array/ndarray.js'
import type { Leaf } from '../expression/expr.js'
import { force } from '../transformation/force.js'
import type { Tree } from '../transformation/types.js'
import { leaves, map, type TreeOf } from '../tree/tree.js'

/** A structure with a kind of leaf at each place. */
export type Form = TreeOf<string>

const aLeaf = fc.constantFrom('number', 'f32', 'f64', 'empty', 'matrix', 'element', 'long')

/** Structures: empty ones, `null`s, names that are no identifiers, arrays and numbers of all kinds. */
export const aForm: fc.Arbitrary<Form> = fc.letrec<{ form: Form }>((tie) => ({
  form: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    aLeaf,
    fc.constant(null),
    fc.array(tie('form'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('b', 'a', 'kernel', '10', '9', 'a b'), tie('form'), {
      maxKeys: 4,
      noNullPrototype: true
    })
  )
})).form

/** How many elements a kind of leaf has. */
const LENGTHS: Readonly<Record<string, number>> = {
  number: 1,
  f32: 3,
  f64: 5,
  empty: 0,
  matrix: 6,
  element: 1,
  long: 21
}

const leafOf = (kind: string, numbers: readonly number[]): Leaf => {
  if (kind === 'number') return numbers[0] as number
  if (kind === 'matrix') return ndarray(Float64Array.from(numbers), [2, 3])
  if (kind === 'element') return ndarray(Float32Array.from(numbers), [])
  return kind === 'f64' ? Float64Array.from(numbers) : Float32Array.from(numbers)
}

/** A tree of a form, its elements from a list that goes round. Small whole numbers are exact in every dtype. */
export const filled = (form: Form, numbers: readonly number[]): Tree<Leaf> => {
  let at = 0
  return map((kind: string) => {
    const length = LENGTHS[kind] as number
    return leafOf(
      kind,
      Array.from({ length }, () => numbers[at++ % numbers.length] as number)
    )
  }, form)
}

const someNumbers = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 40 })

/** Some trees of one structure, of whole numbers from −8 to 8. */
export const someTrees = (count: number): fc.Arbitrary<readonly Tree<Leaf>[]> =>
  fc
    .tuple(aForm, fc.tuple(...Array.from({ length: count }, () => someNumbers)))
    .map(([form, lists]) => lists.map((numbers) => filled(form, numbers)))

const elementsOf = (leaf: Leaf): readonly number[] =>
  typeof leaf === 'number' ? [leaf] : ArrayBuffer.isView(leaf) ? [...leaf] : [...(leaf as NdArray).data]

/** All elements in tree order. */
export const flat = (tree: Tree): readonly number[] => leaves(force(tree)).flatMap(elementsOf)

/** The tree without its numbers: its structure, the kinds of its leaves and their shapes. */
export const formOf = (tree: Tree): TreeOf<string> =>
  map((leaf: Leaf) => {
    if (typeof leaf === 'number') return 'number'
    if (ArrayBuffer.isView(leaf)) return `${leaf.constructor.name}(${(leaf as Float32Array).length})`
    return `${leaf.dtype} of ${JSON.stringify(leaf.shape)}`
  }, force(tree))
