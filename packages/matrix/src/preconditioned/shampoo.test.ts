import { chain, ndarray } from '@gradchain/core'
import { addDecayedWeights, scaleByLearningRate, trace } from '@gradchain/transforms'
import { expect, test } from 'vitest'
import { scaleByShampoo } from './scaleByShampoo.js'
import { shampoo } from './shampoo.js'

test('is its chain', () => {
  const params = { w: ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]), b: Float64Array.of(1, 2) }
  const grads = { w: ndarray(Float64Array.of(3, -1, 2, 0, 5, 1), [3, 2]), b: Float64Array.of(1, -2) }
  const tx = shampoo(0.1, { b2: 0.8, grafting: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.1 })
  const parts = chain(
    scaleByShampoo({ b2: 0.8, grafting: 'sgd' }),
    trace(0.9, { nesterov: true }),
    addDecayedWeights(0.1),
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

test.each([
  [{ momentum: 1 }, 'shampoo: momentum must be in [0, 1), got 1'],
  [{ nesterov: 1 as never }, 'shampoo: nesterov must be true or false, got 1'],
  [{ weightDecay: -1 }, 'shampoo: weightDecay must be a finite number ≥ 0 or a schedule, got -1']
])('refuses %j', (options, message) => {
  expect(() => shampoo(0.1, options)).toThrow(message)
})
