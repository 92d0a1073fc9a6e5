import { expect, test } from 'vitest'
import { addScale } from '../algebra/index.js'
import { leaveOutAbsent } from './leaveOutAbsent.js'
import { transformation } from './transformation.js'

const decayed = transformation({
  init: () => ({}),
  update: (updates, state, params) => [addScale(updates, 0.5, leaveOutAbsent(params, updates)), state],
  takesNull: true
})

test('params are left out where updates are, so that both are trees of one form', () => {
  const params = { a: 2, deep: [Float64Array.of(4), Float64Array.of(6)] }
  const [updates] = decayed.update({ a: 3, deep: [null, Float64Array.of(1)] }, {}, params)
  expect(updates).toStrictEqual({ a: 4, deep: [Float64Array.of(-0), Float64Array.of(4)] })
})

test('where nothing is absent, nothing is left out', () => {
  expect(decayed.update({ a: 3 }, {}, { a: 2 })[0]).toStrictEqual({ a: 4 })
})

test('outside of a step it is the tree itself', () => {
  const params = { a: 2 }
  expect(leaveOutAbsent(params, { a: 1 })).toBe(params)
})
