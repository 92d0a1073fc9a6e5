import { expect, test } from 'vitest'
import { solo } from '../communicators/solo.js'
import { allRanks } from '../internal/testing/allRanks.js'
import { isFiniteOnAllRanks } from './isFiniteOnAllRanks.js'

test.each([NaN, Infinity, -Infinity])('%f on any rank, in any leaf, is seen by all', async (odd) => {
  for (const bad of [0, 1, 2]) {
    const found = await allRanks(3, (comm) =>
      isFiniteOnAllRanks(comm, { w: Float32Array.of(1, 3e38), n: comm.rank === bad ? odd : 1e300 })
    )
    expect(found).toStrictEqual([false, false, false])
  }
})

test('where all is finite, all hear so', async () => {
  const found = await allRanks(3, (comm) => isFiniteOnAllRanks(comm, { w: Float32Array.of(3e38, 3e38), n: 1e308 }))
  expect(found).toStrictEqual([true, true, true])
})

test('refuses what is no communicator', () => {
  expect(() => isFiniteOnAllRanks({ ...solo(), rank: '0' } as never, 1)).toThrow('isFiniteOnAllRanks: comm must be')
})
