import { identity, step, transient } from '@gradchain/core'
import { adam, sgd } from '@gradchain/optimizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ExchangePartners } from '../communicators/communicator.js'
import { solo } from '../communicators/solo.js'
import { allOutcomes, allRanks } from '../internal/testing/allRanks.js'
import { meanOf, someRanks, trained } from '../internal/testing/training.js'
import { gossip } from './gossip.js'

type Shares = readonly (readonly number[])[]

const ringOf = (size: number): Shares => {
  if (size === 1) return [[1]]
  if (size === 2)
    return [
      [0.5, 0.5],
      [0.5, 0.5]
    ]
  return Array.from({ length: size }, (_, r) =>
    Array.from({ length: size }, (_, s) => ([0, 1, size - 1].includes(Math.abs(r - s)) ? 1 / 3 : 0))
  )
}

/** Doubly stochastic: a mean of four permutations, in quarters, whose sums are exact. */
const someShares = (size: number): fc.Arbitrary<Shares> =>
  fc
    .array(fc.shuffledSubarray([...Array(size).keys()], { minLength: size }), { minLength: 4, maxLength: 4 })
    .map((permutations) =>
      Array.from({ length: size }, (_, r) =>
        Array.from({ length: size }, (_, s) => permutations.filter((p) => p[r] === s).length / 4)
      )
    )

const anything = someRanks(4).chain((ranks) => someShares(ranks.size).map((shares) => ({ ranks, shares })))

/** The params of all ranks after each step, by the definition. */
const wanted = (
  shares: Shares,
  { size, gradients }: { readonly size: number; readonly gradients: readonly Shares[] }
) => {
  let params: Shares = Array.from({ length: size }, () => [0, 16, -32])
  return gradients.map((all) => {
    params = params.map((p, r) =>
      p.map((_, i) => {
        const mixed = params.reduce((sum, q, s) => sum + (shares[r]?.[s] as number) * (q[i] as number), 0)
        return mixed - 0.5 * (all[r]?.[i] as number)
      })
    )
    return params
  })
}

describe('gossip', () => {
  test('agrees with its definition for any shares and number of ranks', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async ({ ranks, shares }) => {
        const seen = await trained((comm) => gossip(sgd(0.5), comm, { mixing: shares }), ranks)
        const byStep = wanted(shares, ranks)
        // All numbers are multiples of 2⁻¹⁰ and far below 2⁴⁰: exact.
        seen.forEach((path, r) =>
          expect(path.map((p) => p.map((x) => x + 0))).toStrictEqual(byStep.map((all) => all[r]?.map((x) => x + 0)))
        )
      }),
      { numRuns: 8 }
    )
  })

  test('on a ring takes thirds of the neighbours, of two ranks halves', async () => {
    await fc.assert(
      fc.asyncProperty(someRanks(4), async (ranks) => {
        const seen = await trained((comm) => gossip(sgd(0.5), comm), ranks)
        const byStep = wanted(ringOf(ranks.size), ranks)
        seen.forEach((path, r) => {
          path.forEach((p, t) => {
            p.forEach((x, i) => expect(x).toBeCloseTo(byStep[t]?.[r]?.[i] as number, 10))
          })
        })
      }),
      { numRuns: 8 }
    )
  })

  test('keeps the mean over ranks but for the mean update', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async ({ ranks, shares }) => {
        const seen = await trained((comm) => gossip(sgd(0.5), comm, { mixing: shares }), ranks)
        let mean: readonly number[] = [0, 16, -32]
        ranks.gradients.forEach((all, t) => {
          const g = meanOf(all)
          mean = mean.map((x, i) => x - 0.5 * (g[i] as number))
          meanOf(seen.map((path) => path[t] as readonly number[])).forEach((x, i) => {
            expect(x).toBeCloseTo(mean[i] as number, 10)
          })
        })
      }),
      { numRuns: 8 }
    )
  })

  test('leaves alone what ranks agree on, to the bit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        async (size, x) => {
          const ends = await allRanks(size, (comm) => {
            const tx = gossip(identity(), comm)
            return tx.update({ w: 0.5 }, tx.init({ w: x }), { w: x })[0].w
          })
          expect(ends).toStrictEqual(ends.map(() => 0.5))
        }
      )
    )
  })

  test('brings ranks together', async () => {
    const ends = await allRanks(5, (comm) => {
      const tx = gossip(identity(), comm)
      let params = { w: new Float64Array([comm.rank, -comm.rank]) }
      let state = tx.init(params)
      for (let t = 0; t < 20; t++) [params, state] = step(tx, { w: new Float64Array(2) }, state, params)
      return [...params.w]
    })
    // The second largest eigenvalue of the ring of 5 is (1 + 2 cos 72°) / 3 = 0.539: to the 20th power 4e-6.
    for (const [a, b] of ends) {
      expect(Math.abs((a as number) - 2)).toBeLessThan(2e-5)
      expect(Math.abs((b as number) + 2)).toBeLessThan(2e-5)
    }
  })

  test('asks for no more than there are shares: on a ring two exchanges, of two ranks one, alone none', async () => {
    const counts = (size: number, mixing: Shares | 'ring') =>
      allRanks(size, (comm) => {
        let count = 0
        const counting = {
          ...comm,
          exchange: (<P>(given: P, partners: ExchangePartners) => {
            count++
            return comm.exchange(given, partners)
          }) satisfies typeof comm.exchange
        }
        const tx = gossip(sgd(1), counting, { mixing })
        tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 })
        return count
      })
    expect(await counts(1, 'ring')).toStrictEqual([0])
    expect(await counts(2, 'ring')).toStrictEqual([1, 1])
    expect(await counts(5, 'ring')).toStrictEqual([2, 2, 2, 2, 2])
    const half = [
      [0.5, 0.5, 0],
      [0.5, 0.5, 0],
      [0, 0, 1]
    ]
    // From 0 to 1 it is a distance of 1, from 1 to 0 one of 2.
    expect(await counts(3, half)).toStrictEqual([2, 2, 2])
  })

  test('does not take in what is no share of its own', async () => {
    const mixing = [
      [0.5, 0.5, 0],
      [0.5, 0.5, 0],
      [0, 0, 1]
    ]
    const ends = await allRanks(3, (comm) => {
      const tx = gossip(identity(), comm, { mixing })
      const params = { w: comm.rank === 2 ? NaN : 1 }
      return step(tx, { w: 0 }, tx.init(params), params)[0].w
    })
    expect(ends).toStrictEqual([1, 1, NaN])
  })

  test('is the same in transient', async () => {
    const ends = await allRanks(3, (comm) => {
      const start = { a: new Float32Array([1, 2, 3]), b: [new Float64Array([1, 4]), comm.rank] }
      const make = () => gossip(adam(0.125), comm)
      const [tx, run] = [make(), transient(make(), start)]
      let [params, state] = [start, tx.init(start)]
      for (let t = 0; t < 3; t++) {
        const g = { a: new Float32Array([t, -t, 1]), b: [new Float64Array([t * t, 4]), -t] }
        ;[params, state] = step(tx, g, state, params)
        run.step(g)
      }
      return [run.snapshot().params, params]
    })
    for (const [a, b] of ends) expect(a).toStrictEqual(b)
  })

  test('says on all ranks when they have other shares', async () => {
    const identityOf3 = [0, 1, 2].map((r) => [0, 1, 2].map((s) => (r === s ? 1 : 0)))
    const rolled = (by: number) => [0, 1, 2].map((r) => identityOf3[(r + by) % 3] as readonly number[])
    const outcomes = await allOutcomes(3, (comm) => {
      const tx = gossip(sgd(1), comm, { mixing: rolled(comm.rank === 0 ? 1 : 2) })
      return tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 })
    })
    for (const outcome of outcomes) expect(String('error' in outcome && outcome.error)).toContain('exchange: rank')
  })

  test.each<readonly [unknown, string]>([
    [
      [
        [1, 0],
        [0, 1]
      ],
      'got [an array of 2, an array of 2]'
    ],
    [
      [
        [1, 0, 0],
        [0, 1],
        [0, 0, 1]
      ],
      'got [0, 1] for row 1'
    ],
    [
      [
        [0.5, 0, 0],
        [0, 1, 0],
        [0.5, 0, 1]
      ],
      'got row 0 with the sum 0.5'
    ],
    [
      [
        [1, 0, 0],
        [1, 0, 0],
        [0, 0, 1]
      ],
      'got column 0 with the sum 2'
    ],
    [
      [
        [1.5, -0.5, 0],
        [-0.5, 1.5, 0],
        [0, 0, 1]
      ],
      'got a share of -0.5 in row 0'
    ],
    [
      [
        [1, 0, 0],
        [0, NaN, 0],
        [0, 0, 1]
      ],
      'got a share of NaN in row 1'
    ],
    [
      [
        [Infinity, 0, 0],
        [0, 1, 0],
        [0, 0, 1]
      ],
      'got row 0 with the sum Infinity'
    ],
    [
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, '1']
      ],
      'got a share of "1" in row 2'
    ],
    ['star', 'got "star"'],
    [null, 'got null']
  ])('refuses %j', (mixing, got) => {
    const comm = { ...solo(), size: 3 }
    expect(() => gossip(sgd(1), comm, { mixing: mixing as never })).toThrow(
      `gossip: mixing must be "ring" or a doubly stochastic matrix of 3 × 3 shares, ${got}`
    )
  })

  test('refuses what is no transformation, and no communicator', () => {
    expect(() => gossip({} as never, solo())).toThrow('gossip: a transformation must be')
    expect(() => gossip(sgd(1), {} as never)).toThrow('gossip: comm must be a communicator')
  })
})
