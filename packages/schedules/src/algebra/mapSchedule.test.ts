import fc from 'fast-check'
import * as R from 'fp-ts/lib/Reader.js'
import { describe, expect, test } from 'vitest'
import { linearSchedule } from '../decay/linearSchedule.js'
import { aStep, refuses, refusesBadSteps } from '../internal/testing.js'
import { mapSchedule } from './mapSchedule.js'

const aFunction = fc.func(fc.double()) as fc.Arbitrary<(value: number) => number>

describe('mapSchedule', () => {
  test('the identity function changes nothing', () => {
    fc.assert(fc.property(aFunction, aStep, (f, step) => Object.is(mapSchedule(f, (value) => value)(step), f(step))))
  })

  test('mapping twice is mapping the composition', () => {
    fc.assert(
      fc.property(aFunction, aFunction, aFunction, aStep, (f, g, h, step) => {
        const twice = mapSchedule(mapSchedule(f, g), h)
        return Object.is(twice(step), mapSchedule(f, (value) => h(g(value)))(step))
      })
    )
  })

  test("is fp-ts's Reader.map", () => {
    fc.assert(fc.property(aFunction, aFunction, aStep, (f, g, t) => Object.is(mapSchedule(f, g)(t), R.map(g)(f)(t))))
  })

  test('wants a function of a number', () => {
    // @ts-expect-error -- a schedule has numbers
    mapSchedule((step) => step, String)
    // @ts-expect-error -- the function is required
    expect(() => mapSchedule((step: number) => step)).toThrow('got undefined')
  })

  refuses([
    [
      'mapSchedule: schedule must be a function, got 1',
      () => mapSchedule(1 as unknown as () => number, (value) => value)
    ],
    ['mapSchedule: change must be a function, got 2', () => mapSchedule((step) => step, 2 as unknown as () => number)]
  ])
  // The steps are the inner schedule's to refuse.
  refusesBadSteps(
    'linearSchedule',
    mapSchedule(linearSchedule({ initValue: 0, endValue: 1, transitionSteps: 4 }), (value) => -value)
  )
})
