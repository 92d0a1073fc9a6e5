import { linearSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, aRate, emittedFloat32, expectOracle, expectSame, last, refuses } from '../internal/testing/courses.js'
import { scale } from './scale.js'
import { scaleBySchedule } from './scaleBySchedule.js'

const aValue = fc.tuple(aRate, fc.constantFrom(-1, 1)).map(([rate, sign]) => sign * rate)

describe('scaleBySchedule', () => {
  test('multiplies by f(0) at the first update, then by f(1), f(2), …', () => {
    fc.assert(
      fc.property(aCourse(), fc.array(aValue, { minLength: 8, maxLength: 8 }), (course, values) =>
        expectOracle(
          scaleBySchedule((step) => values[step] as number),
          course,
          (history) => (values[history.length - 1] as number) * last(history),
          { scale: (history) => 10 * last(history) }
        )
      )
    )
  })

  test('is scale for a constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aValue, (course, a) =>
        expectSame(
          scaleBySchedule(() => a),
          scale(a),
          course
        )
      )
    )
  })

  test('keeps float32 whatever the schedule gives, rounding its value once', () => {
    const course = { params: [1], gradients: [[3], [3]] }
    const schedule = linearSchedule({ initValue: 0.1, endValue: 0.3, transitionSteps: 2 })
    expect(emittedFloat32(scaleBySchedule(schedule), course)).toStrictEqual([
      [Math.fround(Math.fround(0.1) * 3)],
      [Math.fround(Math.fround(0.2) * 3)]
    ])
  })

  const run = (schedule: (step: number) => unknown) => () => {
    const tx = scaleBySchedule(schedule as () => number)
    return tx.update({ w: 1 }, { count: 3 }, { w: 1 })
  }
  refuses([
    // @ts-expect-error -- a number is for scale
    ['scaleBySchedule: schedule must be a function, got 0.1', () => scaleBySchedule(0.1)],
    // @ts-expect-error -- the schedule is required
    ['scaleBySchedule: schedule must be a function, got undefined', () => scaleBySchedule()],
    [
      'scaleBySchedule: the value of the schedule at step 3 must be a finite number, got undefined',
      run(() => undefined)
    ],
    ['scaleBySchedule: the value of the schedule at step 3 must be a finite number, got "0.1"', run(() => '0.1')],
    ['scaleBySchedule: the value of the schedule at step 3 must be a finite number, got NaN', run(() => Number.NaN)],
    [
      'scaleBySchedule: the value of the schedule at step 3 must be a finite number, got Infinity',
      run((t) => 3 / (t - 3))
    ]
  ])
})
