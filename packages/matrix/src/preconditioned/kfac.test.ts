import { chain, ndarray } from '@gradchain/core'
import { addDecayedWeights, scaleByLearningRate, trace } from '@gradchain/transforms'
import { expect, test } from 'vitest'
import { kfac } from './kfac.js'
import { scaleByKfac } from './scaleByKfac.js'

const layers = { dense: { kernel: '.w' } }

test('is its chain', () => {
  const params = { w: ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]), b: Float64Array.of(1, 2) }
  const grads = { w: ndarray(Float64Array.of(3, -1, 2, 0, 5, 1), [3, 2]), b: Float64Array.of(1, -2) }
  const inputs = ndarray(Float64Array.of(1, 0, 2, 0, 1, -1), [2, 3])
  const extra = { layers: { dense: { inputs, outputGrads: ndarray(Float64Array.of(1, 2, -1, 3), [2, 2]) } } }
  const tx = kfac(0.1, { layers, damping: 0.1, weightDecay: 0.2 })
  const parts = chain(
    scaleByKfac({ layers, damping: 0.1 }),
    trace(0.9),
    addDecayedWeights(0.2),
    scaleByLearningRate(0.1)
  )
  const [u] = tx.update(grads, tx.init(params), params, extra)
  const [v] = parts.update(grads, parts.init(params), params, extra)
  expect([...u.w.data, ...u.b]).toStrictEqual([...v.w.data, ...v.b])
})

test.each([
  [{ momentum: 1 }, 'kfac: momentum must be in [0, 1), got 1'],
  [{ weightDecay: -1 }, 'kfac: weightDecay must be a finite number ≥ 0 or a schedule, got -1']
])('refuses %j', (options, message) => {
  expect(() => kfac(0.1, { layers, ...options })).toThrow(message)
})
