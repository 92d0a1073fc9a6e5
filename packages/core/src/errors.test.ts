import { expect, test } from 'vitest'
import { ndarray } from './array/ndarray.js'
import { InvalidOption, InvalidState, InvalidTree, LazyValue, show, showLeaf } from './errors.js'
import { lift, neg, sum } from './expression/operations.js'

class Layer {}
test.each<[unknown, string]>([
  ['text', '"text"'],
  ['a "quoted" one', '"a \\"quoted\\" one"'],
  [0, '0'],
  [-0, '-0'],
  [Number.NaN, 'NaN'],
  [-Infinity, '-Infinity'],
  [3n, '3n'],
  [true, 'true'],
  [null, 'null'],
  [undefined, 'undefined'],
  [Symbol('s'), 'Symbol(s)'],
  [() => 1, 'a function'],
  [Layer, 'a function'],
  [new Layer(), 'a Layer'],
  [new Date(0), 'a Date'],
  [new Map(), 'a Map'],
  [new Error('no'), 'an Error'],
  [new Int32Array(2), 'an Int32Array'],
  [new Float32Array(2), 'a Float32Array'],
  [new DataView(new ArrayBuffer(1)), 'a DataView'],
  [{}, 'an object'],
  [Object.create(null), 'an object'],
  [Object.create({ constructor: { name: 3 } }), 'an object'],
  [ndarray([1], [1]), 'an NdArray'],
  [[], '[]'],
  [[1, 'a', -0, [2, 3]], '[1, "a", -0, an array of 2]'],
  [new Array(9).fill(0), 'an array of 9'],
  [neg(sum(new Float32Array(1))), 'an Expr']
])('%o reads %s', (value, words) => {
  expect(show(value)).toBe(words)
})

test('what stands for a leaf of a tree reads as that leaf', () => {
  const leaves = [new Float32Array(1), new Float64Array(1), ndarray([1], [1]), ndarray([1], [1], 'float16')]
  const words = ['a Float32Array', 'a Float64Array', 'an NdArray', 'an NdArray']
  expect(leaves.map((leaf) => showLeaf(lift(leaf)))).toEqual(words)
  expect([sum(new Float32Array(1)), 1, { a: 1 }].map(showLeaf)).toEqual(['a number', '1', 'an object'])
})

test('what contains itself reads, too', () => {
  const cyclic: unknown[] = [1]
  cyclic.push(cyclic)
  expect(show(cyclic)).toBe('[1, an array of 2]')
})

test('errors are told apart by their tag', () => {
  const errors = [new InvalidOption(''), new InvalidTree(''), new InvalidState(''), new LazyValue('')]
  expect(errors.map((error) => error._tag)).toEqual(['InvalidOption', 'InvalidTree', 'InvalidState', 'LazyValue'])
  expect(errors.map((error) => error.name)).toEqual(['InvalidOption', 'InvalidTree', 'InvalidState', 'LazyValue'])
})
