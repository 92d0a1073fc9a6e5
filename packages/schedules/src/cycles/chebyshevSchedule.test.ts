import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { between, near, refuses, refusesBadSteps } from '../internal/testing.js'
import { type ChebyshevScheduleOptions, chebyshevSchedule } from './chebyshevSchedule.js'

const someOptions = fc
  .tuple(fc.double({ min: 1e-3, max: 1, noNaN: true }), fc.double({ min: 1, max: 1e3, noNaN: true }), fc.nat(7))
  .map(([smallest, largest, log]) => ({ smallest, largest, cycleSteps: 2 ** log }))

/** The permutation as it is defined, by interlacing. */
const interlaced = (n: number): readonly number[] =>
  n === 1 ? [0] : interlaced(n / 2).flatMap((place) => [place, n - 1 - place])

describe('chebyshevSchedule', () => {
  test('is one over the roots of a polynomial of Chebyshev, in fractal order', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(300), (options, step) => {
        const { smallest, largest, cycleSteps } = options
        const place = interlaced(cycleSteps)[step % cycleSteps] as number
        const root = Math.cos((Math.PI * (place + 0.5)) / cycleSteps)
        const wanted = 2 / (largest + smallest - (largest - smallest) * root)
        // The difference in the divisor is of numbers as large as M, and comes down to m at most.
        return near(chebyshevSchedule(options)(step), wanted, wanted, 16 * Math.max(1, largest / smallest))
      })
    )
  })

  test('is between the bounds, and the same again after a cycle', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(1000), (options, step) => {
        const schedule = chebyshevSchedule(options)
        expect(schedule(step + options.cycleSteps)).toBe(schedule(step))
        expect(schedule(step + 0.5)).toBe(schedule(step))
        return between(schedule(step), 1 / options.largest, (1 / options.smallest) * (1 + 1e-9))
      })
    )
  })

  test('a cycle brings a quadratic function down as far as the polynomial says', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.25, max: 4, noNaN: true }), (curvature) => {
        const schedule = chebyshevSchedule({ smallest: 0.25, largest: 4, cycleSteps: 8 })
        let error = 1
        for (let t = 0; t < 8; t++) error *= 1 - schedule(t) * curvature
        // T₈ is 1 at most where the curvature is within the bounds, and cosh(8 arcosh((M + m) / (M − m))) at 0.
        return Math.abs(error) <= (1 + 1e-9) / Math.cosh(8 * Math.acosh(4.25 / 3.75))
      })
    )
  })

  test('with equal bounds it is one over them', () => {
    const schedule = chebyshevSchedule({ smallest: 4, largest: 4, cycleSteps: 4 })
    expect([0, 1, 2, 3, 4].map(schedule)).toStrictEqual([0.25, 0.25, 0.25, 0.25, 0.25])
    const huge = chebyshevSchedule({ smallest: 2 ** 1023, largest: 2 ** 1023, cycleSteps: 1 })
    expect(huge(0)).toBe(2 ** -1023)
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- cycleSteps is required
    expect(() => chebyshevSchedule({ smallest: 1, largest: 1 })).toThrow('got undefined')
  })

  const good = { smallest: 0.5, largest: 1, cycleSteps: 4 }
  const make = (options: object) => () => chebyshevSchedule({ ...good, ...options } as ChebyshevScheduleOptions)
  refuses([
    ['chebyshevSchedule: smallest must be a finite number > 0, got 0', make({ smallest: 0 })],
    ['chebyshevSchedule: largest must be a finite number ≥ smallest, which is 0.5, got 0.25', make({ largest: 0.25 })],
    [
      'chebyshevSchedule: largest must be a finite number ≥ smallest, which is 0.5, got Infinity',
      make({ largest: Infinity })
    ],
    ['chebyshevSchedule: cycleSteps must be a power of two, got 6', make({ cycleSteps: 6 })],
    ['chebyshevSchedule: cycleSteps must be a power of two, got 0', make({ cycleSteps: 0 })],
    ['chebyshevSchedule: cycleSteps must be a power of two, got 0.5', make({ cycleSteps: 0.5 })],
    ['chebyshevSchedule: there is no option m; there are smallest, largest, cycleSteps', make({ m: 1 })]
  ])
  refusesBadSteps('chebyshevSchedule', chebyshevSchedule(good))
})
