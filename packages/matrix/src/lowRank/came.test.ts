import { chain, ndarray } from '@gradchain/core'
import { addDecayedWeights, scaleByLearningRate } from '@gradchain/transforms'
import { expect, test } from 'vitest'
import { came } from './came.js'
import { scaleByCame } from './scaleByCame.js'

test('is its chain', () => {
  const params = { w: ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]), b: Float64Array.of(1, 2) }
  const grads = { w: ndarray(Float64Array.of(3, -1, 2, 0, 5, 1), [3, 2]), b: Float64Array.of(1, -2) }
  const tx = came(0.1, { b1: 0.5, weightDecay: 0.2, mask: { w: true, b: false } })
  const parts = chain(
    scaleByCame({ b1: 0.5 }),
    addDecayedWeights(0.2, { mask: { w: true, b: false } }),
    scaleByLearningRate(0.1)
  )
  const [u] = tx.update(grads, tx.init(params), params)
  const [v] = parts.update(grads, parts.init(params), params)
  expect([...u.w.data, ...u.b]).toStrictEqual([...v.w.data, ...v.b])
})
