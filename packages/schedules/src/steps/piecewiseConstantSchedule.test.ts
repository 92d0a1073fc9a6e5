import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aDyadic, aStep, aValue, expectGolden, refuses, refusesBadSteps } from '../internal/testing.js'
import { piecewiseConstantSchedule } from './piecewiseConstantSchedule.js'

// Factors that keep the products of eighths exact, so that their order cannot matter.
const aScale = fc.constantFrom(0, 0.25, 0.5, 1, 2, 3)
const someBoundaries = fc.dictionary(fc.nat(100).map(String), aScale, { maxKeys: 6 })

describe('piecewiseConstantSchedule', () => {
  test('is initValue times every factor whose boundary was reached, bit for bit where the arithmetic is exact', () => {
    fc.assert(
      fc.property(aDyadic, someBoundaries, aStep, (initValue, boundariesAndScales, step) => {
        const expected = Object.entries(boundariesAndScales)
          .filter(([boundary]) => Number(boundary) <= step)
          .reduce((product, [, scale]) => product * scale, initValue)
        return Object.is(piecewiseConstantSchedule(initValue, { boundariesAndScales })(step), expected)
      })
    )
  })

  test('is constant without boundaries', () => {
    fc.assert(fc.property(aValue, aStep, (value, step) => Object.is(piecewiseConstantSchedule(value)(step), value)))
    expect(piecewiseConstantSchedule(3, {})(7)).toBe(3)
  })

  test('does not heed the order in which the boundaries are written, nor where numbers end to be array indices', () => {
    const big = 2 ** 33
    const schedule = piecewiseConstantSchedule(1, { boundariesAndScales: { [2 * big]: 5, [big]: 3, 7: 2 } })
    expect([6, 7, big - 1, big, 2 * big].map(schedule)).toStrictEqual([1, 2, 2, 6, 30])
  })

  test('keeps its own copy of the boundaries', () => {
    const boundariesAndScales: Record<number, number> = { 2: 0.5 }
    const schedule = piecewiseConstantSchedule(1, { boundariesAndScales })
    boundariesAndScales[2] = 7
    boundariesAndScales[3] = 7
    expect(schedule(5)).toBe(0.5)
  })

  test('is what Optax gives', () => {
    expectGolden(piecewiseConstantSchedule(-0.8, { boundariesAndScales: { 7: 0.25, 3: 0.5, 20: 3 } }), [
      [0, -0.8],
      [2, -0.8],
      [3, -0.4],
      [6, -0.4],
      [7, -0.1],
      [19, -0.1],
      [20, -0.30000000000000004],
      [400, -0.30000000000000004]
    ])
  })

  test('wants its value', () => {
    // @ts-expect-error -- initValue is required
    expect(() => piecewiseConstantSchedule()).toThrow('got undefined')
    // @ts-expect-error -- the boundaries stand in the options
    expect(() => piecewiseConstantSchedule(1, { 100: 0.1 })).toThrow('there is no option 100')
  })

  const make = (boundariesAndScales: unknown) => () =>
    piecewiseConstantSchedule(1, { boundariesAndScales: boundariesAndScales as Record<number, number> })
  const key = 'piecewiseConstantSchedule: each key of boundariesAndScales must be a whole number ≥ 0, got'
  const plain = 'piecewiseConstantSchedule: boundariesAndScales must be a plain object from step to scale, got'
  refuses([
    [
      'piecewiseConstantSchedule: initValue must be a finite number, got NaN',
      () => piecewiseConstantSchedule(Number.NaN)
    ],
    [`${key} "-1"`, make({ [-1]: 1 })],
    [`${key} "1.5"`, make({ 1.5: 1 })],
    [`${key} "1e+21"`, make({ 1e21: 1 })],
    [`${key} "007"`, make({ '007': 1 })],
    [`${key} ""`, make({ '': 1 })],
    [`${key} "end"`, make({ end: 1 })],
    ['piecewiseConstantSchedule: boundariesAndScales[4] must be a finite number ≥ 0, got -1', make({ 3: 1, 4: -1 })],
    ['piecewiseConstantSchedule: boundariesAndScales[4] must be a finite number ≥ 0, got NaN', make({ 4: Number.NaN })],
    [
      'piecewiseConstantSchedule: boundariesAndScales[4] must be a finite number ≥ 0, got undefined',
      make({ 4: undefined })
    ],
    [`${plain} a Map`, make(new Map([[1, 2]]))],
    [`${plain} [0.5]`, make([0.5])],
    [`${plain} null`, make(null)],
    [
      'piecewiseConstantSchedule: there is no option boundaries; there are boundariesAndScales',
      () => piecewiseConstantSchedule(1, { boundaries: {} } as object)
    ]
  ])
  refusesBadSteps('piecewiseConstantSchedule', piecewiseConstantSchedule(1))
})
