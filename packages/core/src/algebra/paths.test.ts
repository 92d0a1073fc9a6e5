import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { paths } from './paths.js'

test('one for each leaf, in tree order, as it reads in JavaScript', () => {
  const params = { layers: [{ kernel: ndarray([1], [1]), bias: 2 }, null], 'a key': new Float32Array(1), '10': [[3]] }
  expect(paths(params)).toEqual(['["10"][0][0]', '.layers[0].kernel', '.layers[0].bias', '["a key"]'])
})

test('of a leaf, and of trees without leaves', () => {
  expect([1, null, {}, [[], null]].map((tree) => paths(tree))).toEqual([[''], [], [], []])
})
