import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, aDecay, anEps, expectDtypesKept, expectSame, refuses } from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { each, expectRule } from '../internal/testing/rules.js'
import { scaleByAdam } from './scaleByAdam.js'
import { type ScaleByQhadamOptions, scaleByQhadam } from './scaleByQhadam.js'
import { scaleByRms } from './scaleByRms.js'

describe('scaleByQhadam', () => {
  test.each([
    { b1: 0.9, b2: 0.95, nu1: 0.6, nu2: 0.8, eps: 1e-3 },
    { b1: 0.5, b2: 0, nu1: 0.25, nu2: 0.5, eps: 0.5 }
  ])('is made of both moments and the gradient with %o', ({ b1, b2, nu1, nu2, eps }) => {
    expectRule(
      scaleByQhadam({ b1, b2, nu1, nu2, eps }),
      each(() => {
        let [m, v] = [0, 0]
        return (g, t) => {
          m = b1 * m + (1 - b1) * g
          v = b2 * v + (1 - b2) * g * g
          const above = (1 - nu1) * g + (nu1 * m) / (1 - b1 ** t)
          return above / (Math.sqrt((1 - nu2) * g * g + (nu2 * v) / (1 - b2 ** t)) + eps)
        }
      })
    )
  })

  test('with both shares 1 it is Adam', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, aDecay, anEps, (course, b1, b2, eps) =>
        expectSame(scaleByQhadam({ b1, b2, nu1: 1, nu2: 1, eps }), scaleByAdam({ b1, b2, eps }), course)
      )
    )
  })

  test.each([
    ['mean square', {}, 0],
    ['square', { nu1: 0, nu2: 0 }, 0]
  ])('a %s beyond all numbers stops what it belongs to, as in Adam', (_, options, expected) => {
    const tx = scaleByQhadam(options)
    const [update, state] = tx.update({ w: 1e200 }, tx.init({ w: 1 }), { w: 1 })
    expect(update.w).toBe(expected)
    // Without the mean of squares the next gradient knows nothing of it.
    const next = tx.update({ w: 1 }, state, { w: 1 })[0].w
    expect(Object.is(next, 0) || next > 0.99).toBe(true)
  })

  test('with the gradient alone above it is RMSprop', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, anEps, (course, b2, eps) =>
        expectSame(
          scaleByQhadam({ b2, nu1: 0, eps }),
          scaleByRms({ decay: b2, eps, biasCorrection: true, epsInSqrt: false }),
          course,
          1e-14
        )
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByQhadam({ b1: 0.995, b2: 0.999, nu1: 0.7, nu2: 1, eps: 1e-8 }), scaleByQhadam(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByQhadam({ muDtype: 'bfloat16', nuDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByQhadam(options as ScaleByQhadamOptions)
  refuses([
    ['scaleByQhadam: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByQhadam: nu2 must be in [0, 1], got 2', make({ nu2: 2 })],
    ['scaleByQhadam: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })]
  ])
})
