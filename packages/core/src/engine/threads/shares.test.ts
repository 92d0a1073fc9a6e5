import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SUM_BLOCK } from '../../expression/sum.js'
import type { Launch } from '../resident/launches.js'
import { shareOut } from './shares.js'

const kernel = { run: () => {}, bytes: null, scalars: 0, tableBytes: 0 }
const launchesOf = (sizes: readonly number[]): Launch[] =>
  sizes.map((size, i) => ({ kernel, table: 64 * (i + 1), size, pointers: [], parts: null }))

const sizes = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 20 }),
    fc.constantFrom(4095, 4096, 4097, 8192),
    fc.integer({ min: 1, max: 300_000 })
  ),
  { maxLength: 40 }
)

test('every element is in exactly one share, and launches are cut between blocks of a sum', () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 9 }), (lengths, count) => {
      const launches = launchesOf(lengths)
      const shares = shareOut(launches, count)
      expect(shares).toHaveLength(count)
      const reached = new Map(launches.map((launch) => [launch, 0]))
      for (const { launch, from, to } of shares.flat()) {
        expect(from).toBe(reached.get(launch))
        expect(from % SUM_BLOCK).toBe(0)
        expect(to).toBeGreaterThan(from)
        reached.set(launch, to)
      }
      for (const [launch, to] of reached) expect(to).toBe(launch.size)
    })
  )
})

test('shares are equal up to a block or two', () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 9 }), (lengths, count) => {
      const shares = shareOut(launchesOf(lengths), count)
      const fair = lengths.reduce((a, b) => a + b, 0) / count
      for (const share of shares) {
        const elements = share.reduce((sum, { from, to }) => sum + to - from, 0)
        expect(elements).toBeLessThanOrEqual(fair + 2 * SUM_BLOCK)
      }
    })
  )
})
