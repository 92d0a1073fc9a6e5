import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aDyadic,
  aLength,
  aStep,
  aValue,
  aWait,
  expectGolden,
  near,
  refuses,
  refusesBadSteps
} from '../internal/testing.js'
import { type ExponentialDecayOptions, exponentialDecay } from './exponentialDecay.js'

const aRate = fc.double({ min: 0.05, max: 20, noNaN: true })
const someOptions = fc.record({
  initValue: aValue,
  transitionSteps: aLength,
  decayRate: aRate,
  transitionBegin: aWait,
  staircase: fc.boolean()
})

describe('exponentialDecay', () => {
  test('multiplies by r once every T steps when staircase, bit for bit where the arithmetic is exact', () => {
    // Powers of two as rates: the products are exact, and 64 steps of them do not leave the range of a double.
    fc.assert(
      fc.property(
        aDyadic,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(0.25, 0.5, 1, 2),
        aWait,
        fc.nat(64),
        (initValue, transitionSteps, decayRate, transitionBegin, steps) => {
          const schedule = exponentialDecay({ initValue, transitionSteps, decayRate, transitionBegin, staircase: true })
          let value = initValue
          let age = 0
          for (let step = 0; step < steps; step++) {
            if (step >= transitionBegin && ++age % transitionSteps === 0) value *= decayRate
          }
          return Object.is(schedule(steps), value)
        }
      )
    )
  })

  test('is I exp(p ln r) after B and I up to B, within rounding', () => {
    fc.assert(
      fc.property(someOptions, fc.double({ min: 0, max: 100, noNaN: true }), (options, step) => {
        const { initValue, transitionSteps, decayRate, transitionBegin, staircase } = options
        const share = Math.max(step - transitionBegin, 0) / transitionSteps
        const power = (staircase ? Math.floor(share) : share) * Math.log(decayRate)
        const expected = initValue * Math.exp(power)
        // The rounding of the power is multiplied by its size.
        return near(exponentialDecay(options)(step), expected, expected, 8 + 4 * Math.abs(power))
      })
    )
  })

  test('f(t + T) = r · f(t) from B on, within rounding', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(100), (options, elapsed) => {
        const { transitionSteps, decayRate, transitionBegin } = options
        const schedule = exponentialDecay(options)
        const now = schedule(transitionBegin + elapsed)
        const later = schedule(transitionBegin + elapsed + transitionSteps)
        const power = ((elapsed + transitionSteps) / transitionSteps) * Math.log(decayRate)
        return near(later, decayRate * now, later, 8 + 4 * Math.abs(power))
      })
    )
  })

  test('is constant for the rate 1, bit for bit', () => {
    fc.assert(
      fc.property(someOptions, fc.nat(1), aStep, (options, few, step) => {
        const schedule = exponentialDecay({ ...options, decayRate: 1, transitionSteps: few })
        return Object.is(schedule(step), options.initValue)
      })
    )
  })

  test('stays at 0 from 0, also where the factor is infinite', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => exponentialDecay({ ...options, initValue: 0 })(step) === 0),
      {
        examples: [[{ initValue: 0, transitionSteps: 1, decayRate: 2, transitionBegin: 0, staircase: false }, 1e15]]
      }
    )
  })

  test('moves away from I monotonically', () => {
    fc.assert(
      fc.property(someOptions, aStep, aStep, (options, s, t) => {
        const schedule = exponentialDecay(options)
        const early = Math.abs(schedule(Math.min(s, t)))
        const late = Math.abs(schedule(Math.max(s, t)))
        // pow is monotone only up to its last place.
        return options.decayRate < 1 ? late <= early * (1 + 2e-15) : late >= early * (1 - 2e-15)
      })
    )
  })

  test('endValue bounds every step: from below when r < 1, from above otherwise', () => {
    fc.assert(
      fc.property(someOptions, aValue, aStep, (options, endValue, step) => {
        const free = exponentialDecay(options)(step)
        const bounded = exponentialDecay({ ...options, endValue })(step)
        return bounded === (options.decayRate < 1 ? Math.max(free, endValue) : Math.min(free, endValue))
      }),
      { examples: [[{ initValue: 1, transitionSteps: 2, decayRate: 1, transitionBegin: 3, staircase: false }, 0.5, 9]] }
    )
  })

  test('with no transition steps it is at the limit from B on', () => {
    const at = (options: object) => {
      const schedule = exponentialDecay({
        initValue: 8,
        transitionSteps: 0,
        decayRate: 0.5,
        transitionBegin: 2,
        ...options
      })
      return [0, 1.5, 2, 3, 1e15].map(schedule)
    }
    expect(at({})).toStrictEqual([8, 8, 0, 0, 0])
    expect(at({ endValue: 1 })).toStrictEqual([8, 8, 1, 1, 1])
    expect(at({ staircase: true, endValue: 1 })).toStrictEqual([8, 8, 1, 1, 1])
    expect(at({ decayRate: 1 })).toStrictEqual([8, 8, 8, 8, 8])
    expect(at({ decayRate: 1, endValue: 3 })).toStrictEqual([3, 3, 3, 3, 3])
    expect(at({ decayRate: 2, endValue: 9 })).toStrictEqual([8, 8, 9, 9, 9])
    expect(at({ decayRate: 2, initValue: 0 })).toStrictEqual([0, 0, 0, 0, 0])
  })

  test('with no transition steps it is what few transition steps lead to', () => {
    fc.assert(
      fc.property(aValue, aRate, aValue, (initValue, decayRate, endValue) => {
        // A rate near 1 takes longer than this to its limit, and a growth below its bound has none.
        fc.pre(Math.abs(Math.log(decayRate)) > 1e-3 && (decayRate < 1 || initValue > 1e-3))
        const options = { initValue, decayRate, endValue }
        const jump = exponentialDecay({ ...options, transitionSteps: 0 })(0)
        return jump + 0 === exponentialDecay({ ...options, transitionSteps: 1 })(1e9) + 0
      })
    )
  })

  test('begins at step 0, moves all the time and has no bound unless told otherwise', () => {
    const schedule = exponentialDecay({ initValue: 1, transitionSteps: 2, decayRate: 0.25 })
    expect([schedule(1), schedule(2), schedule(200)]).toStrictEqual([0.5, 0.25, 0.25 ** 100])
  })

  test('is what Optax gives', () => {
    const options = { initValue: 0.05, transitionSteps: 8, decayRate: 0.7, transitionBegin: 3 }
    expectGolden(exponentialDecay(options), [
      [0, 0.05],
      [3, 0.05],
      [4, 0.04781974537857491],
      [11, 0.034999999999999996],
      [40, 0.009606129551893619],
      [500, 1.190380325338608e-11]
    ])
    expectGolden(exponentialDecay({ ...options, staircase: true, endValue: 0.02 }), [
      [0, 0.05],
      [3, 0.05],
      [10, 0.05],
      [11, 0.034999999999999996],
      [18, 0.034999999999999996],
      [19, 0.024499999999999997],
      [40, 0.02],
      [500, 0.02]
    ])
    const growth = { initValue: 0.05, transitionSteps: 4, decayRate: 1.6, transitionBegin: 2, endValue: 0.3 }
    expectGolden(exponentialDecay(growth), [
      [0, 0.05],
      [2, 0.05],
      [3, 0.05623413251903491],
      [7, 0.08997461203045587],
      [20, 0.3]
    ])
  })

  test('applies the bound before the beginning too, as Optax does', () => {
    const options = { initValue: 0.05, transitionSteps: 10, decayRate: 0.5, transitionBegin: 5, endValue: 0.1 }
    expect([0, 5, 6].map(exponentialDecay(options))).toStrictEqual([0.1, 0.1, 0.1])
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- decayRate is required
    expect(() => exponentialDecay({ initValue: 1, transitionSteps: 4 })).toThrow('got undefined')
  })

  const good = { initValue: 1, transitionSteps: 4, decayRate: 0.5 }
  const make = (options: object) => () => exponentialDecay({ ...good, ...options } as ExponentialDecayOptions)
  const unbounded = 'exponentialDecay: transitionSteps must be ≥ 1 where no endValue bounds the growth, got 0'
  refuses([
    ['exponentialDecay: initValue must be a finite number, got Infinity', make({ initValue: Infinity })],
    ['exponentialDecay: transitionSteps must be a whole number ≥ 0, got -1', make({ transitionSteps: -1 })],
    ['exponentialDecay: transitionSteps must be a whole number ≥ 0, got 0.5', make({ transitionSteps: 0.5 })],
    ['exponentialDecay: decayRate must be a finite number > 0, got undefined', make({ decayRate: undefined })],
    ['exponentialDecay: decayRate must be a finite number > 0, got 0', make({ decayRate: 0 })],
    ['exponentialDecay: decayRate must be a finite number > 0, got -0.5', make({ decayRate: -0.5 })],
    ['exponentialDecay: transitionBegin must be a whole number ≥ 0, got -3', make({ transitionBegin: -3 })],
    ['exponentialDecay: staircase must be true or false, got 1', make({ staircase: 1 })],
    ['exponentialDecay: endValue must be a finite number, got NaN', make({ endValue: Number.NaN })],
    ['exponentialDecay: endValue must be a finite number, got null', make({ endValue: null })],
    [unbounded, make({ transitionSteps: 0, decayRate: 2 })],
    [unbounded, make({ transitionSteps: 0, decayRate: 2, initValue: -1, endValue: 3 })],
    [
      'exponentialDecay: there is no option rate; there are initValue, transitionSteps, decayRate, transitionBegin, staircase, endValue',
      make({ rate: 1 })
    ]
  ])
  refusesBadSteps('exponentialDecay', exponentialDecay(good))
})
