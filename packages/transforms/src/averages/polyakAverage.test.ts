import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectTrained } from '../internal/testing/averages.js'
import { momentum, run, timesValue } from '../internal/testing/parts.js'
import { aTrajectory, textOf } from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scale } from '../scaling/scale.js'
import { polyakAverage } from './polyakAverage.js'

describe('polyakAverage', () => {
  test('emits the updates of inner', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        const text = textOf(run(momentum(), trajectory).updates)
        expect(textOf(run(polyakAverage(momentum()), trajectory).updates)).toBe(text)
      })
    )
  })

  test('is the mean of the params after each update', () => {
    const number = fc.double({ min: -1e3, max: 1e3, noNaN: true })
    fc.assert(
      fc.property(number, fc.array(number, { minLength: 1, maxLength: 12 }), (p, grads) => {
        const { params, states } = run(polyakAverage(scale(-1)), { params: p, grads })
        const all = params as readonly number[]
        expect(states[0]).toStrictEqual({ count: 0, average: p, innerState: {} })
        states.slice(1).forEach(({ average, count }, t) => {
          const wanted = all.slice(0, t + 1).reduce((sum, x) => sum + x, 0) / (t + 1)
          // Some roundings a step, of the largest param.
          expect(Math.abs((average as number) - wanted)).toBeLessThanOrEqual(1e-12 * Math.max(...all.map(Math.abs)))
          expect(count).toBe(t + 1)
        })
      })
    )
  })

  test('agrees with the AveragedModel of PyTorch', () => {
    expectTrained(polyakAverage, [
      [0.95, -1.8, 0.19999999999999996],
      [0.8524999999999999, -1.7225000000000001, 0.11499999999999994],
      [0.7864999999999999, -1.5835000000000001, 0.03149999999999992],
      [0.7308874999999999, -1.4626125, -0.1474875000000001],
      [0.6712389999999999, -1.313081, -0.41369100000000014],
      [0.5867625833333332, -1.15981075, -0.6936015833333335],
      [0.5026454214285713, -0.9804254357142856, -0.9743497928571432],
      [0.4208332693749998, -0.8033350306249999, -1.2985504618750003]
    ])
  })

  test('keeps its average in the dtype asked for', () => {
    const tx = polyakAverage(scale(-1), { accumulatorDtype: 'float64' })
    const params = { w: new Float32Array([1]) }
    const [, state] = tx.update({ w: new Float32Array([0.5]) }, tx.init(params), params)
    expect(textOf([tx.init(params).average, state.average])).toBe('[{ w: Float64Array(1) }, { w: Float64Array(0.5) }]')
  })

  test('hands on what the update is given beyond the params', () => {
    const tx = chain(polyakAverage(timesValue()))
    expect(tx.update({ w: 2 }, tx.init({ w: 0 }), { w: 0 }, { value: 3 })[0]).toStrictEqual({ w: 6 })
  })

  test.each([
    [
      { accumulatorDtype: 32 },
      'polyakAverage: accumulatorDtype must be one of "float32", "float64", "bfloat16", "float16", got 32'
    ],
    [{ start: 1 }, 'polyakAverage: there is no option start; there are accumulatorDtype'],
    [null, 'polyakAverage: options must be an object, got null']
  ])('refuses %j', (options, message) => {
    // @ts-expect-error -- the rows are what the types refuse, too
    expect(() => polyakAverage(momentum(), options)).toThrow(message)
  })
})

wrapperLaws('polyakAverage', (inner) => polyakAverage(inner))
