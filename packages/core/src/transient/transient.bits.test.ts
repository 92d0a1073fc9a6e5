// The same bits as `step`, over two dozen steps, for what the packages above are made of.
import { arbitrary } from '@gradchain/laws'
import { adam, adamw, lion, rmsprop, sgd } from '@gradchain/optimizers'
import { cosineDecaySchedule, joinSchedules, linearSchedule } from '@gradchain/schedules'
import {
  addDecayedWeights,
  applyIfFinite,
  clip,
  clipByBlockRms,
  clipByGlobalNorm,
  ema,
  freeze,
  lookahead,
  masked,
  multiSteps,
  partition,
  scale,
  scaleByAdam,
  scaleByLearningRate,
  scaleByRms,
  scaleBySchedule,
  scaleByStddev,
  setToZero,
  skipLargeUpdates,
  skipNotFinite,
  trace
} from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as tree from '../algebra/index.js'
import { isNdArray, ndarray } from '../array/ndarray.js'
import { read } from '../engine/evaluate.js'
import type { Leaf, Operand } from '../expression/expr.js'
import { atan2, erf, exp, log1p, mul, pow, sin, tanh } from '../expression/operations.js'
import { chain } from '../transformation/chain.js'
import { identity } from '../transformation/identity.js'
import { namedChain } from '../transformation/namedChain.js'
import { stateless } from '../transformation/stateless.js'
import { remembering, traced } from '../transformation/testing.js'
import { transformation } from '../transformation/transformation.js'
import type { AnyGradientTransformation, EmptyState, Tree } from '../transformation/types.js'
import { map } from '../tree/tree.js'
import { filledLike, gradients, type RaceOptions, race, randomFrom } from './transientTesting.js'

const STEPS = 24

const decay = linearSchedule({ initValue: 0.5, endValue: 0, transitionSteps: 20 })
const cosine = cosineDecaySchedule({ initValue: 0.1, decaySteps: 15 })

/** A user's own momentum on raw arrays, without any of ours. */
const bare = {
  init: (params: unknown) => ({ seen: 0, m: filledLike(params, () => 0) }),
  update: (updates: unknown, state: { seen: number; m: unknown }) => {
    const numbers = (value: unknown): number[] => {
      if (typeof value === 'number') return [value]
      if (typeof value !== 'object' || value === null) return []
      if (ArrayBuffer.isView(value)) return [...(value as Float32Array)]
      return isNdArray(value) ? [...value.data] : Object.values(value).flatMap(numbers)
    }
    const [g, m] = [numbers(updates), numbers(state.m)]
    let at = 0
    const next = filledLike(state.m, () => (g[at] as number) + 0.5 * (m[at++] as number))
    let copied = 0
    const flat = numbers(next)
    return [filledLike(updates, () => flat[copied++] as number), { seen: state.seen + 1, m: next }] as const
  }
} as unknown as AnyGradientTransformation

/** Functions without an instruction. */
const functions = stateless((updates) =>
  map((g) => mul(tanh(g), exp(sin(mul(erf(g), log1p(pow(mul(g, atan2(g, mul(g, g))), 0.3)))))), updates)
)

/** Counts on the host, and does something else every third time. */
const everyThird = transformation<{ readonly count: number; readonly slow: Tree }>({
  init: (params) => ({ count: 0, slow: params }),
  update: (updates, { count, slow }, params) => [
    map((g) => mul(g, count % 3 === 0 ? read(tree.norm(updates)) : 0.1), updates),
    { count: count + 1, slow: count % 3 === 1 ? params : slow }
  ]
})

const byExtra = transformation<EmptyState, { readonly value: number; readonly direction: Float32Array }>({
  init: () => ({}),
  update: (updates, state, _params, { value, direction }) => [
    map((g) => mul(mul(g, value), read(tree.sum(direction))), updates),
    state
  ]
})

const TRANSFORMATIONS: Readonly<Record<string, AnyGradientTransformation>> = {
  identity: identity(),
  setToZero: setToZero(),
  adam: adam(1e-2),
  'adam with a schedule': adam(cosine, { nesterov: true }),
  'adam with moments in bfloat16': adam(1e-2, { muDtype: 'bfloat16' }),
  adamw: adamw(1e-2),
  'adamw with joined schedules': adamw(joinSchedules([decay, cosine], [7])),
  lion: lion(1e-2),
  rmsprop: rmsprop(1e-2, { momentum: 0.9, centered: true } as never),
  sgd: sgd(1e-2, { momentum: 0.9, nesterov: true }),
  remembering: remembering(),
  'momentum whose updates are its state': traced(0.9),
  ema: ema(0.9),
  scaleByRms: scaleByRms({ biasCorrection: true }),
  scaleByStddev: scaleByStddev(),
  'a clip chain': chain(clipByGlobalNorm(1), scaleByAdam(), addDecayedWeights(decay), scaleByLearningRate(1e-3)),
  'several clips': chain(
    clipByGlobalNorm(1),
    clip(0.3),
    scaleByAdam(),
    clipByGlobalNorm(0.5),
    clipByBlockRms(0.2),
    clipByGlobalNorm(0.1)
  ),
  'nested and named chains': namedChain({
    first: chain(clip(1), chain(trace(0.5), identity())),
    second: namedChain({ adam: scaleByAdam(), rate: scaleByLearningRate(cosine) })
  }),
  'masked by a function': chain(
    masked(scaleByAdam(), (params: Tree<Leaf>) => map((p) => typeof p === 'object', params)),
    scaleBySchedule(decay)
  ),
  partition: partition(
    { slow: chain(clipByGlobalNorm(1), scaleByAdam()), fast: trace(0.9), none: freeze(true) },
    (params: Tree<Leaf>) => {
      let i = 0
      return map(() => ['slow', 'fast', 'none'][i++ % 3] as string, params)
    }
  ),
  'freeze every other leaf': chain(
    scaleByAdam(),
    freeze((params: Tree<Leaf>) => {
      let i = 0
      return map(() => i++ % 2 === 0, params)
    })
  ),
  multiSteps: multiSteps(adam(1e-2), 3),
  'multiSteps with a growing k': multiSteps(chain(clipByGlobalNorm(1), trace(0.9)), (n: number) => 1 + (n % 4)),
  'multiSteps that skips what is not finite': multiSteps(adamw(1e-2), 2, { shouldSkip: skipNotFinite }),
  'multiSteps that skips what is large': multiSteps(adam(1e-2), 2, { shouldSkip: skipLargeUpdates(1e3) }),
  lookahead: lookahead(adam(1e-2), { syncPeriod: 4, slowStepSize: 0.5 }),
  'lookahead with a reset': lookahead(chain(clipByGlobalNorm(1), scaleByAdam()), {
    syncPeriod: 3,
    slowStepSize: 0.7,
    resetState: true
  }),
  applyIfFinite: applyIfFinite(adam(1e-2), 2),
  'applyIfFinite in the middle': chain(
    clip(1e3),
    applyIfFinite(chain(clipByGlobalNorm(1), scaleByAdam()), 1),
    trace(0.5),
    scale(-0.1)
  ),
  'wrappers around wrappers': multiSteps(
    applyIfFinite(lookahead(adamw(1e-2), { syncPeriod: 2, slowStepSize: 0.5 }), 1),
    2
  ),
  'a bare pair alone': bare,
  'a bare pair in the middle': chain(clipByGlobalNorm(1), bare, scaleByAdam(), bare, addDecayedWeights(0.1)),
  'a bare pair under a mask': masked(chain(trace(0.5), bare), (params: Tree<Leaf>) =>
    map((p) => typeof p === 'object', params)
  ),
  'functions on every element': chain(functions, trace(0.9)),
  'another course every third time': chain(everyThird, scaleByAdam())
}

const params = arbitrary.params({ dtypes: ['float32', 'float64', 'bfloat16', 'float16'] })

describe('on random trees of every dtype', () => {
  test.each(Object.entries(TRANSFORMATIONS))('%s', (_name, tx) => {
    const property = fc.property(params, fc.nat(), (start, seed) => {
      const gradientsOf = (i: number): unknown => gradients(start, seed + i, i % 4 === 3)
      const found = race(tx, start, { steps: STEPS, gradientsOf, scratchBytes: 2 ** 23 })
      if (found !== '') throw new Error(found)
    })
    fc.assert(property, { numRuns: 6 })
  })
})

const numbers = (length: number, seed: number): Float32Array => {
  const random = randomFrom(seed)
  return Float32Array.from({ length }, () => random() - 0.5)
}

// Lengths around a vector and a block, and one of every kind of leaf.
const TREES: Readonly<Record<string, unknown>> = {
  'around four': { a: numbers(3, 1), b: numbers(4, 2), c: numbers(5, 3), d: numbers(0, 4), e: numbers(1, 5) },
  'around a block': [numbers(4095, 1), numbers(4096, 2), [numbers(4097, 3), null]],
  'every kind of leaf': {
    number: 0.5,
    vector: numbers(7, 1),
    double: Float64Array.from(numbers(9, 2)),
    matrix: ndarray(numbers(12, 3), [3, 4]),
    half: ndarray([...numbers(6, 4)], [2, 3], 'float16'),
    brain: ndarray([...numbers(6, 5)], [6], 'bfloat16'),
    nothing: null,
    empty: {},
    scalar: ndarray([0.25], [])
  },
  'numbers alone': { a: 1, b: [2, -3] },
  'a bare number': 1.5,
  'a bare vector': numbers(10, 1),
  nothing: {}
}

describe.each(Object.entries(TREES))('on %s', (_tree, start) => {
  test.each(Object.entries(TRANSFORMATIONS))('%s', (_name, tx) => {
    expect(race(tx, start, { steps: STEPS, gradientsOf: (i) => gradients(start, i, i % 5 === 4) })).toBe('')
  })
})

test('what an update needs beyond gradients, also arrays that are others each time', () => {
  const start = { w: numbers(5, 1), b: 2 }
  const extraOf: RaceOptions['extraOf'] = (i) => ({ value: i / 3, direction: numbers(4, i) })
  expect(race(chain(clip(1), byExtra as AnyGradientTransformation, trace(0.9)), start, { extraOf })).toBe('')
})

test('arrays that a definition holds on to', () => {
  const weights = numbers(6, 9)
  const weighted = transformation<{ readonly count: number; readonly w: Operand }>({
    init: () => ({ count: 0, w: numbers(6, 8) }),
    // The same array, its elements changed, at times; and at times another.
    update: (updates, { count, w }) => {
      weights[0] = 1 + Math.floor(count / 4)
      const factor = count % 5 === 3 ? numbers(6, count) : weights
      return [
        map((g) => mul(mul(g, factor), w), updates),
        { count: count + 1, w: count % 2 === 0 ? numbers(6, count) : w }
      ]
    }
  })
  const start = { a: numbers(6, 1), b: numbers(6, 2) }
  expect(race(chain(weighted, traced(0.5)), start)).toBe('')
})
