import { chain, ndarray, step, transient } from '@gradchain/core'
import { adam } from '@gradchain/optimizers'
import { scaleByAdam, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allReduceMean } from '../collectives/allReduceMean.js'
import { solo } from '../communicators/solo.js'
import { bytesIn } from '../internal/message.js'
import { allRanks } from '../internal/testing/allRanks.js'
import { differenceOf, golden, ranksOn } from '../internal/testing/golden.js'
import { someRanks, trained } from '../internal/testing/training.js'
import { onebitAdam } from './onebitAdam.js'
import { scaleByOnebitAdam } from './scaleByOnebitAdam.js'

describe('scaleByOnebitAdam', () => {
  test('comes to what numpy does, step by step', async () => {
    const ranks = await ranksOn(golden.onebitAdam, (comm) => scaleByOnebitAdam(comm, { warmup: 3, b2: 0.99 }))
    ranks.forEach(({ updates, state }, r) => {
      updates.forEach((u, t) => {
        for (const [name, numbers] of Object.entries(u)) {
          expect(differenceOf(numbers, golden.onebitAdam.updates[t]?.[name] ?? [])).toBeLessThan(1e-12)
        }
      })
      const residual = state.residual as Readonly<Record<string, { readonly data: Float64Array }>>
      for (const [name, { data }] of Object.entries(residual)) {
        expect(differenceOf(data, golden.onebitAdam.residual[r]?.[name] ?? [])).toBeLessThan(1e-12)
      }
      // All ranks have the same updates and moments, to the bit.
      expect(updates).toStrictEqual(ranks[0]?.updates)
      expect([state.mu, state.nu]).toStrictEqual([ranks[0]?.state.mu, ranks[0]?.state.nu])
    })
  })

  test('in the warm-up is the Adam of averaged gradients, to the bit', async () => {
    await fc.assert(
      fc.asyncProperty(someRanks(5), async (ranks) => {
        const seen = await trained((comm) => onebitAdam(0.1, comm, { warmup: 5, b1: 0.8 }), ranks)
        const whole = await trained((comm) => chain(allReduceMean(comm), adam(0.1, { b1: 0.8 })), ranks)
        expect(seen).toStrictEqual(whole)
      }),
      { numRuns: 8 }
    )
  })

  test('holds nothing back in the sum: what ranks sent and hold is what they wanted to send', async () => {
    await fc.assert(
      fc.asyncProperty(someRanks(4), async ({ size, gradients }) => {
        const ends = await allRanks(size, (comm) => {
          const tx = scaleByOnebitAdam(comm, { warmup: 1, b1: 0.5 })
          const params = { w: new Float64Array(3) }
          // With a second moment from the start, so that no element rests.
          let [, state] = tx.update({ w: Float64Array.of(1, 2, 4) }, tx.init(params), params)
          return gradients.map((all) => {
            const w = Float64Array.from(all[comm.rank] ?? [])
            const before = state
            ;[, state] = tx.update({ w }, state, params)
            const [m, e, left] = [before.mu, before.residual, state.residual].map((x) => (x as typeof params).w)
            const wanted = w.map((g, i) => 0.5 * ((m?.[i] as number) + g) + (e?.[i] as number))
            return { sent: wanted.map((x, i) => x - (left?.[i] as number)), mean: (state.mu as typeof params).w }
          })
        })
        gradients.forEach((_, t) => {
          for (let i = 0; i < 3; i++) {
            const sum = ends.reduce((total, rank) => total + (rank[t]?.sent[i] as number), 0)
            expect(ends[0]?.[t]?.mean[i]).toBeCloseTo(sum / size, 10)
          }
        })
        for (const { sent } of ends.flat()) {
          // In one size.
          expect(Math.max(...sent.map(Math.abs)) - Math.min(...sent.map(Math.abs))).toBeLessThan(1e-9)
        }
      }),
      { numRuns: 8 }
    )
  })

  test('sends a bit for each element after the warm-up', async () => {
    const bytes = await allRanks(2, (comm) => {
      let sent = 0
      const counting = {
        ...comm,
        allGather: (<G>(given: G) => {
          sent += bytesIn(given as never)
          return comm.allGather(given)
        }) satisfies typeof comm.allGather
      }
      const params = { w: ndarray(new Float32Array(100).fill(1), [10, 10]), n: 1, none: new Float32Array(0) }
      const tx = scaleByOnebitAdam(counting, { warmup: 1 })
      const [, state] = tx.update(params, tx.init(params), params)
      expect(sent).toBe(0)
      tx.update(params, state, params)
      return sent
    })
    expect(bytes).toStrictEqual([13 + 8 + 8, 13 + 8 + 8])
  })

  test('an element without a gradient in the warm-up rests', () => {
    const params = { w: new Float32Array(3) }
    const tx = scaleByOnebitAdam(solo(), { warmup: 2 })
    let state = tx.init(params)
    for (let t = 0; t < 2; t++) [, state] = tx.update({ w: Float32Array.of(1, 0, -2) }, state, params)
    for (let t = 0; t < 3; t++) {
      const [u, next] = tx.update({ w: Float32Array.of(1, 100, -2) }, state, params)
      expect(u.w[1]).toBe(0)
      expect(Math.max(...u.w.map(Math.abs))).toBeLessThan(3)
      state = next
    }
    expect((state.residual as typeof params).w[1]).toBe(0)
  })

  test('learns what Adam does', async () => {
    const target = Float64Array.of(3, -1, 0.5, 2)
    const ends = await allRanks(2, (comm) => {
      const tx = onebitAdam((t) => (t < 60 ? 0.1 : 0.1 * 0.97 ** (t - 60)), comm, { warmup: 30, b2: 0.9 })
      let params = { w: new Float64Array(4) }
      let state = tx.init(params)
      for (let t = 0; t < 120; t++) {
        // Ranks pull to either side of the target.
        const g = params.w.map((x, i) => x - (target[i] as number) + (comm.rank - 0.5) / 4)
        ;[params, state] = step(tx, { w: g }, state, params)
      }
      return params.w
    })
    for (const w of ends) w.forEach((x, i) => expect(Math.abs(x - (target[i] as number))).toBeLessThan(0.15))
    expect(ends[0]).toStrictEqual(ends[1])
  })

  test('NaN on one rank is NaN on all', async () => {
    const ends = await allRanks(2, (comm) => {
      const params = { w: new Float32Array(9).fill(1), b: new Float32Array(2).fill(1) }
      const tx = scaleByOnebitAdam(comm, { warmup: 1 })
      const [, state] = tx.update(params, tx.init(params), params)
      const w = new Float32Array(9).fill(comm.rank === 1 ? NaN : 1)
      const [u] = tx.update({ ...params, w }, state, params)
      return [u.w.every(Number.isNaN), u.b.every(Number.isFinite)]
    })
    expect(ends).toStrictEqual([
      [true, true],
      [true, true]
    ])
  })

  test('is the same in transient', () => {
    const make = () => chain(scaleByOnebitAdam(solo(), { warmup: 2 }), scaleByLearningRate(0.1))
    const start = { a: new Float32Array([1, 2, 3]), b: [new Float64Array([1, 4]), 3] }
    const [tx, run] = [make(), transient(make(), start)]
    let [params, state] = [start, tx.init(start)]
    for (let t = 0; t < 6; t++) {
      const g = { a: new Float32Array([t, -t, 1]), b: [new Float64Array([t * t, 4]), -t] }
      ;[params, state] = step(tx, g, state, params)
      run.step(g)
    }
    expect(run.snapshot().params).toStrictEqual(params)
  })

  test('alone it still sends itself one bit only', () => {
    const params = { w: new Float64Array(2) }
    const tx = scaleByOnebitAdam(solo(), { warmup: 1, b1: 0 })
    const [first, state] = tx.update({ w: Float64Array.of(1, -2) }, tx.init(params), params)
    expect(first).toStrictEqual(
      scaleByAdam({ b1: 0 }).update({ w: Float64Array.of(1, -2) }, scaleByAdam({ b1: 0 }).init(params), params)[0]
    )
    const [, next] = tx.update({ w: Float64Array.of(3, -2) }, state, params)
    expect(next.mu).toStrictEqual({ w: Float64Array.of(2.5, -2.5) })
  })

  test.each([
    [{}, 'scaleByOnebitAdam: warmup must be a whole number ≥ 1, got undefined'],
    [{ warmup: 0 }, 'scaleByOnebitAdam: warmup must be a whole number ≥ 1, got 0'],
    [{ warmup: 1, b1: 1 }, 'scaleByOnebitAdam: b1 must be in [0, 1), got 1'],
    [{ warmup: 1, b2: -1 }, 'scaleByOnebitAdam: b2 must be in [0, 1), got -1'],
    [{ warmup: 1, eps: NaN }, 'scaleByOnebitAdam: eps must be a finite number ≥ 0, got NaN']
  ])('refuses %o', (options, message) => {
    expect(() => scaleByOnebitAdam(solo(), options as never)).toThrow(message)
  })

  test('refuses what is no communicator', () => {
    expect(() => scaleByOnebitAdam({} as never, { warmup: 1 })).toThrow(
      'scaleByOnebitAdam: comm must be a communicator'
    )
    expect(() => onebitAdam(-1, solo(), { warmup: 1 })).toThrow('learningRate must be')
  })
})
