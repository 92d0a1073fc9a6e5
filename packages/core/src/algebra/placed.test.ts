import { expect, test } from 'vitest'
import { read } from '../engine/evaluate.js'
import { InvalidTree } from '../errors.js'
import { Op } from '../expression/op.js'
import { add, mul, sum, type Value } from '../expression/operations.js'
import { force } from '../transformation/force.js'
import type { Tree } from '../transformation/types.js'
import { folded, gathered, mapped, placed, SUM } from './placed.js'

const two = (): readonly Tree[] => [
  { a: Float32Array.of(1, 2), b: [3] },
  { a: Float32Array.of(10, 20), b: [30] }
]

test('mapped gives the tree of the results', () => {
  expect(force(mapped('f', ['x', 'y'], two(), add))).toStrictEqual({ a: Float32Array.of(11, 22), b: [33] })
})

test('gathered gives them in tree order', () => {
  const found = gathered('f', ['x', 'y'], two(), (x, y) => sum(mul(x, y)) as Value)
  expect(found.map((value) => read(value))).toStrictEqual([50, 90])
})

test.each([
  ['a sum', SUM, 140],
  ['the least', { op: Op.Min, start: Infinity }, 50],
  ['the greatest', { op: Op.Max, start: -Infinity }, 90]
] as const)('folded gives %s', (_what, fold, expected) => {
  const value = folded('f', ['x', 'y'], two(), fold, (x, y) => sum(mul(x, y)) as Value)
  expect(read(value)).toBe(expected)
})

test('of a tree without leaves, folded is where it starts', () => {
  expect(folded('f', ['x'], [{ a: null, b: [] }], { op: Op.Max, start: -Infinity }, (x) => x as Value)).toBe(-Infinity)
})

test('what fails is told with the place where leaves do not fit', () => {
  const shapes = [
    { a: 1, b: new Float32Array(2) },
    { a: 1, b: new Float32Array(3) }
  ] as const
  expect(() => mapped('f', ['x', 'y'], shapes, add)).toThrow(new InvalidTree('f: y.b has shape [3], x has [2]'))
  const odd = [{ a: [1] }, { a: ['text' as never] }] as const
  expect(() => mapped('f', ['x', 'y'], odd, add)).toThrow('f: y.a[0] is "text"; a leaf must be a number')
})

test('where places tell nothing, the error is what it was', () => {
  const mine = new Error('mine')
  const fail = (): never => {
    throw mine
  }
  expect(() => placed('f', ['x', 'y'], two(), fail)).toThrow(mine)
  // Leaves may differ in shape where the function says so.
  const shapes = [{ b: new Float32Array(2) }, { b: new Float32Array(3) }]
  expect(() => placed('f', ['x', 'y'], shapes, fail, false)).toThrow(mine)
})
