import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import { examplesLike } from './examplesLike.js'
import type { Tree } from './types.js'

const like = { w: ndarray(new Float32Array(6), [2, 3]), deep: [{ b: new Float64Array(2) }], c: 1 } as unknown as Tree
const told = (count: number, ofB: readonly number[] = [count, 2]): Tree =>
  ({
    w: ndarray(new Float32Array(count * 6), [count, 2, 3]),
    deep: [{ b: ndarray(new Float64Array(ofB.reduce((n, length) => n * length, 1)), ofB) }],
    c: new Float64Array(count)
  }) as unknown as Tree

test.each([1, 4])('they are handed on with their number, %d', (count) => {
  const gradients = told(count)
  const examples = examplesLike('mine', like, gradients)
  expect(examples.count).toBe(count)
  expect(examples.gradients).toBe(gradients)
})

test('of no leaves there is one example', () => {
  expect(examplesLike('mine', {}, {}).count).toBe(1)
})

test('refuses what is not there', () => {
  const refused = () => examplesLike('mine', like, undefined)
  expect(refused).toThrow(InvalidOption)
  expect(refused).toThrow('mine: perExampleGradients must be a tree like the params, got undefined')
})

test.each<readonly [what: string, message: string, given: Tree]>([
  ['another number of examples', '.deep[0].b must have shape [4, 2], has [3, 2]', told(4, [3, 2])],
  ['another length', '.deep[0].b must have shape [4, 2], has [4, 3]', told(4, [4, 3])],
  ['no axis of the examples', '.deep[0].b must have shape [4, 2], has [2]', told(4, [2])],
  ['an axis too many', '.deep[0].b must have shape [4, 2], has [4, 2, 1]', told(4, [4, 2, 1])],
  ['no examples', '.w must have shape [examples, 2, 3], has [0, 2, 3]', told(0)]
])('refuses %s', (_, message, given) => {
  const refused = () => examplesLike('mine', like, given)
  expect(refused).toThrow(InvalidTree)
  expect(refused).toThrow(`mine: perExampleGradients${message}`)
})
