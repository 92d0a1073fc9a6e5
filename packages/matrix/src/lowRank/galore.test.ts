import { chain, ndarray } from '@gradchain/core'
import { addDecayedWeights, scaleByLearningRate } from '@gradchain/transforms'
import { expect, test } from 'vitest'
import { galore } from './galore.js'
import { scaleByGalore } from './scaleByGalore.js'

const params = { w: ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]), b: Float64Array.of(1, 2) }
const grads = { w: ndarray(Float64Array.of(3, -1, 2, 0, 5, 1), [3, 2]), b: Float64Array.of(1, -2) }

test('is its chain', () => {
  const tx = galore(0.1, { rank: 1, scale: 0.5, weightDecay: 0.1, mask: { w: true, b: false } })
  const parts = chain(
    scaleByGalore({ rank: 1, scale: 0.5 }),
    addDecayedWeights(0.1, { mask: { w: true, b: false } }),
    scaleByLearningRate(0.1)
  )
  const [u] = tx.update(grads, tx.init(params), params)
  const [v] = parts.update(grads, parts.init(params), params)
  expect([...u.w.data, ...u.b]).toStrictEqual([...v.w.data, ...v.b])
})

test('refuses a decay below 0', () => {
  expect(() => galore(0.1, { weightDecay: -1 })).toThrow(
    'galore: weightDecay must be a finite number ≥ 0 or a schedule'
  )
})
