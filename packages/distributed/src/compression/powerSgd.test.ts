import { chain, ndarray, step, transient } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { sgd } from '@gradchain/optimizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allReduceMean } from '../collectives/allReduceMean.js'
import { solo } from '../communicators/solo.js'
import { allRanks } from '../internal/testing/allRanks.js'
import { differenceOf, golden, ranksOn } from '../internal/testing/golden.js'
import { type PowerSgdOptions, powerSgd } from './powerSgd.js'

const matrix = (numbers: ArrayLike<number>, rows: number) =>
  ndarray(Float64Array.from(numbers), [rows, numbers.length / rows])

/** Whole numbers of so many rows and columns. */
const someMatrix = (rows: number, columns: number) =>
  fc.array(fc.integer({ min: -9, max: 9 }), { minLength: rows * columns, maxLength: rows * columns })

describe('powerSgd', () => {
  test('comes to what numpy does, step by step', async () => {
    const make = (comm: ReturnType<typeof solo>) => powerSgd(comm, { rank: 2, minCompressionRate: 1 })
    const ranks = await ranksOn(golden.powerSgd, make)
    ranks.forEach(({ updates, state }, r) => {
      updates.forEach((u, t) => {
        for (const [name, numbers] of Object.entries(u)) {
          expect(differenceOf(numbers, golden.powerSgd.updates[t]?.[name] ?? [])).toBeLessThan(1e-11)
        }
      })
      const { data } = (state.residual as { readonly c: { readonly data: Float64Array } }).c
      expect(differenceOf(data, golden.powerSgd.residual[r]?.['c'] ?? [])).toBeLessThan(1e-11)
      // All ranks have the same updates and directions, to the bit.
      expect(updates).toStrictEqual(ranks[0]?.updates)
      expect(state.q).toStrictEqual(ranks[0]?.state.q)
    })
  })

  test('lets a mean of rank r through unchanged, on any number of ranks', async () => {
    const some = fc.record({
      size: fc.integer({ min: 1, max: 5 }),
      left: someMatrix(6, 2),
      right: someMatrix(2, 7),
      noise: someMatrix(6, 7)
    })
    await fc.assert(
      fc.asyncProperty(some, async ({ size, left, right, noise }) => {
        const product = Array.from({ length: 42 }, (_, at) => {
          const [i, j] = [Math.floor(at / 7), at % 7]
          return [0, 1].reduce((sum, k) => sum + (left[2 * i + k] as number) * (right[7 * k + j] as number), 0)
        })
        const ends = await allRanks(size, (comm) => {
          // What one rank has more, others have less.
          const share = size === 1 ? 0 : comm.rank - (size - 1) / 2
          const w = matrix(
            product.map((x, i) => x + share * (noise[i] as number)),
            6
          )
          const tx = powerSgd(comm, { rank: 2, minCompressionRate: 0.1 })
          return tx.update({ w }, tx.init({ w }), { w })[0].w.data
        })
        for (const u of ends) expect(differenceOf(u, product)).toBeLessThan(1e-9)
      }),
      { numRuns: 10 }
    )
  })

  test('loses nothing in the sum, on any number of ranks', async () => {
    const some = fc
      .integer({ min: 1, max: 4 })
      .chain((size) =>
        fc.array(fc.array(someMatrix(5, 6), { minLength: size, maxLength: size }), { minLength: 1, maxLength: 4 })
      )
    await fc.assert(
      fc.asyncProperty(some, async (gradients) => {
        const size = gradients[0]?.length ?? 0
        const ends = await allRanks(size, (comm) => {
          const tx = powerSgd(comm, { minCompressionRate: 1 })
          const params = { w: matrix(new Float64Array(30), 5) }
          let state = tx.init(params)
          const sent = new Float64Array(30)
          for (const all of gradients) {
            const [u, next] = tx.update({ w: matrix(all[comm.rank] ?? [], 5) }, state, params)
            state = next
            u.w.data.forEach((x, i) => {
              sent[i] = (sent[i] as number) + x
            })
          }
          return { sent, left: (state.residual as typeof params).w.data }
        })
        for (let i = 0; i < 30; i++) {
          const came = gradients.flat().reduce((sum, g) => sum + (g[i] as number), 0) / size
          const held = ends.reduce((sum, { left }) => sum + (left[i] as number), 0) / size
          expect((ends[0]?.sent[i] as number) + held).toBeCloseTo(came, 10)
        }
      }),
      { numRuns: 10 }
    )
  })

  // What PyTorch 2.13 compresses at its least rate of 2.
  test.each<readonly [readonly number[], number, boolean]>([
    [[4, 4], 1, false],
    [[3, 3], 1, false],
    [[5, 5], 1, true],
    [[4, 8], 1, true],
    [[8, 8], 1, true],
    [[8, 8], 2, false],
    [[64], 1, false],
    [[8, 2, 4], 1, true],
    [[0, 100], 1, false]
  ])('of shape %j at rank %d compresses what PyTorch does', (shape, rank, isCompressed) => {
    const w = ndarray(new Float32Array(shape.reduce((n, length) => n * length, 1)), shape)
    const { q } = powerSgd(solo(), { rank }).init({ w })
    const columns = shape.slice(1).reduce((n, length) => n * length, 1)
    if (isCompressed) expect((q as { readonly w: typeof w }).w.shape).toStrictEqual([columns, rank])
    else expect(q).toStrictEqual({ w: 0 })
  })

  test('caps the rank by the sides', () => {
    const w = ndarray(new Float32Array(60), [2, 30])
    const { q } = powerSgd(solo(), { rank: 5, minCompressionRate: 0.1 }).init({ w })
    expect((q as { readonly w: typeof w }).w.shape).toStrictEqual([30, 2])
  })

  test('sends two thin factors, and the rest whole', async () => {
    const sent = await allRanks(2, (comm) => {
      let numbers = 0
      const counting = {
        ...comm,
        allReduce: ((given, options) => {
          numbers += tree.size(given as never)
          return comm.allReduce(given, options)
        }) satisfies typeof comm.allReduce
      }
      const params = { w: ndarray(new Float32Array(200), [10, 20]), b: new Float32Array(20) }
      const tx = powerSgd(counting, { rank: 3 })
      tx.update(params, tx.init(params), params)
      return numbers
    })
    // P and Q, the vector, and a number that stands for it in the second call.
    expect(sent).toStrictEqual([3 * 30 + 20 + 1, 3 * 30 + 20 + 1])
  })

  test('a gradient that stays comes through in the mean of steps, at any rank', async () => {
    const numbers = Array.from({ length: 64 }, (_, i) => ((i * 37) % 19) - 9)
    const [u] = await allRanks(1, (comm) => {
      const tx = powerSgd(comm)
      const params = { w: matrix(new Float64Array(64), 8) }
      let state = tx.init(params)
      const sum = new Float64Array(64)
      for (let t = 0; t < 100; t++) {
        const [sent, next] = tx.update({ w: matrix(numbers, 8) }, state, params)
        state = next
        sent.w.data.forEach((x, i) => {
          sum[i] = (sum[i] as number) + x / 100
        })
      }
      return sum
    })
    // What is left over is at most what is held back, a few gradients, over 100.
    expect(differenceOf(u as Float64Array, numbers)).toBeLessThan(0.15)
  })

  test('of zeros is zeros, and goes on afterwards', () => {
    const params = { w: ndarray(new Float32Array(36), [6, 6]) }
    const tx = powerSgd(solo())
    const [zeros, state] = tx.update(params, tx.init(params), params)
    expect(zeros).toStrictEqual(params)
    const ones = { w: ndarray(new Float32Array(36).fill(1), [6, 6]) }
    const [u] = tx.update(ones, state, params)
    expect(differenceOf(u.w.data, ones.w.data)).toBeLessThan(1e-6)
  })

  test('goes on after a gradient of lower rank than it could have', () => {
    const params = { w: matrix(new Float64Array(36), 6) }
    const tx = powerSgd(solo(), { rank: 2, minCompressionRate: 1 })
    const one = matrix(
      Array.from({ length: 36 }, (_, i) => (i < 6 ? 1 : 0)),
      6
    )
    const two = matrix(
      Array.from({ length: 36 }, (_, i) => (i < 6 ? 1 : i === 14 ? 5 : 0)),
      6
    )
    let state = tx.init(params)
    for (let t = 0; t < 3; t++) [, state] = tx.update({ w: one }, state, params)
    const [u] = tx.update({ w: two }, state, params)
    expect(differenceOf(u.w.data, two.data)).toBeLessThan(1e-9)
  })

  test('in the warm-up is allReduceMean', async () => {
    const ends = await allRanks(3, (comm) => {
      const grads = {
        w: ndarray(
          Float32Array.from({ length: 36 }, (_, i) => i * comm.rank),
          [6, 6]
        ),
        n: comm.rank
      }
      const tx = powerSgd(comm, { warmup: 1 })
      const [u, state] = tx.update(grads, tx.init(grads), grads)
      const [mean] = allReduceMean(comm).update(grads, { feedback: null }, grads)
      const [next] = tx.update(grads, state, grads)
      return [u, mean, next.n]
    })
    for (const [u, mean, n] of ends) {
      expect(u).toStrictEqual(mean)
      expect(n).toBe(1)
    }
  })

  test('works with numbers from the smallest to the largest', () => {
    for (const size of [2 ** -140, 2 ** -60, 2 ** 60, 2 ** 120]) {
      const grads = { w: ndarray(new Float32Array(36).fill(size), [6, 6]) }
      const tx = powerSgd(solo())
      let state = tx.init(grads)
      for (let t = 0; t < 3; t++) {
        const [u, next] = tx.update(grads, state, grads)
        state = next
        expect(differenceOf(u.w.data, grads.w.data)).toBeLessThan(size < 1e-38 ? 1e-2 : 1e-5)
      }
    }
  })

  test('keeps in float32 what 16 bits do not say', () => {
    const params = { w: ndarray(Array(36).fill(0), [6, 6], 'bfloat16') }
    const grads = { w: ndarray(Array(36).fill(1 + 2 ** -7), [6, 6], 'bfloat16') }
    const tx = powerSgd(solo(), { rank: 1 })
    const [u, { residual }] = tx.update(grads, tx.init(params), params)
    expect(u.w.dtype).toBe('bfloat16')
    expect((residual as { readonly w: typeof params.w }).w.dtype).toBe('float32')
  })

  test('is the same in transient', () => {
    const make = () => chain(powerSgd(solo(), { minCompressionRate: 0.5 }), sgd(0.1))
    const start = {
      w: ndarray(
        Float32Array.from({ length: 24 }, (_, i) => (i * i) % 7),
        [4, 6]
      ),
      b: new Float64Array(3),
      n: 1
    }
    const [tx, run] = [make(), transient(make(), start)]
    let [params, state] = [start, tx.init(start)]
    for (let t = 0; t < 4; t++) {
      const g = {
        w: ndarray(
          start.w.data.map((x, i) => x + t * i),
          [4, 6]
        ),
        b: Float64Array.of(t, 2, 1),
        n: t
      }
      ;[params, state] = step(tx, g, state, params)
      run.step(g)
    }
    expect(run.snapshot().params).toStrictEqual(params)
  })

  test.each<readonly [PowerSgdOptions, string]>([
    [{ rank: 0 }, 'powerSgd: rank must be a whole number ≥ 1, got 0'],
    [{ rank: 1.5 }, 'powerSgd: rank must be a whole number ≥ 1, got 1.5'],
    [{ minCompressionRate: 0 }, 'powerSgd: minCompressionRate must be a finite number > 0, got 0'],
    [{ warmup: -1 }, 'powerSgd: warmup must be a whole number ≥ 0, got -1'],
    [{ key: 0.5 }, 'powerSgd: key must be']
  ])('refuses %o', (options, message) => {
    expect(() => powerSgd(solo(), options)).toThrow(message)
  })

  test('refuses what is no communicator', () => {
    expect(() => powerSgd({ rank: 1 } as never)).toThrow('powerSgd: comm must be a communicator')
  })
})
