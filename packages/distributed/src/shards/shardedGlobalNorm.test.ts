import { globalNorm } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { solo } from '../communicators/solo.js'
import { allRanks } from '../internal/testing/allRanks.js'
import { shardedGlobalNorm } from './shardedGlobalNorm.js'

// Numbers of like size, whose sums depend on the order.
const aLeaf = fc
  .array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 3 })
  .map((numbers) => Float64Array.from(numbers, (x) => x / 7e5))

test('leaves on any ranks: to the bit the norm of the whole tree, on all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(aLeaf, fc.nat(3)), { maxLength: 8 }), async (leaves) => {
      const found = await allRanks(4, (comm) =>
        shardedGlobalNorm(comm, { list: leaves.map(([leaf, owner]) => (owner === comm.rank ? leaf : null)) })
      )
      const whole = globalNorm({ list: leaves.map(([leaf]) => leaf) })
      expect(found).toStrictEqual([whole, whole, whole, whole])
    }),
    { numRuns: 30 }
  )
})

test.each([1e200, 3e-200, 5e-324, 0])('numbers whose squares are out of range: %f', async (x) => {
  const [norm, other] = await allRanks(2, (comm) =>
    shardedGlobalNorm(comm, comm.rank === 0 ? { a: 3 * x, b: null } : { a: null, b: 4 * x })
  )
  expect(norm).toBe(other)
  expect(Math.abs((norm as number) - 5 * x)).toBeLessThanOrEqual(1e-15 * 5 * x)
})

test.each([NaN, Infinity])('%f on one rank is the norm on all', async (odd) => {
  const found = await allRanks(3, (comm) => shardedGlobalNorm(comm, comm.rank === 1 ? { w: odd } : { w: 1 }))
  expect(found).toStrictEqual([odd, odd, odd])
})

test('refuses what is no communicator', () => {
  expect(() => shardedGlobalNorm({} as never, 1)).toThrow('shardedGlobalNorm: comm must be a communicator')
  expect(shardedGlobalNorm(solo(), {})).toBe(0)
})
