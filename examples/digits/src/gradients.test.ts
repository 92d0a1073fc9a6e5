import { describe, expect, test } from 'vitest'
import { toBatch } from './batches.js'
import { type Digit, loadDigits } from './data.js'
import { gradients, scores } from './gradients.js'
import { initialParams, type Params } from './model.js'
import { streams } from './random.js'

const digits = loadDigits().slice(0, 5)
const batch = toBatch(digits)
const params = initialParams(streams(0)[1])

/** The leaves of a network side by side, in float64. */
const flat = ({ dense1, dense2 }: Params): Float64Array =>
  Float64Array.of(...dense1.kernel.data, ...dense1.bias, ...dense2.kernel.data, ...dense2.bias)

/** The loss again, written out in plain float64: the definition, without jax-js. */
const loss = (theta: Float64Array, digits: readonly Digit[]): number => {
  const [w1, b1] = [theta.subarray(0, 64 * 64), theta.subarray(64 * 64, 64 * 65)]
  const [w2, b2] = [theta.subarray(64 * 65, 64 * 75), theta.subarray(64 * 75)]
  const layer = (x: readonly number[], w: Float64Array, b: Float64Array): readonly number[] =>
    Array.from(b, (bias, to) => x.reduce((sum, xi, from) => sum + xi * (w[from * b.length + to] as number), bias))
  const each = digits.map(({ pixels, label }) => {
    const scores = layer(
      layer(pixels, w1, b1).map((x) => Math.max(x, 0)),
      w2,
      b2
    )
    const top = Math.max(...scores)
    return top + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - top), 0)) - (scores[label] as number)
  })
  return each.reduce((sum, x) => sum + x) / each.length
}

/** Every seventh param: 7 divides no width of the network, so that every row and every column has its turn. */
const some = (theta: Float64Array): Float64Array => theta.filter((_, index) => index % 7 === 0)

/** What the loss does when one of those is nudged both ways, for each of them. */
const differences = (theta: Float64Array, digits: readonly Digit[], h = 1e-6): Float64Array =>
  some(theta).map((value, place) => {
    const at = (nudged: number) => loss(theta.with(place * 7, nudged), digits)
    return (at(value + h) - at(value - h)) / (2 * h)
  })

const norm = (x: Float64Array) => Math.hypot(...x)
/** Params whose scores are 20 times what they were: most probabilities are close to 0 or 1. */
const sure: Params = {
  ...params,
  dense2: { ...params.dense2, kernel: { ...params.dense2.kernel, data: params.dense2.kernel.data.map((x) => 20 * x) } }
}
/** The digits labelled as those params read them, so that the loss is close to 0. */
const agreeing = digits.map((digit, row) => {
  const ten = scores(sure, batch.images).subarray(row * 10, row * 10 + 10)
  return { ...digit, label: ten.indexOf(Math.max(...ten)) }
})

describe('gradients', () => {
  test.each([
    ['before training', params, digits],
    ['where the network is sure and wrong: the probability of the label rounds to 0', sure, digits],
    ['where it is sure and right: the logarithm is taken near 1', sure, agreeing]
  ])('agree with finite differences of the definition, %s', (_, at, shown) => {
    const got = gradients(at, toBatch(shown))
    const expected = differences(flat(at), shown)
    const error = some(flat(got.grads)).map((g, index) => g - (expected[index] as number))
    // float32 keeps seven digits; scores 20 times as large carry 20 times the rounding error into the probabilities.
    expect(norm(error) / norm(expected)).toBeLessThan(1e-5)
    expect(Math.abs(got.loss - loss(flat(at), shown))).toBeLessThan(1e-5)
  })

  test('have the shapes of the params, and leave them and the batch as they were', () => {
    const before = structuredClone({ params, batch })
    const { grads } = gradients(params, batch)
    expect(grads.dense1.kernel.shape).toStrictEqual([64, 64])
    expect(grads.dense2.kernel.shape).toStrictEqual([64, 10])
    expect([grads.dense1.bias.length, grads.dense2.bias.length]).toStrictEqual([64, 10])
    expect({ params, batch }).toStrictEqual(before)
  })

  test('are the same bits twice', () => {
    expect(gradients(params, batch)).toStrictEqual(gradients(params, batch))
  })
})
