import { chain, ndarray } from '@gradchain/core'
import { addDecayedWeights, scaleByLearningRate } from '@gradchain/transforms'
import { expect, test } from 'vitest'
import { type FiraOptions, fira } from './fira.js'
import { scaleByFira } from './scaleByFira.js'

const params = { w: ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]), b: Float64Array.of(1, 2) }
const grads = { w: ndarray(Float64Array.of(3, -1, 2, 0, 5, 1), [3, 2]), b: Float64Array.of(1, -2) }
const after = (options?: FiraOptions<typeof params>) => {
  const tx = fira(0.1, options)
  let state = tx.init(params)
  return [0, 1, 2].map(() => {
    const [u, next] = tx.update(grads, state, params)
    state = next
    return [...u.w.data, ...u.b]
  })
}

test('is its chain', () => {
  const part = { b1: 0.8, b2: 0.5, eps: 0.1, updateProjGap: 2, scale: 0.5, rank: 1, maxGrowth: 2 }
  const mask = { w: true, b: false }
  const parts = chain(scaleByFira(part), addDecayedWeights(0.5, { mask }), scaleByLearningRate(0.1))
  let state = parts.init(params)
  for (const row of after({ ...part, weightDecay: 0.5, mask })) {
    const [u, next] = parts.update(grads, state, params)
    state = next
    expect(row).toStrictEqual([...u.w.data, ...u.b])
  }
})

test('has the defaults of its part, and does not decay unless told to', () => {
  const all = {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-6,
    rank: 128,
    updateProjGap: 200,
    scale: 1,
    maxGrowth: 1.01,
    weightDecay: 0,
    mask: true
  }
  expect(after()).toStrictEqual(after(all))
})

test('refuses a decay below 0', () => {
  expect(() => fira(0.1, { weightDecay: -1 })).toThrow('fira: weightDecay must be a finite number ≥ 0 or a schedule')
})
