import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as schedules from './index.js'

/** What a file of this package promises by its name: one export that is called the same. */
const exported = readdirSync(new URL('.', import.meta.url), { recursive: true })
  .map(String)
  .filter((file) => !file.startsWith('internal') && /(^|[\\/])[a-z]\w*\.ts$/i.test(file))
  .map((file) => basename(file, '.ts'))
  .filter((name) => !['index', 'types'].includes(name))

const warmup = { initValue: 0.5, peakValue: 2, warmupSteps: 3 }
/** One of each factory, its options frozen to the bottom. */
const each: readonly (readonly [name: string, schedule: schedules.Schedule])[] = [
  ['addSchedules', schedules.addSchedules(1, (step) => 1 / (1 + step))],
  ['asSchedule', schedules.asSchedule(0.1)],
  ['chebyshevSchedule', schedules.chebyshevSchedule(Object.freeze({ smallest: 0.1, largest: 1, cycleSteps: 8 }))],
  ['constantSchedule', schedules.constantSchedule(0.1)],
  [
    'correctedDecay',
    schedules.correctedDecay(
      Object.freeze({ weightDecay: 0.1, learningRate: (step: number) => 1 / (1 + step), maxLearningRate: 1 })
    )
  ],
  [
    'cosineAnnealingWarmRestarts',
    schedules.cosineAnnealingWarmRestarts(Object.freeze({ initValue: 1, t0: 9, tMult: 2 }))
  ],
  ['cosineDecaySchedule', schedules.cosineDecaySchedule(Object.freeze({ initValue: 1, decaySteps: 9 }))],
  ['cosineOnecycleSchedule', schedules.cosineOnecycleSchedule(Object.freeze({ transitionSteps: 9, peakValue: 1 }))],
  ['cosineWarmupSchedule', schedules.cosineWarmupSchedule(Object.freeze({ peakValue: 1, warmupSteps: 9 }))],
  [
    'curriculumSchedule',
    schedules.curriculumSchedule(
      Object.freeze([Object.freeze({ value: 1, steps: 9 }), { value: 2 }]),
      Object.freeze({ transitionSteps: 3 })
    )
  ],
  [
    'cyclicSchedule',
    schedules.cyclicSchedule(Object.freeze({ baseValue: 0.1, maxValue: 1, stepSizeUp: 3, mode: 'triangular2' }))
  ],
  ['exponentialDecay', schedules.exponentialDecay(Object.freeze({ initValue: 1, transitionSteps: 9, decayRate: 0.5 }))],
  ['inverseTimeDecay', schedules.inverseTimeDecay(Object.freeze({ initValue: 1, decayRate: 0.5 }))],
  [
    'joinSchedules',
    schedules.joinSchedules(
      Object.freeze([(step: number) => step, (step: number) => 1 / (1 + step)]),
      Object.freeze([3])
    )
  ],
  ['linearOnecycleSchedule', schedules.linearOnecycleSchedule(Object.freeze({ transitionSteps: 9, peakValue: 1 }))],
  ['linearSchedule', schedules.linearSchedule(Object.freeze({ initValue: 1, endValue: 2, transitionSteps: 9 }))],
  ['mapSchedule', schedules.mapSchedule(schedules.constantSchedule(3), (value) => value / 2)],
  ['mulSchedules', schedules.mulSchedules(0.5, (step) => 1 / (1 + step))],
  [
    'multiStepSchedule',
    schedules.multiStepSchedule(Object.freeze({ initValue: 1, milestones: Object.freeze([3, 9]) }))
  ],
  ['naturalExpDecay', schedules.naturalExpDecay(Object.freeze({ initValue: 1, decayRate: 0.5 }))],
  ['noisySchedule', schedules.noisySchedule(schedules.constantSchedule(1), Object.freeze({ key: 0 }))],
  ['oneCycleMomentum', schedules.oneCycleMomentum(Object.freeze({ totalSteps: 9, threePhase: true }))],
  ['oneCycleSchedule', schedules.oneCycleSchedule(Object.freeze({ peakValue: 1, totalSteps: 9, threePhase: true }))],
  [
    'piecewiseConstantSchedule',
    schedules.piecewiseConstantSchedule(1, Object.freeze({ boundariesAndScales: Object.freeze({ 9: 2, 3: 2 }) }))
  ],
  [
    'piecewiseInterpolateSchedule',
    schedules.piecewiseInterpolateSchedule(
      Object.freeze({
        interpolateType: 'cosine',
        initValue: 1,
        boundariesAndScales: Object.freeze({ 9: 2, 3: 2 })
      })
    )
  ],
  [
    'polynomialSchedule',
    schedules.polynomialSchedule(Object.freeze({ initValue: 1, endValue: 2, power: 2, transitionSteps: 9 }))
  ],
  [
    'proportionalSchedule',
    schedules.proportionalSchedule(
      Object.freeze({ learningRate: (step: number) => 1 / (1 + step), maxLearningRate: 1, maxValue: 2 })
    )
  ],
  ['rexSchedule', schedules.rexSchedule(Object.freeze({ initValue: 1, decaySteps: 9 }))],
  ['rsqrtSchedule', schedules.rsqrtSchedule(Object.freeze({ peakValue: 1, warmupSteps: 3 }))],
  ['scheduleProduct', schedules.scheduleProduct.concat((step) => 1 / (1 + step), schedules.constantSchedule(2))],
  ['scheduleSum', schedules.scheduleSum.concat((step) => 1 / (1 + step), schedules.constantSchedule(2))],
  ['sgdrSchedule', schedules.sgdrSchedule(Object.freeze([Object.freeze({ ...warmup, decaySteps: 9 })]))],
  ['shiftSchedule', schedules.shiftSchedule((step) => 1 / (1 + step), 3)],
  ['stepDecaySchedule', schedules.stepDecaySchedule(Object.freeze({ initValue: 1, stepSize: 3 }))],
  ['tanhSchedule', schedules.tanhSchedule(Object.freeze({ initValue: 1, decaySteps: 9 }))],
  ['warmupConstantSchedule', schedules.warmupConstantSchedule(Object.freeze(warmup))],
  ['warmupCosineDecaySchedule', schedules.warmupCosineDecaySchedule(Object.freeze({ ...warmup, decaySteps: 9 }))],
  [
    'warmupExponentialDecaySchedule',
    schedules.warmupExponentialDecaySchedule(Object.freeze({ ...warmup, transitionSteps: 2, decayRate: 0.5 }))
  ],
  ['wsdSchedule', schedules.wsdSchedule(Object.freeze({ peakValue: 1, warmupSteps: 2, stableSteps: 3, decaySteps: 4 }))]
]

describe('@gradchain/schedules', () => {
  test('exports every file of the package, each under its name, and nothing else', () => {
    expect(Object.keys(schedules).sort()).toStrictEqual(exported.sort())
  })

  test('has one of each in the table below', () => {
    expect(each.map(([name]) => name)).toStrictEqual(exported.sort())
  })

  test.each(each)('%s is pure: the same value for the same step, whatever was asked before', (_, schedule) => {
    const steps = [0, 1, 2.5, 3, 8, 9, 10, 1e15]
    const forth = steps.map(schedule)
    const back = steps.toReversed().map(schedule).toReversed()
    expect(back.every((value, i) => Object.is(value, forth[i]))).toBe(true)
  })

  test.each(each)('%s is finite at every step, also far beyond its end', (_, schedule) => {
    for (const step of [0, Number.MIN_VALUE, 0.1, 7, 1e9, 1e15, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE]) {
      expect(Number.isFinite(schedule(step))).toBe(true)
    }
  })
})
