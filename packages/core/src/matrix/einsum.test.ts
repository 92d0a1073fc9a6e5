import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type NdArray, ndarray } from '../array/ndarray.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import { force } from '../transformation/force.js'
import { einsum } from './einsum.js'

const LENGTHS: Readonly<Record<string, number>> = { i: 2, j: 3, k: 4, l: 1, m: 5 }

/** Small whole numbers: their sums are exact in any order. */
const arrayOf = (letters: string, seed: number): NdArray => {
  const shape = [...letters].map((name) => LENGTHS[name] as number)
  const size = shape.reduce((n, length) => n * length, 1)
  return ndarray(
    Array.from({ length: size }, (_, i) => ((i * 7 + seed * 5) % 11) - 5),
    shape
  )
}

/** Every combination of indices, one after the other. */
const bySums = (inputs: readonly string[], output: string, arrays: readonly NdArray[]): number[] => {
  const names = [...new Set(inputs.join(''))]
  const size = [...output].reduce((n, name) => n * (LENGTHS[name] as number), 1)
  const out = new Array<number>(size).fill(0)
  const at = (letters: string, index: ReadonlyMap<string, number>): number =>
    [...letters].reduce((place, name) => place * (LENGTHS[name] as number) + (index.get(name) as number), 0)
  const visit = (rest: readonly string[], index: Map<string, number>): void => {
    const [name, ...more] = rest
    if (name === undefined) {
      const factors = arrays.map(({ data }, i) => data[at(inputs[i] as string, index)] as number)
      const place = at(output, index)
      out[place] = (out[place] as number) + factors.reduce((product, x) => product * x, 1)
      return
    }
    for (let i = 0; i < (LENGTHS[name] as number); i++) visit(more, new Map([...index, [name, i]]))
  }
  visit(names, new Map())
  return out
}

const letters = (of: readonly string[]): fc.Arbitrary<string> =>
  fc.shuffledSubarray([...of]).map((some) => some.join(''))

const subscripts = fc
  .array(letters(Object.keys(LENGTHS)), { minLength: 1, maxLength: 2 })
  .chain((inputs) => fc.tuple(fc.constant(inputs), letters([...new Set(inputs.join(''))])))

test('is the sum over all letters that the result has not', () => {
  fc.assert(
    fc.property(subscripts, fc.nat(10), ([inputs, output], seed) => {
      const arrays = inputs.map((names, i) => arrayOf(names, seed + i))
      const { shape, data } = force(einsum(`${inputs.join(',')}->${output}`, ...arrays)) as NdArray
      expect(shape).toStrictEqual([...output].map((name) => LENGTHS[name]))
      // + 0: sums in an exact order have no −0.
      expect(Array.from(data, (x) => x + 0)).toStrictEqual(bySums(inputs, output, arrays).map((x) => x + 0))
    }),
    { numRuns: 200 }
  )
})

test.each([
  [
    'ij,jk',
    'einsum: subscripts must be one or two lists of letters, no letter twice in a list, and those of the result, like \'ij,jk->ik\', got "ij,jk"'
  ],
  ['ii->i', 'einsum: subscripts must be'],
  ['ij->ik', 'einsum: subscripts must be'],
  ['i,j,k->ijk', 'einsum: subscripts must be'],
  ['i1->i', 'einsum: subscripts must be'],
  ['ij,jk->ik', 'einsum: "ij,jk->ik" is for 2 operands, got 1']
])('refuses %s with one operand', (refused, message) => {
  expect(() => einsum(refused, arrayOf('ij', 1))).toThrow(message)
  expect(() => einsum(refused, arrayOf('ij', 1))).toThrow(InvalidOption)
})

test('refuses operands that do not fit', () => {
  expect(() => einsum('ijk->i', arrayOf('ij', 1))).toThrow(
    'einsum: an array of shape [2, 3] does not fit "ijk" of "ijk->i"'
  )
  expect(() => einsum('ij,jk->ik', arrayOf('ij', 1), arrayOf('ij', 1))).toThrow(
    'einsum: shapes [2, 3] and [2, 3] do not fit "ij,jk->ik", j has two lengths'
  )
  expect(() => einsum('i->', 3)).toThrow(InvalidTree)
})
