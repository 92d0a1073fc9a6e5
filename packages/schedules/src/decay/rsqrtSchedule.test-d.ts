import { describe, expectTypeOf, test } from 'vitest'
import type { Schedule } from '../types.js'
import { type RsqrtScheduleOptions, rsqrtSchedule } from './rsqrtSchedule.js'

describe('rsqrtSchedule', () => {
  test('takes the peak or the width of the model, and gives a schedule', () => {
    expectTypeOf(rsqrtSchedule({ peakValue: 1, warmupSteps: 4, timescale: 10 })).toEqualTypeOf<Schedule>()
    expectTypeOf(rsqrtSchedule({ dModel: 64, warmupSteps: 4, scale: 2 })).toEqualTypeOf<Schedule>()
  })

  test('refuses what belongs to neither form, or to both', () => {
    // @ts-expect-error -- one of peakValue and dModel is needed
    expectTypeOf({ warmupSteps: 4 }).toExtend<RsqrtScheduleOptions>()
    // @ts-expect-error -- not both of them
    expectTypeOf({ peakValue: 1, dModel: 64, warmupSteps: 4 }).toExtend<RsqrtScheduleOptions>()
    // @ts-expect-error -- the scale belongs to dModel
    expectTypeOf({ peakValue: 1, warmupSteps: 4, scale: 2 }).toExtend<RsqrtScheduleOptions>()
    // @ts-expect-error -- the timescale belongs to peakValue
    expectTypeOf({ dModel: 64, warmupSteps: 4, timescale: 2 }).toExtend<RsqrtScheduleOptions>()
    // @ts-expect-error -- the warmup is needed
    expectTypeOf({ peakValue: 1 }).toExtend<RsqrtScheduleOptions>()
  })
})
