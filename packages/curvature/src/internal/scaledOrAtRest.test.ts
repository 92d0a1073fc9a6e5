import { force } from '@gradchain/core'
import { expect, test } from 'vitest'
import { scaledOrAtRest } from './scaledOrAtRest.js'

test('multiplies by the rate', () => {
  expect(force(scaledOrAtRest(0.5, { w: Float32Array.of(2, -4), b: 3 }))).toStrictEqual({
    w: Float32Array.of(1, -2),
    b: 1.5
  })
})

test('at rate 0 gives what no bit of the params changes by, whatever the updates are', () => {
  const rest = force(scaledOrAtRest(0, { w: Float64Array.of(Number.NaN, Infinity, 1), b: -3 }))
  expect(rest).toStrictEqual({ w: Float64Array.of(-0, -0, -0), b: -0 })
})
