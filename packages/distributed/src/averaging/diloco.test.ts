import { ndarray, step, transient } from '@gradchain/core'
import { adam, sgd } from '@gradchain/optimizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { solo } from '../communicators/solo.js'
import { allRanks } from '../internal/testing/allRanks.js'
import { meanOf, someRanks, trained } from '../internal/testing/training.js'
import { diloco } from './diloco.js'
import { localSgd } from './localSgd.js'

describe('diloco', () => {
  test('agrees with its definition on any number of ranks', async () => {
    await fc.assert(
      fc.asyncProperty(someRanks(6), fc.integer({ min: 1, max: 3 }), async (ranks, every) => {
        const seen = await trained((comm) => diloco(sgd(0.5), comm, { every }), ranks)
        let theta: readonly number[] = [0, 16, -32]
        let velocity = theta.map(() => 0)
        let params: readonly (readonly number[])[] = Array.from({ length: ranks.size }, () => theta)
        ranks.gradients.forEach((all, t) => {
          params = params.map((p, r) => p.map((x, i) => x - 0.5 * (all[r]?.[i] as number)))
          if ((t + 1) % every === 0) {
            const delta = meanOf(params).map((x, i) => (theta[i] as number) - x)
            velocity = velocity.map((v, i) => 0.9 * v + (delta[i] as number))
            theta = theta.map((x, i) => x - 0.7 * ((delta[i] as number) + 0.9 * (velocity[i] as number)))
            params = params.map(() => theta)
          }
          seen.forEach((path, r) => {
            path[t]?.forEach((x, i) => expect(x).toBeCloseTo(params[r]?.[i] as number, 10))
          })
        })
      }),
      { numRuns: 8 }
    )
  })

  test('with plain sgd of rate 1 outside it is localSgd', async () => {
    await fc.assert(
      fc.asyncProperty(someRanks(6), fc.integer({ min: 1, max: 3 }), async (ranks, every) => {
        const seen = await trained((comm) => diloco(adam(0.25), comm, { every, outer: sgd(1) }), ranks)
        const local = await trained((comm) => localSgd(adam(0.25), comm, { every }), ranks)
        seen.forEach((path, r) => {
          path.forEach((p, t) => {
            // A few roundings of numbers of 32 at the most.
            p.forEach((x, i) => expect(Math.abs(x - (local[r]?.[t]?.[i] as number))).toBeLessThan(2 ** -43))
          })
        })
      }),
      { numRuns: 8 }
    )
  })

  test('goes the way that its ranks went', async () => {
    const ends = await allRanks(3, (comm) => {
      const tx = diloco(sgd(0.125), comm, { every: 4 })
      let params = { w: 5 }
      let state = tx.init(params)
      for (let t = 0; t < 120; t++) [params, state] = step(tx, { w: params.w - comm.rank }, state, params)
      return params.w
    })
    // Of the losses (w − r)² / 2 the mean is least at 1. What is off shrinks by a fifth each of the 30 times that ranks come together.
    for (const w of ends) expect(Math.abs(w - 1)).toBeLessThan(0.05)
    expect(new Set(ends).size).toBe(1)
  })

  test('keeps the inner state, and has the same outer state on all ranks', async () => {
    const states = await allRanks(2, (comm) => {
      const tx = diloco(sgd(0.5, { momentum: 0.5 }), comm, { every: 1 })
      const params = { w: 4 }
      return step(tx, { w: 1 + comm.rank }, tx.init(params), params)[1]
    })
    expect(states[0]?.innerState).not.toStrictEqual(states[1]?.innerState)
    expect(states[0]?.outerState).toStrictEqual(states[1]?.outerState)
    expect(states[0]?.common).toStrictEqual(states[1]?.common)
  })

  test('keeps in float32 what 16-bit params have in common', () => {
    const params = { w: ndarray([256], [1], 'bfloat16') }
    const tx = diloco(sgd(1), solo(), { every: 1, outer: sgd(0.25) })
    const [after, state] = step(tx, { w: ndarray([-2], [1], 'bfloat16') }, tx.init(params), params)
    // A quarter of the way from 256 to 258, which bfloat16 has not.
    expect(state.common).toStrictEqual({ w: ndarray([256.5], [1], 'float32') })
    expect(after).toStrictEqual({ w: ndarray([256], [1], 'bfloat16') })
    const [, next] = step(tx, { w: ndarray([-2], [1], 'bfloat16') }, state, after)
    expect(next.common).toStrictEqual({ w: ndarray([256.875], [1], 'float32') })
  })

  test('is the same in transient', () => {
    const make = () => diloco(adam(0.125), solo(), { every: 2 })
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

  test.each([
    [{ every: 0 }, 'diloco: every must be a whole number ≥ 1, got 0'],
    [{}, 'diloco: every must be a whole number ≥ 1, got undefined'],
    [{ every: 1, outer: null }, 'diloco: a transformation must be']
  ])('refuses %o', (options, message) => {
    expect(() => diloco(sgd(1), solo(), options as never)).toThrow(message)
  })

  test('refuses what is no transformation, and no communicator', () => {
    expect(() => diloco({} as never, solo(), { every: 1 })).toThrow('diloco: a transformation must be')
    expect(() => diloco(sgd(1), {} as never, { every: 1 })).toThrow('diloco: comm must be a communicator')
  })
})
