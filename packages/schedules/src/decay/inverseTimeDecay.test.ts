import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aLength, aStep, aValue, near, refuses, refusesBadSteps } from '../internal/testing.js'
import { type InverseTimeDecayOptions, inverseTimeDecay } from './inverseTimeDecay.js'

const aRate = fc.double({ min: 0, max: 10, noNaN: true })
const someOptions = fc.record({ initValue: aValue, decayRate: aRate, transitionSteps: aLength })

describe('inverseTimeDecay', () => {
  test('one over it is linear in the step: times 1 + λ · p it is constant', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(200), (options, step) => {
        const { initValue, decayRate, transitionSteps } = options
        const slowness = 1 + (decayRate * step) / transitionSteps
        return near(inverseTimeDecay(options)(step) * slowness, initValue, initValue)
      })
    )
  })

  test('is monotone towards 0, which it never crosses', () => {
    fc.assert(
      fc.property(someOptions, fc.boolean(), aStep, aStep, (options, staircase, s, t) => {
        const schedule = inverseTimeDecay({ ...options, staircase })
        const [early, late] = [schedule(Math.min(s, t)), schedule(Math.max(s, t))]
        return Math.abs(late) <= Math.abs(early) && late * options.initValue >= 0
      })
    )
  })

  test('with staircase has the values of the last multiple of T, bit for bit', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(400), (options, step) => {
        const stairs = inverseTimeDecay({ ...options, staircase: true })
        return Object.is(stairs(step), inverseTimeDecay(options)(step - (step % options.transitionSteps)))
      })
    )
  })

  test('is constant for a rate of 0, and has a unit of one step and no stairs unless told otherwise', () => {
    fc.assert(fc.property(aValue, aStep, (v, t) => Object.is(inverseTimeDecay({ initValue: v, decayRate: 0 })(t), v)))
    expect([0, 0.5, 1, 3].map(inverseTimeDecay({ initValue: 8, decayRate: 1 }))).toStrictEqual([8, 8 / 1.5, 4, 2])
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- decayRate is required
    expect(() => inverseTimeDecay({ initValue: 1 })).toThrow('got undefined')
  })

  const good = { initValue: 1, decayRate: 0.5 }
  const make = (options: object) => () => inverseTimeDecay({ ...good, ...options } as InverseTimeDecayOptions)
  refuses([
    ['inverseTimeDecay: initValue must be a finite number, got "1"', make({ initValue: '1' })],
    ['inverseTimeDecay: decayRate must be a finite number ≥ 0, got Infinity', make({ decayRate: Infinity })],
    ['inverseTimeDecay: transitionSteps must be a whole number ≥ 1, got 1.5', make({ transitionSteps: 1.5 })],
    ['inverseTimeDecay: staircase must be true or false, got null', make({ staircase: null })],
    [
      'inverseTimeDecay: there is no option power; there are initValue, decayRate, transitionSteps, staircase',
      make({ power: 1 })
    ]
  ])
  refusesBadSteps('inverseTimeDecay', inverseTimeDecay(good))
})
