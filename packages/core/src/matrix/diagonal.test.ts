import { expect, test } from 'vitest'
import { type NdArray, ndarray } from '../array/ndarray.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import { transpose } from '../expression/operations.js'
import { force } from '../transformation/force.js'
import { diagonal } from './diagonal.js'
import { diagonalMatrix } from './diagonalMatrix.js'
import { identityMatrix } from './identityMatrix.js'
import { outer } from './outer.js'

const dataOf = (x: unknown): number[] => [...(force(x as never) as NdArray).data]
const special = new Float64Array([1, Number.NaN, -3, Infinity, 5e-324])

test('the diagonal of a diagonal matrix is the vector, whatever is in it', () => {
  expect(dataOf(diagonal(diagonalMatrix(special)))).toStrictEqual([...special])
})

test('what is not on the diagonal does not matter', () => {
  const wild = ndarray([1, Number.NaN, Infinity, 4], [2, 2])
  expect(dataOf(diagonal(wild))).toStrictEqual([1, 4])
  expect(dataOf(diagonal(transpose(wild)))).toStrictEqual([1, 4])
})

test('of each matrix of a batch', () => {
  const batch = ndarray([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2])
  const { shape, data } = force(diagonal(batch)) as NdArray
  expect([shape, [...data]]).toStrictEqual([
    [2, 2],
    [1, 4, 5, 8]
  ])
})

test('the identity matrix in every dtype and of no rows', () => {
  expect(dataOf(identityMatrix(3))).toStrictEqual([1, 0, 0, 0, 1, 0, 0, 0, 1])
  expect((force(identityMatrix(2, 'float64')) as NdArray).data).toBeInstanceOf(Float64Array)
  expect((force(identityMatrix(1, 'bfloat16')) as NdArray).data).toStrictEqual(Uint16Array.of(0x3f80))
  expect(dataOf(identityMatrix(0))).toStrictEqual([])
})

test('an identity matrix that was handed out may be changed', () => {
  const mine = force(identityMatrix(2)) as NdArray
  mine.data.fill(7)
  expect(dataOf(identityMatrix(2))).toStrictEqual([1, 0, 0, 1])
})

test('outer products, rounded to the dtype', () => {
  const [a, b] = [new Float32Array([1 / 3, 3]), new Float32Array([0.1, 2, 5])]
  const expected = [...a].flatMap((x) => [...b].map((y) => Math.fround(x * y)))
  expect(dataOf(outer(a, b))).toStrictEqual(expected)
  expect(dataOf(transpose(outer(a, b)))).toStrictEqual(dataOf(outer(b, a)))
})

test.each([
  [() => diagonal(ndarray([1, 2], [1, 2])), InvalidTree, 'diagonal: x must be square, got an array of shape [1, 2]'],
  [() => diagonal(special), InvalidTree, 'diagonal: x must be a matrix, or a batch of them, got an array of shape [5]'],
  [() => diagonalMatrix(3), InvalidTree, 'diagonalMatrix: x must be a vector, got a number'],
  [() => outer(special, ndarray([1], [1, 1])), InvalidTree, 'outer: b must be a vector, got an array of shape [1, 1]'],
  [() => identityMatrix(1.5), InvalidOption, 'identityMatrix: n must be a whole number ≥ 0, got 1.5'],
  [() => identityMatrix(2, 'int8' as never), InvalidOption, 'identityMatrix: dtype must be one of']
])('refuses what does not fit (%#)', (refused, error, message) => {
  expect(refused).toThrow(error)
  expect(refused).toThrow(message)
})
