import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { type Structure, structureOf } from '../grouping/layout.js'
import { byName } from './byName.js'

test('leaves of one name and as many axes lie together, names and leaves in tree order', () => {
  const layer = () => ({ kernel: ndarray([1, 2], [1, 2]), bias: Float32Array.of(1), list: [Float32Array.of(1)] })
  const params = { first: layer(), second: layer(), kernel: Float32Array.of(1) }
  const members = [0, 1, 2, 3, 4, 5, 6]
  byName(structureOf(params) as Structure)(members)
  expect(members).toStrictEqual([0, 3, 1, 4, 2, 5, 6])
})
