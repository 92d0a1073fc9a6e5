import { chain, ndarray } from '@gradchain/core'
import { addDecayedWeights, scaleByLearningRate } from '@gradchain/transforms'
import { expect, test } from 'vitest'
import { scaleBySoap } from './scaleBySoap.js'
import { soap } from './soap.js'

test('is its chain', () => {
  const params = { w: ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]), b: Float64Array.of(1, 2) }
  const grads = { w: ndarray(Float64Array.of(3, -1, 2, 0, 5, 1), [3, 2]), b: Float64Array.of(1, -2) }
  const tx = soap(0.1, { b1: 0.8, preconditionFrequency: 1, mask: { w: true, b: false } })
  const parts = chain(
    scaleBySoap({ b1: 0.8, preconditionFrequency: 1 }),
    addDecayedWeights(0.01, { mask: { w: true, b: false } }),
    scaleByLearningRate(0.1)
  )
  let [a, b] = [tx.init(params), parts.init(params)]
  for (let t = 0; t < 3; t++) {
    const [u, nextA] = tx.update(grads, a, params)
    const [v, nextB] = parts.update(grads, b, params)
    a = nextA
    b = nextB
    expect([...u.w.data, ...u.b]).toStrictEqual([...v.w.data, ...v.b])
  }
})

test('refuses a decay below 0', () => {
  expect(() => soap(0.1, { weightDecay: -1 })).toThrow('soap: weightDecay must be a finite number ≥ 0 or a schedule')
})
