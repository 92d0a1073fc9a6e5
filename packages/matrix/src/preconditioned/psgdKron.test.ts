import { chain, ndarray } from '@gradchain/core'
import { addDecayedWeights, scaleByLearningRate } from '@gradchain/transforms'
import { expect, test } from 'vitest'
import { psgdKron } from './psgdKron.js'
import { scaleByKron } from './scaleByKron.js'

test('is its chain', () => {
  const params = { w: ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]), b: Float64Array.of(1, 2) }
  const grads = { w: ndarray(Float64Array.of(3, -1, 2, 0, 5, 1), [3, 2]), b: Float64Array.of(1, -2) }
  const tx = psgdKron(0.1, { key: 2, b1: 0.5, weightDecay: 0.1, mask: { w: true, b: false } })
  const parts = chain(
    scaleByKron({ key: 2, b1: 0.5 }),
    addDecayedWeights(0.1, { mask: { w: true, b: false } }),
    scaleByLearningRate(0.1)
  )
  const [u] = tx.update(grads, tx.init(params), params)
  const [v] = parts.update(grads, parts.init(params), params)
  expect([...u.w.data, ...u.b]).toStrictEqual([...v.w.data, ...v.b])
})

test('refuses a decay below 0', () => {
  expect(() => psgdKron(0.1, { key: 0, weightDecay: -1 })).toThrow('psgdKron: weightDecay must be a finite number ≥ 0')
})
