import {
  type AnyGradientTransformation,
  chain,
  InvalidOption,
  identity,
  type Leaf,
  ndarray,
  step,
  transient
} from '@gradchain/core'
import { adam, sgd } from '@gradchain/optimizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CommunicationError } from '../communicators/communicationError.js'
import type { Communicator } from '../communicators/communicator.js'
import { solo } from '../communicators/solo.js'
import { errorFeedback } from '../compression/errorFeedback.js'
import { quantize8 } from '../compression/quantize8.js'
import { randomK } from '../compression/randomK.js'
import { signWithNorm } from '../compression/signWithNorm.js'
import { topK } from '../compression/topK.js'
import { allOutcomes, allRanks } from '../internal/testing/allRanks.js'
import { allReduceMean } from './allReduceMean.js'

const params = { w: new Float32Array(3), deep: [ndarray(new Float64Array(2), [1, 2]), 0, null] }
type Numbers = readonly number[]
const treeOf = ([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0]: Numbers) => ({
  w: Float32Array.of(a, b, c),
  deep: [ndarray(Float64Array.of(d, e), [1, 2]), f, null]
})
const aGradient = fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 6, maxLength: 6 })

/** One list of gradients for each of one to five ranks. */
const aBatch = (steps: number) =>
  fc.array(fc.array(aGradient, { minLength: steps, maxLength: steps }), { minLength: 1, maxLength: 5 })

const wave = (t: number): Float32Array =>
  Float32Array.from({ length: 40 }, (_, i) => Math.fround(((i * 7919 + t * 104_729) % 601) / 300 - 1))

const meanOf = (lists: readonly Numbers[]): Numbers =>
  (lists[0] as Numbers).map((_, i) => lists.reduce((sum, list) => sum + (list[i] as number), 0) / lists.length)

/** How many reductions there were, on the only rank. */
const counted = (): { readonly comm: Communicator; readonly calls: () => number } => {
  let calls = 0
  const comm = solo()
  const allReduce: Communicator['allReduce'] = (...given) => {
    calls += 1
    return comm.allReduce(...given)
  }
  return { comm: { ...comm, allReduce }, calls: () => calls }
}

const meanOnce = (comm: Communicator, grads: { readonly [key: string]: Leaf }): unknown => {
  const tx = allReduceMean(comm)
  return tx.update(grads, tx.init(grads), grads)[0]
}

const residualOf = (feedback: { readonly residual: unknown } | null): Float32Array =>
  (feedback as { readonly residual: { readonly w: Float32Array } }).residual.w

const compressors: readonly (readonly [string, () => AnyGradientTransformation])[] = [
  ['topK', () => topK(0.25)],
  ['randomK', () => randomK(0.5, { key: 3 })],
  ['signWithNorm', signWithNorm],
  ['quantize8', quantize8],
  ['identity', identity]
]

describe('allReduceMean', () => {
  test('n ranks do, each with its part of a batch, what one does with all of it', async () => {
    await fc.assert(
      fc.asyncProperty(aBatch(3), fc.constantFrom(1, 9, 17, 1e6), async (ranks, bucketBytes) => {
        const course = (comm: Communicator, gradientAt: (t: number) => Numbers): unknown => {
          const tx = chain(allReduceMean(comm, { bucketBytes }), adam(0.1))
          let [at, state]: [typeof params, ReturnType<typeof tx.init>] = [params, tx.init(params)]
          for (let t = 0; t < 3; t++) [at, state] = step(tx, treeOf(gradientAt(t)), state, at)
          return at
        }
        const found = await allRanks(ranks.length, (comm) =>
          course(comm, (t) => (ranks[comm.rank] as readonly Numbers[])[t] as Numbers)
        )
        const whole = course(solo(), (t) => meanOf(ranks.map((list) => list[t] as Numbers)))
        for (const own of found) expect(own).toStrictEqual(whole)
      }),
      { numRuns: 20 }
    )
  })

  test('one call for what fits into a bucket, in each step, whoever makes it', () => {
    const tree = { a: new Float32Array(4), b: new Float32Array(4), c: new Float32Array(4), n: 0 }
    for (const [bucketBytes, buckets] of [
      [1e6, 1],
      [20, 2],
      [16, 4],
      [1, 4]
    ] as const) {
      const { comm, calls } = counted()
      const tx = chain(allReduceMean(comm, { bucketBytes }), sgd(1))
      let state = tx.init(tree)
      state = tx.update(tree, state, tree)[1]
      // The first is preceded by one that compares what is to be cut into buckets.
      expect(calls()).toBe(1 + buckets)
      step(tx, tree, state, tree)
      const run = transient(tx, tree)
      run.step(tree)
      run.step(tree)
      expect(calls()).toBe(1 + 4 * buckets)
    }
  })

  test('many small leaves are one call, too', () => {
    const tree = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`w${i}`, Float32Array.of(i)]))
    const { comm, calls } = counted()
    const tx = chain(sgd(1), allReduceMean(comm))
    let state = tx.init(tree)
    for (let t = 0; t < 4; t++) {
      const [updates, next] = tx.update(tree, state, tree)
      state = next
      expect(updates).toStrictEqual(Object.fromEntries(Object.keys(tree).map((key, i) => [key, Float32Array.of(-i)])))
    }
    expect(calls()).toBe(5)
  })

  test.each([
    // The sum is more than float16 can hold; each half of the smallest number would be 0.
    ['float16', 60000],
    ['float16', 2 ** -24],
    ['bfloat16', 3e38]
  ] as const)('the mean of %s numbers is taken in float32: %f', async (dtype, x) => {
    const halves = { h: ndarray([x], [1], dtype) }
    const found = await allRanks(2, (comm) => meanOnce(comm, halves))
    // 6e38 is more than float32 can hold, too.
    const wanted = dtype === 'bfloat16' ? { h: ndarray([Infinity], [1], dtype) } : halves
    expect(found).toStrictEqual([wanted, wanted])
  })

  test.each(compressors)('%s: the mean of what each rank lets through, and nothing is lost', async (_, make) => {
    const grads = [0, 1, 2].map((t) => [0, 1, 2, 3].map((r) => wave(5 * t + r)))
    for (const size of [1, 2, 4]) {
      const found = await allRanks(size, (comm) => {
        const tx = allReduceMean(comm, { compressor: make() })
        let state = tx.init({ w: wave(0), n: 0 })
        const sent = grads.map((of) => {
          const [updates, next] = tx.update({ w: of[comm.rank] as Float32Array, n: comm.rank }, state, {
            w: wave(0),
            n: 0
          })
          state = next
          return updates
        })
        return { sent, left: residualOf(state.feedback) }
      })
      // Each rank by itself, and the mean by hand.
      const alone = Array.from({ length: size }, (_, r) => {
        const tx = errorFeedback(make())
        let state = tx.init({ w: wave(0), n: 0 })
        return grads.map((of) => {
          const [updates, next] = tx.update({ w: of[r] as Float32Array, n: r }, state, { w: wave(0), n: 0 })
          state = next
          return updates.w
        })
      })
      grads.forEach((_, t) => {
        const sum = alone.reduce(
          (total, own) => total.map((x, i) => x + (own[t]?.[i] as number)),
          new Float32Array(40).fill(-0)
        )
        const wanted = { w: sum.map((x) => x / size), n: (size - 1) / 2 }
        for (const { sent } of found) expect(sent[t]).toStrictEqual(wanted)
      })
      for (let i = 0; i < 40; i++) {
        const came = grads.reduce((sum, of) => of.slice(0, size).reduce((all, g) => all + (g[i] as number), sum), 0)
        const went = size * (found[0]?.sent.reduce((sum, { w }) => sum + (w[i] as number), 0) as number)
        const left = found.reduce((sum, own) => sum + (own.left[i] as number), 0)
        expect(Math.abs(came - went - left)).toBeLessThan(1e-5)
      }
    }
  })

  test('NaN on one rank is NaN on all', async () => {
    const found = await allRanks(3, (comm) => meanOnce(comm, { w: Float32Array.of(comm.rank === 2 ? NaN : 1, 3) }))
    expect(found).toStrictEqual(found.map(() => ({ w: Float32Array.of(NaN, 3) })))
  })

  test('ranks with other gradients are told where, and can go on', async () => {
    const outcomes = await allOutcomes(2, (comm) => {
      const tx = allReduceMean(comm, { bucketBytes: 4 })
      const own = { a: new Float32Array(2), b: { c: new Float32Array(comm.rank + 1) } }
      return tx.update(own, tx.init(own), own)
    })
    for (const outcome of outcomes) {
      expect(outcome).toStrictEqual({
        error: new CommunicationError(
          'disagreement',
          'allReduce: tree.b.c must be the same on all ranks, got "bare float32 of length 1" on rank 0 and "bare float32 of length 2" on rank 1'
        )
      })
    }
  })

  test.each([
    [{}, {}, 'allReduceMean: comm must be a communicator, such as solo() or what mpi() gives, got an object'],
    [solo(), { bucketBytes: 0 }, 'allReduceMean: bucketBytes must be a finite number > 0, got 0'],
    [solo(), { compressor: {} }, 'allReduceMean: a transformation must be a pair'],
    [solo(), { bucket: 1 }, 'allReduceMean: there is no option bucket']
  ])('refuses %o, %o', (comm, options, message) => {
    expect(() => allReduceMean(comm as never, options as object)).toThrow(InvalidOption)
    expect(() => allReduceMean(comm as never, options as object)).toThrow(message)
  })
})
