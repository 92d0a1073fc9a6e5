import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aStep, aValue, between, expectGolden, near, refuses, refusesBadSteps } from '../internal/testing.js'
import { piecewiseConstantSchedule } from './piecewiseConstantSchedule.js'
import {
  type PiecewiseInterpolateScheduleOptions,
  piecewiseInterpolateSchedule
} from './piecewiseInterpolateSchedule.js'

const aType = fc.constantFrom('linear', 'cosine')
const someBoundaries = fc.dictionary(fc.nat(100).map(String), fc.double({ min: 0, max: 3, noNaN: true }), {
  maxKeys: 6
})
const someOptions = fc.record({ interpolateType: aType, initValue: aValue, boundariesAndScales: someBoundaries })

/** The steps that begin or end a stretch, and the accumulated values there. */
const knotsOf = ({ initValue, boundariesAndScales }: { initValue: number; boundariesAndScales: object }) => {
  const steps = Object.keys(boundariesAndScales).map(Number)
  const jumps = piecewiseConstantSchedule(initValue, { boundariesAndScales: { ...boundariesAndScales } })
  return [...new Set([0, ...steps])].sort((a, b) => a - b).map((step) => [step, jumps(step)] as const)
}

describe('piecewiseInterpolateSchedule', () => {
  test('is v + (w − v)s on the way from v to w, with s = p or s = sin²(πp/2), within rounding', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const knots = knotsOf(options)
        const i = knots.findLastIndex(([at]) => at <= step)
        const [[begin, v], [end, w]] = [knots[i] ?? [0, 0], knots[i + 1] ?? knots[i] ?? [0, 0]]
        const p = end > begin ? (step - begin) / (end - begin) : 0
        const s = options.interpolateType === 'linear' ? p : Math.sin((Math.PI / 2) * p) ** 2
        return near(piecewiseInterpolateSchedule(options)(step), v + (w - v) * s, Math.abs(v) + Math.abs(w))
      })
    )
  })

  test('passes through the values of the piecewise constant schedule at its boundaries, within rounding', () => {
    fc.assert(
      fc.property(someOptions, (options) => {
        const schedule = piecewiseInterpolateSchedule(options)
        // (v − w) + w is exact to the larger of the two, and a factor ≤ 3 makes the next value at most three times v.
        const largest = Math.max(...knotsOf(options).map(([, value]) => Math.abs(value)))
        return knotsOf(options).every(([step, value]) => near(schedule(step), value, largest))
      })
    )
  })

  test('is between the values at the two ends of each stretch', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const knots = knotsOf(options)
        const i = knots.findLastIndex(([at]) => at <= step)
        const [v, w] = [knots[i]?.[1] ?? 0, (knots[i + 1] ?? knots[i])?.[1] ?? 0]
        return between(piecewiseInterpolateSchedule(options)(step), v, w)
      })
    )
  })

  test('holds the last value from the last boundary on, bit for bit', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const [end, value] = knotsOf(options).at(-1) ?? [0, 0]
        return Object.is(piecewiseInterpolateSchedule(options)(end + step), value)
      })
    )
  })

  test('is constant without boundaries', () => {
    fc.assert(
      fc.property(aType, aValue, aStep, (interpolateType, initValue, step) =>
        Object.is(piecewiseInterpolateSchedule({ interpolateType, initValue })(step), initValue)
      )
    )
  })

  test('is exact on a line of dyadic numbers', () => {
    const schedule = piecewiseInterpolateSchedule({
      interpolateType: 'linear',
      initValue: 8,
      boundariesAndScales: { 0: 0.5, 4: 2, 8: 0.25 }
    })
    expect([0, 1, 2.5, 4, 5, 8, 9].map(schedule)).toStrictEqual([4, 5, 6.5, 8, 6.5, 2, 2])
  })

  test('is what Optax gives', () => {
    const options = { initValue: 0.9, boundariesAndScales: { 9: 0.3, 4: 1.7, 10: 0.05 } }
    expectGolden(piecewiseInterpolateSchedule({ interpolateType: 'linear', ...options }), [
      [0, 0.9],
      [1, 1.0575],
      [4, 1.53],
      [6, 1.1016],
      [9, 0.45899999999999996],
      [10, 0.022949999999999998],
      [11, 0.022949999999999998]
    ])
    expectGolden(piecewiseInterpolateSchedule({ interpolateType: 'cosine', ...options }), [
      [0, 0.9],
      [1, 0.9922613639262375],
      [4, 1.5300000000000002],
      [6, 1.1599786004877846],
      [9, 0.45899999999999996],
      [10, 0.022949999999999998],
      [11, 0.022949999999999998]
    ])
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- interpolateType is required
    expect(() => piecewiseInterpolateSchedule({ initValue: 1 })).toThrow('got undefined')
    // @ts-expect-error -- there is no such interpolation
    expect(() => piecewiseInterpolateSchedule({ interpolateType: 'cubic', initValue: 1 })).toThrow('got "cubic"')
  })

  const good = { interpolateType: 'linear', initValue: 1 }
  const make = (options: object) => () =>
    piecewiseInterpolateSchedule({ ...good, ...options } as PiecewiseInterpolateScheduleOptions)
  refuses([
    [
      'piecewiseInterpolateSchedule: interpolateType must be one of "linear", "cosine", got "Linear"',
      make({ interpolateType: 'Linear' })
    ],
    [
      'piecewiseInterpolateSchedule: interpolateType must be one of "linear", "cosine", got undefined',
      make({ interpolateType: undefined })
    ],
    ['piecewiseInterpolateSchedule: initValue must be a finite number, got undefined', make({ initValue: undefined })],
    [
      'piecewiseInterpolateSchedule: boundariesAndScales[4] must be a finite number ≥ 0, got -1',
      make({ boundariesAndScales: { 4: -1 } })
    ],
    [
      'piecewiseInterpolateSchedule: each key of boundariesAndScales must be a whole number ≥ 0, got "-4"',
      make({ boundariesAndScales: { [-4]: 1 } })
    ],
    [
      'piecewiseInterpolateSchedule: there is no option type; there are interpolateType, initValue, boundariesAndScales',
      make({ type: 1 })
    ]
  ])
  refusesBadSteps('piecewiseInterpolateSchedule', make({})())
})
