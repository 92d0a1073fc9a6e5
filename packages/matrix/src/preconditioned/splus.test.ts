import { chain, ndarray } from '@gradchain/core'
import { addDecayedWeights, scaleByLearningRate } from '@gradchain/transforms'
import { expect, test } from 'vitest'
import { scaleBySides } from './scaleBySides.js'
import { scaleBySplus } from './scaleBySplus.js'
import { type SplusOptions, splus } from './splus.js'

const params = { w: ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]), b: Float64Array.of(1, 2) }
const grads = { w: ndarray(Float64Array.of(3, -1, 2, 0, 5, 1), [3, 2]), b: Float64Array.of(1, -2) }
const after = (options?: SplusOptions<typeof params>) => {
  const tx = splus(0.1, options)
  let state = tx.init(params)
  const updates: number[][] = []
  for (let t = 0; t < 3; t++) {
    const [u, next] = tx.update(grads, state, params)
    updates.push([...u.w.data, ...u.b])
    state = next
  }
  return updates
}

test('is its chain, whose parts agree on what is a matrix', () => {
  const shared = { maxPreconditionerDim: 2, weightDimensionNumbers: { reductionAxis: 1, outputAxis: 0 } }
  const mask = { w: true, b: false }
  const parts = chain(
    scaleBySplus({ b1: 0.8, b2: 0.5, refreshEvery: 1, ...shared }),
    addDecayedWeights(0.5, { mask }),
    scaleBySides({ otherwise: 0.25, ...shared }),
    scaleByLearningRate(0.1)
  )
  const found = after({ b1: 0.8, b2: 0.5, refreshEvery: 1, weightDecay: 0.5, mask, otherwise: 0.25, ...shared })
  let state = parts.init(params)
  for (const row of found) {
    const [u, next] = parts.update(grads, state, params)
    state = next
    expect(row).toStrictEqual([...u.w.data, ...u.b])
  }
})

test('what is no matrix to one part is none to the other', () => {
  // Of the first update there are signs alone: 0.1 · 0.001, the constant, for all.
  const [first = []] = after({ weightDecay: 0, weightDimensionNumbers: () => null })
  expect(first).toHaveLength(8)
  for (const [i, u] of first.entries()) expect(u).toBeCloseTo(i === 3 ? 0 : u < 0 ? -1e-4 : 1e-4, 18)
})

test('has the decay and the constant of the authors unless told otherwise', () => {
  expect(after()).toStrictEqual(
    after({ weightDecay: 0.01, mask: true, otherwise: 0.001, maxPreconditionerDim: 10_000 })
  )
})

test('refuses a decay below 0', () => {
  expect(() => splus(0.1, { weightDecay: -1 })).toThrow('splus: weightDecay must be a finite number ≥ 0 or a schedule')
})
