import type { Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { expect, test } from 'vitest'
import { ownersOf } from './owners.js'

const sizesOf = (sizes: readonly number[], ranks: number): number[][] => {
  const owners = tree.leaves<number>(ownersOf(sizes.map((n) => new Float32Array(n)) as unknown as Tree, ranks))
  return Array.from({ length: ranks }, (_, r) => sizes.filter((_, i) => owners[i] === r).sort((a, b) => b - a))
}

// As ZeroRedundancyOptimizer of PyTorch 2.13 shares them out.
test.each([
  [
    [3, 10, 4, 1, 8, 2, 9, 5],
    2,
    [
      [10, 5, 4, 2],
      [9, 8, 3, 1]
    ]
  ],
  [[3, 10, 4, 1, 8, 2, 9, 5], 4, [[10], [9, 2], [8, 3], [5, 4, 1]]],
  [
    [1, 1, 1, 1, 1],
    2,
    [
      [1, 1, 1],
      [1, 1]
    ]
  ],
  [[1, 1, 1, 1, 1], 4, [[1, 1], [1], [1], [1]]],
  [[7], 3, [[7], [], []]],
  [[], 2, [[], []]]
])('leaves of %j elements, %i ranks', (sizes, ranks, wanted) => {
  expect(sizesOf(sizes, ranks)).toStrictEqual(wanted)
})

test('of equal leaves the first goes to the first rank', () => {
  expect(ownersOf([1, 2, 3, 4] as unknown as Tree, 2)).toStrictEqual([0, 1, 0, 1])
})

test('bytes count, not elements', () => {
  const params = { a: new Float64Array(4), b: new Float32Array(5), c: new Float32Array(3), n: 1 }
  expect(ownersOf(params as unknown as Tree, 2)).toStrictEqual({ a: 0, b: 1, c: 1, n: 0 })
})
