import { chain, ndarray, random, step } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { differentiallyPrivateAggregate, scaleByLearningRate, trace } from '@gradchain/transforms'
import { describe, expect, test } from 'vitest'
import { refuses } from '../../transforms/src/internal/testing/courses.js'
import { type DpsgdOptions, dpsgd } from './dpsgd.js'
import { sgd } from './sgd.js'

const options = { l2NormClip: 4, noiseMultiplier: 0.5, key: 7 }
const falling = linearSchedule({ initValue: 1, endValue: 0, transitionSteps: 5 })
const params = { w: new Float64Array([1, -2]) }

/** Two examples for each of three steps. */
const BATCHES = [
  [1, 2, 3, 4],
  [-30, 0.5, 2, 10],
  [0, 0, -1, 0.25]
].map((row) => ({ w: ndarray(new Float64Array(row), [2, 2]) }))

/** The updates of these steps. */
const emitted = (tx: ReturnType<typeof dpsgd>): readonly unknown[] => {
  let state = tx.init(params)
  return BATCHES.map((perExampleGradients) => {
    const [updates, next] = tx.update(params, state, params, { perExampleGradients })
    state = next
    return updates
  })
}

describe('dpsgd', () => {
  test('is differentiallyPrivateAggregate, trace, scaleByLearningRate, with the options handed on', () => {
    const tx = chain(
      differentiallyPrivateAggregate(options),
      trace(0.9, { nesterov: true }),
      scaleByLearningRate(falling)
    )
    expect(emitted(dpsgd(falling, { ...options, momentum: 0.9, nesterov: true }))).toStrictEqual(emitted(tx))
  })

  test('without momentum keeps nothing', () => {
    expect(dpsgd(0.1, options).init(params)).toStrictEqual([
      { rngKey: random.key(7) },
      { count: 0, trace: null },
      { count: 0 }
    ])
  })

  test('without noise and without a bound is sgd on the mean gradient', () => {
    const tx = dpsgd(0.5, { l2NormClip: Infinity, noiseMultiplier: 0, key: 0, momentum: 0.5 })
    const same = sgd(0.5, { momentum: 0.5 })
    let [one, other] = [params, params]
    let [state, before] = [tx.init(params), same.init(params)]
    for (const perExampleGradients of BATCHES) {
      const [a = 0, b = 0, c = 0, d = 0] = perExampleGradients.w.data
      ;[one, state] = step(tx, params, state, one, { perExampleGradients })
      ;[other, before] = step(same, { w: new Float64Array([(a + c) / 2, (b + d) / 2]) }, before, other)
      expect(one).toStrictEqual(other)
    }
  })

  test('takes a number for its constant schedule, and a key or its seed, bit for bit', () => {
    expect(emitted(dpsgd(0.3, options))).toStrictEqual(
      emitted(dpsgd(constantSchedule(0.3), { ...options, key: random.key(7) }))
    )
  })

  const make = (changes: object) => () => dpsgd(0.1, { ...options, ...changes } as DpsgdOptions)
  refuses([
    ['scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => dpsgd(-1, options)],
    ['dpsgd: momentum must be in [0, 1], got 2', make({ momentum: 2 })],
    [
      'differentiallyPrivateAggregate: key must be a key made by random.key or a whole number, got undefined',
      make({ key: undefined })
    ],
    [
      'dpsgd: there is no option seed; there are l2NormClip, noiseMultiplier, key, momentum, nesterov',
      make({ seed: 0 })
    ]
  ])
})
