// The constraints of Keras, as the real TensorFlow.js has them, on the spot.
import * as tf from '@tensorflow/tfjs'
import { applyUpdates, minMaxNorm, ndarray } from 'gradchain'
import { afterAll, beforeAll, expect, test } from 'vitest'

const kernel = [0.5, -3, 0.25, 0, 1, 4, -0.125, 0, -2, 0.5, 0.5, 0]

beforeAll(() => tf.setBackend('cpu'))
afterAll(() => tf.disposeVariables())

const ours = (tx: ReturnType<typeof minMaxNorm>): readonly number[] => {
  const params = { w: ndarray(new Float32Array(12), [3, 4]) }
  return [...applyUpdates(params, tx.update({ w: ndarray(Float32Array.from(kernel), [3, 4]) }, {}, params)[0]).w.data]
}
const theirs = (constraint: { apply(w: tf.Tensor): tf.Tensor }): readonly number[] => [
  ...constraint.apply(tf.tensor2d(kernel, [3, 4])).dataSync()
]

test.each([
  ['minMaxNorm', minMaxNorm(1, 3, { axis: 0 }), () => tf.constraints.minMaxNorm({ minValue: 1, maxValue: 3 })],
  [
    'minMaxNorm by half along rows',
    minMaxNorm(1, 3, { axis: 1, rate: 0.5 }),
    () => tf.constraints.minMaxNorm({ minValue: 1, maxValue: 3, rate: 0.5, axis: 1 })
  ],
  ['unitNorm', minMaxNorm(1, 1, { axis: 0 }), () => tf.constraints.unitNorm({ axis: 0 })]
] as const)('%s', (_, tx, make) => {
  const wanted = theirs(make())
  // The norm plus 1e-7 there, and float32.
  for (const [i, x] of ours(tx).entries()) expect(Math.abs(x - (wanted[i] as number))).toBeLessThan(2e-6)
  expect(wanted).toHaveLength(12)
})
