import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectTrained, TRAINED } from '../internal/testing/averages.js'
import { momentum, run, timesValue } from '../internal/testing/parts.js'
import { aTrajectory, textOf } from '../internal/testing/trees.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scale } from '../scaling/scale.js'
import { polyakAverage } from './polyakAverage.js'
import { swa } from './swa.js'

const aPlan = fc.record({ start: fc.integer({ min: 1, max: 6 }), period: fc.integer({ min: 1, max: 4 }) })

describe('swa', () => {
  test('emits the updates of inner', () => {
    fc.assert(
      fc.property(aTrajectory(), aPlan, (trajectory, plan) => {
        const text = textOf(run(momentum(), trajectory).updates)
        expect(textOf(run(swa(momentum(), plan), trajectory).updates)).toBe(text)
      })
    )
  })

  test('is the mean of the params at the end of each period, and the params before the first', () => {
    const number = fc.double({ min: -1e3, max: 1e3, noNaN: true })
    fc.assert(
      fc.property(number, fc.array(number, { minLength: 1, maxLength: 12 }), aPlan, (p, grads, { start, period }) => {
        const { params, states } = run(swa(scale(-1), { start, period }), { params: p, grads })
        const all = [p, ...(params as readonly number[])]
        states.forEach(({ average, averaged, count }, t) => {
          const chosen = all.filter((_, i) => i >= start && i <= t && (i - start) % period === 0)
          const wanted =
            chosen.length === 0 ? (all[t] as number) : chosen.reduce((sum, x) => sum + x, 0) / chosen.length
          // Some roundings a step, of the largest param.
          expect(Math.abs((average as number) - wanted)).toBeLessThanOrEqual(1e-12 * Math.max(...all.map(Math.abs)))
          expect([averaged, count]).toEqual([chosen.length, t])
        })
      })
    )
  })

  test('that starts at once is the Polyak average', () => {
    fc.assert(
      fc.property(aTrajectory(), (trajectory) => {
        const one = run(swa(momentum(), { start: 1 }), trajectory).states
        const other = run(polyakAverage(momentum()), trajectory).states
        expect(one.map(({ average }) => textOf(average))).toEqual(other.map(({ average }) => textOf(average)))
      })
    )
  })

  test('agrees with the AveragedModel of PyTorch', () => {
    const averages = [
      [0.6544999999999999, -1.3054999999999999, -0.13550000000000012],
      [0.6544999999999999, -1.3054999999999999, -0.13550000000000012],
      [0.5435724999999998, -1.0102274999999998, -0.8070025000000003],
      [0.5435724999999998, -1.0102274999999998, -0.8070025000000003],
      [0.3616958166666665, -0.6415228499999999, -1.4242813500000007],
      [0.3616958166666665, -0.6415228499999999, -1.4242813500000007]
    ]
    expectTrained((inner) => swa(inner, { start: 3, period: 2 }), [...TRAINED.slice(0, 2), ...averages])
  })

  test('hands on what the update is given beyond the params', () => {
    const tx = chain(swa(timesValue(), { start: 1 }))
    expect(tx.update({ w: 2 }, tx.init({ w: 0 }), { w: 0 }, { value: 3 })[0]).toStrictEqual({ w: 6 })
  })

  test.each([
    [{}, 'swa: start must be a whole number ≥ 1, got undefined'],
    [{ start: 0 }, 'swa: start must be a whole number ≥ 1, got 0'],
    [{ start: 2, period: 1.5 }, 'swa: period must be a whole number ≥ 1, got 1.5'],
    [
      { start: 2, accumulatorDtype: 'int8' },
      'swa: accumulatorDtype must be one of "float32", "float64", "bfloat16", "float16", got "int8"'
    ],
    [{ start: 2, every: 1 }, 'swa: there is no option every; there are start, period, accumulatorDtype'],
    [3, 'swa: options must be an object, got 3']
  ])('refuses %j', (options, message) => {
    // @ts-expect-error -- the rows are what the types refuse, too
    expect(() => swa(momentum(), options)).toThrow(message)
  })
})

wrapperLaws('swa', (inner) => swa(inner, { start: 2, period: 2 }))
wrapperLaws('swa', (inner) => swa(inner, { start: 1, accumulatorDtype: 'float64' }))
