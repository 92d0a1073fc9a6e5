import {
  type AnyGradientTransformation,
  chain,
  definitionOf,
  type EmptyState,
  force,
  type GradientTransformation,
  InvalidOption,
  identity,
  type Leaf,
  ndarray,
  stateless,
  step,
  type Tree,
  transformation,
  transient
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
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
import { meanOverRanks } from '../internal/meanOverRanks.js'
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

/** The only rank, and the memory that results were given. */
const watched = (): { readonly comm: Communicator; readonly memory: (ArrayBufferLike | undefined)[] } => {
  const memory: (ArrayBufferLike | undefined)[] = []
  const comm = solo()
  const allReduce: Communicator['allReduce'] = (given, options) => {
    const into = options?.into as { readonly w?: Float32Array } | undefined
    memory.push(into?.w?.buffer)
    return comm.allReduce(given, options)
  }
  return { comm: { ...comm, allReduce }, memory }
}

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

const meanOnly = (comm: Communicator): GradientTransformation<EmptyState> =>
  stateless((updates) => meanOverRanks(comm, updates))

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
      expect(calls()).toBe(buckets)
      step(tx, tree, state, tree)
      const run = transient(tx, tree)
      run.step(tree)
      run.step(tree)
      expect(calls()).toBe(4 * buckets)
    }
  })

  describe('what comes from the ranks lies in the same memory in every step', () => {
    const large = (x: number) => ({ w: new Float32Array(40_000).fill(x), n: x, s: ndarray(Float64Array.of(x), [1]) })
    /** Gives what it was given a step before, and keeps what it is given. */
    const late = (): GradientTransformation<{ readonly last: Tree }> =>
      transformation({ init: (at) => ({ last: at }), update: (updates, { last }) => [last, { last: updates }] })

    test('and nobody sees it', () => {
      const { comm, memory } = watched()
      const tx = allReduceMean(comm, { bucketBytes: 1e5 })
      const kept = chain(tx, late())
      const at = large(0)
      const first = tx.update(large(1), tx.init(at), at)[0]
      const [, state] = kept.update(large(2), kept.init(at), at)
      const [second, next] = kept.update(large(3), state, at)
      tx.update(large(4), tx.init(at), at)
      expect([first, second, next[1].last]).toStrictEqual([large(1), large(2), large(3)])
      const run = transient(chain(tx, sgd(1)), at)
      run.step(large(5))
      expect(run.params).toStrictEqual(large(-5))
      run.dispose()
      const used = new Set(memory.filter((one) => one !== undefined))
      expect(used.size).toBe(1)
      expect(memory).toHaveLength(2 * 5)
    })

    test('but for two calls in one step, and where expressions are built', () => {
      const { comm, memory } = watched()
      const tx = allReduceMean(comm)
      const at = large(0)
      const twice = transformation<EmptyState>({
        init: () => ({}),
        update: (updates, state) => {
          const { update } = definitionOf('twice', tx)
          const before = { feedback: null }
          const [one] = update(updates, before, updates, undefined)
          const [other] = update(tree.scale(10, updates), before, updates, undefined)
          return [tree.add(one, other), state]
        }
      })
      for (const x of [1, 2]) expect(twice.update(large(x), {}, at)[0]).toStrictEqual(large(11 * x))
      const [a, b, c, d] = memory
      expect([new Set([a, b]).size, new Set([a, b, c, d]).size]).toStrictEqual([2, 2])
      memory.length = 0
      const lazy = [1, 2].map((x) => tx.update(tree.scale(x, large(1)) as never, tx.init(at), at)[0])
      expect(lazy.map((one) => force(one))).toStrictEqual([large(1), large(2)])
      expect(memory).toStrictEqual([undefined, undefined])
    })

    test('whatever sizes come, few pieces of memory wait', () => {
      const { comm, memory } = watched()
      const sized = (length: number) => {
        const tx = meanOnly(comm)
        const at = { w: new Float32Array(length) }
        tx.update(at, {}, at)
        return memory.at(-1)
      }
      const [first] = [20_000, 30_000, 40_000, 50_000].map(sized)
      expect(sized(20_000)).toBe(first)
      ;[60_000, 70_000, 80_000, 90_000].map(sized)
      expect(sized(20_000)).not.toBe(first)
    })
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
    expect(calls()).toBe(4)
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
          'allReduce: tree.b.c must be the same on all ranks, got "a bare float32 array of length 1" on rank 0 and "a bare float32 array of length 2" on rank 1'
        )
      })
    }
  })

  test.each([
    ['allReduce', '"a bare float32 array of length 2"', undefined],
    ['allReduceMean', '"a bare float32 array of length 2"', topK(0.5)]
  ])(
    'a rank that has no gradient for a leaf in a later step is named at once: %s',
    async (owner, there, compressor) => {
      const outcomes = await allOutcomes(3, (comm) => {
        const tx = allReduceMean(comm, { bucketBytes: 4, compressor })
        const at = { a: Float32Array.of(1, 2), b: Float32Array.of(3, 4), c: Float32Array.of(5, 6) }
        const state = tx.update(at, tx.init(at), at)[1]
        // The last of three buckets: those before it are the same.
        return tx.update((comm.rank === 2 ? { ...at, c: null } : at) as typeof at, state, at)
      })
      const message = `${owner}: tree.c must be the same on all ranks, got ${there} on rank 0 and null on rank 2`
      expect(outcomes).toStrictEqual(outcomes.map(() => ({ error: new CommunicationError('disagreement', message) })))
    }
  )

  test('messages are matched by the names of leaves, in whatever order', async () => {
    const [a, b] = [Float32Array.of(2, 0), Float32Array.of(4, 0)]
    const found = await allRanks(2, (comm) => {
      const tx = allReduceMean(comm, { compressor: topK(0.5) })
      const own = comm.rank === 0 ? { a, b } : { b, a }
      return tx.update(own, tx.init(own), own)[0]
    })
    expect(found).toStrictEqual([
      { a, b },
      { b, a }
    ])
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
