import { step } from '@gradchain/core'
import { adam, sgd } from '@gradchain/optimizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { solo } from '../communicators/solo.js'
import { allRanks } from '../internal/testing/allRanks.js'
import { meanOf, someRanks, trained } from '../internal/testing/training.js'
import { localSgd } from './localSgd.js'
import { postLocalSgd } from './postLocalSgd.js'

/** After which steps, from 0, two ranks that go apart in each have the same params. */
const together = async (warmup: number, period: number, steps: number): Promise<readonly number[]> => {
  const [a, b] = await allRanks(2, (comm) => {
    const tx = postLocalSgd(sgd(1), comm, { warmup, period })
    let params = { w: 0 }
    let state = tx.init(params)
    return Array.from({ length: steps }, () => {
      ;[params, state] = step(tx, { w: comm.rank }, state, params)
      return params.w
    })
  })
  return Array.from({ length: steps }, (_, c) => c).filter((c) => a?.[c] === b?.[c])
}

describe('postLocalSgd', () => {
  // The steps at which PeriodicModelAverager of PyTorch 2.13 was seen to average.
  test.each([
    [0, 4, 10, [0, 4, 8]],
    [2, 3, 10, [2, 5, 8]],
    [0, 1, 4, [0, 1, 2, 3]]
  ])(
    'with a warm-up of %d and a period of %d averages params when PyTorch does',
    async (warmup, period, steps, wanted) => {
      const equal = await together(warmup, period, steps)
      // In the warm-up gradients are averaged, and params are the same all the time.
      expect(equal).toStrictEqual([...Array(warmup).keys(), ...wanted])
    }
  )

  test('ends where PyTorch was seen to: momentum stays with its rank', async () => {
    const ends = await allRanks(2, (comm) => {
      const tx = postLocalSgd(sgd(1, { momentum: 0.9 }), comm, { warmup: 0, period: 4 })
      let params = { w: 0 }
      let state = tx.init(params)
      for (let c = 0; c < 3; c++) [params, state] = step(tx, { w: comm.rank + 1 }, state, params)
      return state.innerState
    })
    // 1 + 0.9 + 0.81, and twice as much.
    const text = ends.map((state) => JSON.stringify(state))
    expect(text[0]).toContain('2.71')
    expect(text[1]).toContain('5.42')
  })

  test('agrees with its definition on any number of ranks', async () => {
    await fc.assert(
      fc.asyncProperty(someRanks(6), fc.nat(3), fc.integer({ min: 1, max: 3 }), async (ranks, warmup, period) => {
        const seen = await trained((comm) => postLocalSgd(sgd(0.5), comm, { warmup, period }), ranks)
        let params: readonly (readonly number[])[] = Array.from({ length: ranks.size }, () => [0, 16, -32])
        ranks.gradients.forEach((all, c) => {
          const gradients = c < warmup ? all.map(() => meanOf(all)) : all
          params = params.map((p, r) => p.map((x, i) => x - 0.5 * (gradients[r]?.[i] as number)))
          const mean = meanOf(params)
          if (c >= warmup && (c - warmup) % period === 0) params = params.map(() => mean)
          seen.forEach((path, r) => {
            path[c]?.forEach((x, i) => expect(x).toBeCloseTo(params[r]?.[i] as number, 10))
          })
        })
      }),
      { numRuns: 8 }
    )
  })

  test('in the warm-up is training with averaged gradients, to the bit', async () => {
    await fc.assert(
      fc.asyncProperty(someRanks(4), async (ranks) => {
        const seen = await trained((comm) => postLocalSgd(adam(0.1), comm, { warmup: 4, period: 1 }), ranks)
        const gradients = ranks.gradients.map((all) => [meanOf(all)])
        const [alone] = await trained(() => adam(0.1), { size: 1, gradients })
        for (const path of seen) expect(path).toStrictEqual(alone)
      }),
      { numRuns: 10 }
    )
  })

  test('averages a step earlier than localSgd, which comes first to its last', async () => {
    const ranks = { size: 2, gradients: [0, 1, 2].map(() => [[1], [3]]) }
    const post = await trained((comm) => postLocalSgd(sgd(1), comm, { warmup: 0, period: 3 }), ranks, [0])
    const local = await trained((comm) => localSgd(sgd(1), comm, { every: 3 }), ranks, [0])
    expect(post[0]).toStrictEqual([[-2], [-3], [-4]])
    expect(local[0]).toStrictEqual([[-1], [-2], [-6]])
  })

  test.each([
    [{ warmup: -1, period: 1 }, 'postLocalSgd: warmup must be a whole number ≥ 0, got -1'],
    [{ warmup: 1, period: 0 }, 'postLocalSgd: period must be a whole number ≥ 1, got 0'],
    [{ warmup: 1 }, 'postLocalSgd: period must be a whole number ≥ 1, got undefined'],
    [{ period: 1 }, 'postLocalSgd: warmup must be a whole number ≥ 0, got undefined']
  ])('refuses %o', (options, message) => {
    expect(() => postLocalSgd(sgd(1), solo(), options as never)).toThrow(message)
  })

  test('refuses what is no transformation, and no communicator', () => {
    const options = { warmup: 1, period: 1 }
    expect(() => postLocalSgd({} as never, solo(), options)).toThrow('postLocalSgd: a transformation must be')
    expect(() => postLocalSgd(sgd(1), {} as never, options)).toThrow('postLocalSgd: comm must be a communicator')
  })
})
