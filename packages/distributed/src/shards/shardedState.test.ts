import {
  type AnyGradientTransformation,
  chain,
  InvalidOption,
  type Leaf,
  ndarray,
  step,
  type Tree,
  transformation,
  transient,
  type Value
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { adafactor, adam, adamw, lamb, sgd } from '@gradchain/optimizers'
import {
  applyIfFinite,
  clipByBlockRms,
  clipByGlobalNorm,
  kahanParams,
  masked,
  mixedPrecision,
  multiSteps,
  partition,
  trace
} from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allReduceMean } from '../collectives/allReduceMean.js'
import { CommunicationError } from '../communicators/communicationError.js'
import type { Communicator } from '../communicators/communicator.js'
import { solo } from '../communicators/solo.js'
import { allOutcomes, allRanks } from '../internal/testing/allRanks.js'
import { gatherState } from './gatherState.js'
import { shardedState } from './shardedState.js'
import { shardState } from './shardState.js'

const wave = (t: number, n: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.fround(((i * 7919 + t * 104_729) % 601) / 300 - 1))

/** Params of several dtypes, more leaves than ranks and a few that are larger. */
const treeAt = (t: number): Tree<Leaf> => ({
  kernel: ndarray(wave(t, 24), [4, 6]),
  bias: wave(t + 1, 6),
  wide: Float64Array.from(wave(t + 2, 5)),
  half: ndarray([...wave(t + 3, 4)], [2, 2], 'bfloat16'),
  deep: [ndarray(wave(t + 4, 12), [3, 4]), null, { n: (t % 5) - 2, last: wave(t + 5, 3) }]
})

/** Everything that treats leaves by themselves. */
const inners: readonly (readonly [string, () => AnyGradientTransformation])[] = [
  ['sgd', () => sgd(0.1, { momentum: 0.9 })],
  ['adam', () => adam(0.01)],
  ['adamw', () => adamw((t) => 0.1 / (1 + t), { weightDecay: 0.1 })],
  ['lamb', () => lamb(0.01)],
  ['adafactor', () => adafactor(0.01, { minDimSizeToFactor: 2 })],
  ['clipByBlockRms', () => chain(clipByBlockRms(0.1), trace(0.5))],
  [
    'masked',
    () =>
      masked(adam(0.1), (params: Tree<Leaf>) => tree.map((p: Leaf) => typeof p === 'object' && 'shape' in p, params))
  ],
  ['multiSteps', () => multiSteps(adam(0.1), 2)]
]

/** A step of an optimizer whose types are not known. */
const stepOnce = step as unknown as (
  tx: AnyGradientTransformation,
  grads: Tree<Leaf>,
  state: unknown,
  params: Tree<Leaf>
) => readonly [Tree<Leaf>, unknown]

interface Reached {
  readonly params: Tree<Leaf>
  readonly state: unknown
}

/** What some steps lead to, from a fresh state or from what was reached before. */
const course = (
  tx: AnyGradientTransformation,
  way: 'step' | 'transient',
  [from, to] = [0, 3],
  at?: Reached
): Reached => {
  const { params: first, state: given } = at ?? { params: treeAt(0), state: tx.init(treeAt(0) as never) }
  if (way === 'transient') {
    const run = transient(tx, first as never, { state: given as never, scratchBytes: 2 ** 16 })
    for (let t = from; t < to; t++) run.step(treeAt(t + 7) as never)
    const end = run.snapshot()
    run.dispose()
    return end
  }
  let [params, state] = [first, given]
  for (let t = from; t < to; t++) [params, state] = stepOnce(tx, treeAt(t + 7), state, params)
  return { params, state }
}

describe('shardedState', () => {
  test.each(inners)(
    '%s: to the bit what it does without shards, on any number of ranks, and its state put together',
    async (name, make) => {
      for (const size of [1, 2, 5]) {
        const way = size === 2 && name === 'adam' ? 'transient' : 'step'
        const found = await allRanks(size, (comm) => {
          const { params, state } = course(shardedState(make(), comm), way)
          return { params, state: gatherState(comm, state as never) }
        })
        const whole = course(make(), way)
        for (const own of found) expect(own).toStrictEqual(whole)
      }
    }
  )

  test.each([
    ['kahanParams', () => kahanParams(adam(0.5))],
    ['mixedPrecision', () => mixedPrecision(adam(0.5))],
    // Some leaves of a rank are rounded, others not.
    ['partition', () => partition({ a: kahanParams(adam(0.5)), b: adam(0.5) }, { v: 'a', w: 'b', x: 'a', y: 'b' })]
  ] as readonly (readonly [string, () => AnyGradientTransformation])[])(
    '%s: 16-bit params are the same on all ranks, to the bit those without shards',
    async (_, make) => {
      const at = (t: number): Tree<Leaf> => {
        const leaf = (n: number, s: number): Leaf =>
          ndarray(
            [...wave(t + s, n)].map((x, i) => x * 10 ** ((i % 5) - 3)),
            [n],
            'bfloat16'
          )
        return { v: leaf(33, 1), w: leaf(31, 2), x: leaf(17, 3), y: leaf(16, 4) }
      }
      const paramsAfter = (tx: AnyGradientTransformation, way: 'step' | 'transient'): Tree<Leaf> => {
        const first = at(0)
        if (way === 'transient') {
          const run = transient(tx, first as never)
          for (let t = 1; t < 4; t++) run.step(at(t) as never)
          const { params } = run.snapshot()
          run.dispose()
          return params
        }
        let [params, state]: readonly [Tree<Leaf>, unknown] = [first, tx.init(first)]
        for (let t = 1; t < 4; t++) [params, state] = stepOnce(tx, at(t), state, params)
        return params
      }
      for (const way of ['step', 'transient'] as const) {
        const whole = paramsAfter(make(), way)
        const found = await allRanks(2, (comm) => paramsAfter(shardedState(make(), comm), way))
        for (const own of found) expect(own).toStrictEqual(whole)
      }
    }
  )

  test('goes on from a checkpoint with another number of ranks, and with none', async () => {
    const make = () => adamw(0.1, { weightDecay: 0.1 })
    const whole = ({ params, state }: Reached, comm: Communicator): Reached => ({
      params,
      state: gatherState(comm, state as never)
    })
    const [saved] = await allRanks(2, (comm) => whole(course(shardedState(make(), comm), 'step', [0, 2]), comm))
    const { params, state } = saved as Reached
    const wanted = course(make(), 'step', [0, 4])
    expect(course(make(), 'step', [2, 4], saved)).toStrictEqual(wanted)
    const found = await allRanks(3, (comm) => {
      const own = shardState(comm, make(), params, state as never)
      return whole(course(shardedState(make(), comm), 'step', [2, 4], { params, state: own }), comm)
    })
    for (const one of found) expect(one).toStrictEqual(wanted)
  })

  test('each rank keeps its part alone', async () => {
    const params = { a: new Float32Array(10), b: new Float32Array(9), c: new Float32Array(2) }
    const states = await allRanks(2, (comm) => shardedState(trace(0.5), comm).init(params))
    expect(states).toStrictEqual([
      { innerState: { count: 0, trace: { a: params.a, b: null, c: null } } },
      { innerState: { count: 0, trace: { a: null, b: params.b, c: params.c } } }
    ])
  })

  test('gradients that are averaged before, of any number of ranks', async () => {
    const aNumber = fc.integer({ min: -99, max: 99 })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(aNumber, aNumber, aNumber), { minLength: 1, maxLength: 5 }), async (ranks) => {
        const gradsOf = ([a, b, c]: readonly [number, number, number]) => ({ w: Float32Array.of(a, b), n: c })
        const at = { w: new Float32Array(2), n: 0 }
        const found = await allRanks(ranks.length, (comm) => {
          const tx = chain(allReduceMean(comm), shardedState(adam(0.1), comm))
          return tx.update(gradsOf(ranks[comm.rank] as never), tx.init(at), at)[0]
        })
        const mean = (i: number): number => ranks.reduce((sum, own) => sum + (own[i] as number), 0) / ranks.length
        const whole = adam(0.1).update(gradsOf([mean(0), mean(1), mean(2)]), adam(0.1).init(at), at)[0]
        for (const own of found) expect(own).toStrictEqual(whole)
      }),
      { numRuns: 15 }
    )
  })

  test('params without a gradient rest, whoever has them', async () => {
    const make = () => trace(0.5)
    const at = { a: new Float32Array(2), b: new Float32Array(2), c: new Float32Array(1) }
    const steps = [
      { a: Float32Array.of(1, 2), b: null, c: Float32Array.of(1) },
      { a: null, b: Float32Array.of(3, 4), c: Float32Array.of(1) },
      { a: Float32Array.of(1, 2), b: Float32Array.of(3, 4), c: Float32Array.of(1) }
    ]
    const run = (tx: AnyGradientTransformation): unknown => {
      let [params, state]: readonly [Tree<Leaf>, unknown] = [at, tx.init(at)]
      for (const grads of steps) [params, state] = stepOnce(tx, grads, state, params)
      return params
    }
    const found = await allRanks(3, (comm) => run(shardedState(make(), comm)))
    for (const own of found) expect(own).toStrictEqual(run(make()))
  })

  /** Remembers the norm of all leaves, and does nothing with it. */
  const remembering = () =>
    transformation<{ readonly norm: Value }>({
      init: () => ({ norm: 0 }),
      update: (updates) => [updates, { norm: tree.norm(updates) }]
    })

  test.each([
    [
      'clipByGlobalNorm',
      () => chain(clipByGlobalNorm(1), trace(0.5)),
      'what becomes of params.a depends on other leaves'
    ],
    ['applyIfFinite', () => applyIfFinite(adam(0.1), 3), 'it reads something of several leaves together'],
    ['a norm that is remembered', () => remembering(), 'its state has something of several leaves together']
  ])('refuses what treats leaves together: %s', async (_, make, why) => {
    const at = { a: new Float32Array(2), b: new Float32Array(3) }
    const outcomes = await allOutcomes(2, (comm) => shardedState(make(), comm).init(at))
    for (const outcome of outcomes) {
      expect(outcome).toStrictEqual({
        error: new InvalidOption(
          `shardedState: inner must treat each leaf by itself, but ${why}; clipByShardedGlobalNorm takes the norm of all shards, and other things may come before`
        )
      })
    }
    // Of one leaf, or one rank, it is the same.
    expect(() => shardedState(make(), solo()).init(at)).not.toThrow()
  })

  test('ranks with other params are told where', async () => {
    const outcomes = await allOutcomes(2, (comm) => {
      const at = { w: { x: new Float32Array(comm.rank + 1) } }
      const tx = shardedState(sgd(1), comm)
      return tx.update(at, tx.init(at), at)
    })
    for (const outcome of outcomes) {
      expect(outcome).toStrictEqual({
        error: new CommunicationError(
          'disagreement',
          'shardedState: tree.w.x must be the same on all ranks, got "a bare float32 array of length 1" on rank 0 and "a bare float32 array of length 2" on rank 1'
        )
      })
    }
  })

  test('a rank that has no gradient for a leaf in a later step is named at once', async () => {
    const outcomes = await allOutcomes(3, (comm) => {
      const tx = shardedState(sgd(1), comm)
      const at = { a: Float32Array.of(1, 2), b: Float32Array.of(3, 4), c: Float32Array.of(5, 6) }
      const state = tx.update(at, tx.init(at), at)[1]
      return tx.update((comm.rank === 1 ? { ...at, b: null } : at) as typeof at, state, at)
    })
    const message =
      'shardedState: tree.b must be the same on all ranks, got "a bare float32 array of length 2" on rank 0 and null on rank 1'
    expect(outcomes).toStrictEqual(outcomes.map(() => ({ error: new CommunicationError('disagreement', message) })))
  })

  test('refuses what is no communicator, and no transformation', () => {
    expect(() => shardedState(adam(1), undefined as never)).toThrow('shardedState: comm must be a communicator')
    expect(() => shardedState({} as never, solo() as Communicator)).toThrow('shardedState: a transformation must be')
  })
})
