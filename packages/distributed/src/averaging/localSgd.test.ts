import { chain, identity, ndarray, step, transient } from '@gradchain/core'
import { adam, sgd } from '@gradchain/optimizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinLocal } from '../communicators/joinLocal.js'
import { localGroup } from '../communicators/localGroup.js'
import { solo } from '../communicators/solo.js'
import { allOutcomes, allRanks } from '../internal/testing/allRanks.js'
import { meanOf, someRanks, trained } from '../internal/testing/training.js'
import { localSgd } from './localSgd.js'

describe('localSgd', () => {
  test('agrees with its definition on any number of ranks', async () => {
    await fc.assert(
      fc.asyncProperty(someRanks(5), fc.integer({ min: 1, max: 4 }), async (ranks, every) => {
        const seen = await trained((comm) => localSgd(sgd(0.5), comm, { every }), ranks)
        let params: readonly (readonly number[])[] = Array.from({ length: ranks.size }, () => [0, 16, -32])
        ranks.gradients.forEach((all, t) => {
          params = params.map((p, r) => p.map((x, i) => x - 0.5 * (all[r]?.[i] as number)))
          const mean = meanOf(params)
          if ((t + 1) % every === 0) params = params.map(() => mean)
          seen.forEach((path, r) => {
            path[t]?.forEach((x, i) => expect(x).toBeCloseTo(params[r]?.[i] as number, 10))
          })
        })
      }),
      { numRuns: 8 }
    )
  })

  test('keeps momentum with its rank', async () => {
    const ends = await allRanks(2, (comm) => {
      const tx = localSgd(sgd(1, { momentum: 0.5 }), comm, { every: 1 })
      const params = { w: 0 }
      const [first, state] = step(tx, { w: comm.rank === 0 ? 2 : 6 }, tx.init(params), params)
      return [first.w, step(tx, { w: 0 }, state, first)[0].w, state.innerState]
    })
    // Half of 2 and of 6 go on: the mean goes down by 2.
    expect(ends.map(([a, b]) => [a, b])).toStrictEqual([
      [-4, -6],
      [-4, -6]
    ])
    expect(ends[0]?.[2]).not.toStrictEqual(ends[1]?.[2])
  })

  test('alone it is the inner transformation', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 6, maxLength: 6 }), (gradients) => {
        const [tx, inner] = [localSgd(adam(0.25), solo(), { every: 2 }), adam(0.25)]
        let [params, state] = [{ w: 1 }, tx.init({ w: 1 })]
        let [others, other] = [{ w: 1 }, inner.init({ w: 1 })]
        for (const w of gradients) {
          ;[params, state] = step(tx, { w }, state, params)
          ;[others, other] = step(inner, { w }, other, others)
          expect(params.w).toBeCloseTo(others.w, 12)
        }
      })
    )
  })

  test('brings 16-bit params to their mean, rounded once', async () => {
    const ends = await allRanks(2, (comm) => {
      const params = { w: ndarray([256, 1], [2], 'bfloat16') }
      const tx = localSgd(identity(), comm, { every: 1 })
      // 256 and 258 on the second rank, whose mean of 257 lies between two bfloat16.
      return step(tx, { w: ndarray([2 * comm.rank, 0], [2], 'bfloat16') }, tx.init(params), params)[0]
    })
    const mean = { w: ndarray([257, 1], [2], 'bfloat16') }
    expect(ends).toStrictEqual([mean, mean])
  })

  test('is the same in transient, and stands in a chain', () => {
    const make = () => chain(localSgd(sgd(0.5, { momentum: 0.5 }), solo(), { every: 2 }))
    const start = { a: new Float32Array([1, 2, 3]), b: [new Float64Array([1, 4]), 3] }
    const [tx, run] = [make(), transient(make(), start)]
    let [params, state] = [start, tx.init(start)]
    for (let t = 0; t < 5; t++) {
      const g = { a: new Float32Array([t, -t, 1]), b: [new Float64Array([t * t, 4]), -t] }
      ;[params, state] = step(tx, g, state, params)
      run.step(g)
    }
    expect(run.snapshot().params).toStrictEqual(params)
  })

  test('says on all ranks who has other params', async () => {
    const outcomes = await allOutcomes(2, (comm) => {
      const params = { w: new Float32Array(2 + comm.rank) }
      const tx = localSgd(sgd(1), comm, { every: 1 })
      return tx.update(params, tx.init(params), params)
    })
    for (const outcome of outcomes) {
      expect(String('error' in outcome && outcome.error)).toContain('w must be the same on all ranks, got')
    }
  })

  test.each([
    [{ every: 0 }, 'localSgd: every must be a whole number ≥ 1, got 0'],
    [{ every: 0.5 }, 'localSgd: every must be a whole number ≥ 1, got 0.5'],
    [{}, 'localSgd: every must be a whole number ≥ 1, got undefined'],
    [{ every: 1, outer: null }, 'localSgd: ']
  ])('refuses %o', (options, message) => {
    expect(() => localSgd(sgd(1), solo(), options as never)).toThrow(message)
  })

  test('refuses what is no transformation, and a seat for a communicator', () => {
    expect(() => localSgd({} as never, solo(), { every: 1 })).toThrow('localSgd: a transformation must be')
    const [seat] = localGroup(1)
    expect(() => localSgd(sgd(1), seat as never, { every: 1 })).toThrow('localSgd: comm must be a communicator')
    localSgd(sgd(1), joinLocal(seat as never), { every: 1 })
  })
})
