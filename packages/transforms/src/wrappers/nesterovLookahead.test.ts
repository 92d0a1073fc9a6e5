import { applyUpdates, chain, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDecayedWeights } from '../decay/addDecayedWeights.js'
import {
  aCourse,
  aDecay,
  aRate,
  average,
  emitted,
  expectDtypesKept,
  expectFloat32InChain,
  expectOracle,
  expectSame,
  near,
  refuses
} from '../internal/testing/courses.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { trace } from '../momentum/trace.js'
import { scale } from '../scaling/scale.js'
import { scaleByLearningRate } from '../scaling/scaleByLearningRate.js'
import { lookaheadParams } from './lookaheadParams.js'
import { nesterovLookahead } from './nesterovLookahead.js'

wrapperLaws('nesterovLookahead', (inner) => nesterovLookahead(inner, 0.5))

/** The params, and the points ahead of them, on f = ½ Σ aᵢ xᵢ². */
const onQuadratic = (curvature: readonly number[], rate: (t: number) => number, momentum: number, steps: number) => {
  const tx = nesterovLookahead(scaleByLearningRate(rate), momentum)
  let params = { x: Float64Array.from(curvature, () => 1) }
  let state = tx.init(params)
  return Array.from({ length: steps }, () => {
    const ahead = lookaheadParams(params, state).x
    const grads = { x: ahead.map((x, i) => x * (curvature[i] as number)) }
    const [updates, next] = tx.update(grads, state, params)
    params = applyUpdates(params, updates)
    state = next
    return { params: [...params.x], ahead: [...lookaheadParams(params, state).x] }
  })
}

const decayingSum = (history: readonly number[], decay: number): number =>
  history.reduce((sum, g) => decay * sum + g, 0)

describe('nesterovLookahead', () => {
  test('emits the sum of past updates of the inner transformation, each weighed with μ to the power of its age', () => {
    fc.assert(
      fc.property(aCourse(), aRate, aDecay, (course, rate, momentum) =>
        expectOracle(
          nesterovLookahead(scaleByLearningRate(rate), momentum),
          course,
          (history) => -rate * decayingSum(history, momentum)
        )
      )
    )
  })

  test('is the inner transformation for μ = 0', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) =>
        expectSame(nesterovLookahead(scaleByLearningRate(rate), 0), scaleByLearningRate(rate), course)
      )
    )
  })

  test('asks for the gradient where momentum alone would take the params', () => {
    const tx = nesterovLookahead(scale(-1), 0.5)
    const params = { w: new Float32Array([8]), b: 4 }
    const state = tx.init(params)
    expect(lookaheadParams(params, state)).toStrictEqual(params)
    const [updates, next] = tx.update({ w: new Float32Array([2]), b: -2 }, state, params)
    const moved = applyUpdates(params, updates)
    expect(moved).toStrictEqual({ w: new Float32Array([6]), b: 6 })
    expect(lookaheadParams(moved, next)).toStrictEqual({ w: new Float32Array([5]), b: 7 })
  })

  test('gives the inner transformation the params where the gradient was taken', () => {
    const tx = nesterovLookahead(addDecayedWeights(1), 0.5)
    const [, state] = tx.update({ w: 2 }, tx.init({ w: 8 }), { w: 8 })
    // The first update is 2 + 8, so at 18 the point ahead is 23, and the next one 0 + 23 + 5.
    expect(tx.update({ w: 0 }, state, { w: 18 })[0]).toStrictEqual({ w: 28 })
  })

  test('has the numbers that the seeds dispute: the look-ahead with the learning rate in it', () => {
    // shared/data/disputed_formulas.json, nag.oracle.quadratic(1,10).eta0.05.seed004.
    const found = onQuadratic([1, 10], () => 0.05, 0.9, 60).map(({ params }) => params)
    const wanted = [
      [0.95, 0.5],
      [0.85975, 0.025000000000000022],
      [0.73959875, -0.20124999999999998],
      [0.5998894937499999, -0.20243749999999996],
      [0.45044360496874986, -0.10175312499999996]
    ]
    wanted.forEach((row, t) => row.forEach((x, i) => expect(found[t]?.[i]).toBeCloseTo(x, 13)))
    expect(found[59]?.[0]).toBeCloseTo(0.008733901316429945, 14)
    expect((found[59]?.[1] ?? 0) / -3.916940065035483e-11).toBeCloseTo(1, 3)
  })

  test('has its points ahead where the params of trace with nesterov are, while the learning rate stays', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 0.1, noNaN: true }), aDecay, (rate, momentum) => {
        const curvature = [1, 3, 10]
        const tx = chain(trace(momentum, { nesterov: true }), scaleByLearningRate(rate))
        let y = { x: Float64Array.from(curvature, () => 1) }
        let state = tx.init(y)
        return onQuadratic(curvature, () => rate, momentum, 40).every(({ ahead }) => {
          const [updates, next] = tx.update({ x: y.x.map((x, i) => x * (curvature[i] as number)) }, state, y)
          y = applyUpdates(y, updates)
          state = next
          return ahead.every((x, i) => near(x, y.x[i] as number, 1, 1e-12))
        })
      })
    )
  })

  test('keeps to its definition when the learning rate changes', () => {
    const rate = (t: number) => 0.1 / (t + 1)
    let [x, v] = [1, 0]
    onQuadratic([4], rate, 0.9, 30).forEach(({ params }, t) => {
      v = 0.9 * v - rate(t) * 4 * (x + 0.9 * v)
      x += v
      expect(params[0]).toBeCloseTo(x, 13)
    })
  })

  test('converges faster than the inner transformation alone', () => {
    const distance = (momentum: number) =>
      Math.hypot(...(onQuadratic([1, 100], () => 0.01, momentum, 200)[199]?.params ?? []))
    expect(distance(0.8)).toBeLessThan(1e-4 * distance(0))
  })

  test('keeps what is ahead in the dtype of the params, float32 where they are 16-bit', () => {
    const tx = nesterovLookahead(scale(1), 0.75)
    const params = { w: ndarray([1], [1], 'bfloat16') }
    const [updates, { ahead }] = tx.update({ w: ndarray([1.0078125], [1], 'bfloat16') }, tx.init(params), params)
    expect(updates).toStrictEqual({ w: ndarray([1.0078125], [1], 'bfloat16') })
    expect(ahead).toStrictEqual({ w: ndarray([0.755859375], [1]) })
    expectDtypesKept(tx)
    expectFloat32InChain(tx)
  })

  test('agrees with ema of the updates, but for its scale', () => {
    fc.assert(
      fc.property(aCourse(), fc.constantFrom(0.5, 0.9), ({ params, gradients }, momentum) => {
        emitted(nesterovLookahead(scale(1), momentum), { params, gradients }).forEach((row, t) => {
          row.forEach((u, i) => {
            const history = gradients.slice(0, t + 1).map((g) => g[i] as number)
            const size = history.reduce((sum, g) => sum + Math.abs(g), 0)
            expect(Math.abs(u * (1 - momentum) - average(history, momentum, 1))).toBeLessThanOrEqual(1e-13 * size)
          })
        })
      })
    )
  })

  refuses([
    ['nesterovLookahead: momentum must be in [0, 1], got 1.5', () => nesterovLookahead(scale(1), 1.5)],
    // @ts-expect-error -- the momentum is required
    ['nesterovLookahead: momentum must be in [0, 1], got undefined', () => nesterovLookahead(scale(1))]
  ])
})
