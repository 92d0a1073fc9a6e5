import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aLength,
  aStep,
  aValue,
  between,
  expectGolden,
  near,
  refuses,
  refusesBadSteps,
  rounding
} from '../internal/testing.js'
import { type CosineDecayScheduleOptions, cosineDecaySchedule } from './cosineDecaySchedule.js'

const someOptions = fc.record({
  initValue: aValue,
  decaySteps: aLength,
  alpha: fc.double({ min: -2, max: 2, noNaN: true }),
  exponent: fc.double({ min: 0.2, max: 5, noNaN: true })
})

describe('cosineDecaySchedule', () => {
  test('is αI + (1 − α)I cos²ᵖ(πt/2T), within rounding', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { initValue, decaySteps, alpha, exponent } = options
        const quarter = Math.cos(((Math.PI / 2) * Math.min(step, decaySteps)) / decaySteps)
        const expected = alpha * initValue + (1 - alpha) * initValue * Math.abs(quarter) ** (2 * exponent)
        // (1 + cos x)/2 has an error of an ulp of 1 near 0, where a root (p < 1) magnifies it to its p-th power.
        const ulps = 64 + 4 * (4 * Number.EPSILON) ** (Math.min(exponent, 1) - 1)
        return near(cosineDecaySchedule(options)(step), expected, initValue, ulps)
      })
    )
  })

  test('is (1 − α) + α of I at 0, and α of I exactly from T on', () => {
    fc.assert(
      fc.property(someOptions, aStep, (options, step) => {
        const { initValue, decaySteps, alpha } = options
        const schedule = cosineDecaySchedule(options)
        return schedule(0) === initValue * (1 - alpha + alpha) && schedule(decaySteps + step) === initValue * alpha
      })
    )
  })

  test('is between I and αI, and monotone', () => {
    fc.assert(
      fc.property(someOptions, aStep, aStep, (options, s, t) => {
        const schedule = cosineDecaySchedule(options)
        const [early, late] = [schedule(Math.min(s, t)), schedule(Math.max(s, t))]
        const [first, last] = [options.initValue, options.initValue * options.alpha]
        // The share of the way that is left; cos and pow are monotone only up to their last place.
        const slack = rounding(Math.abs(first) + Math.abs(last), 16)
        const falls = first >= last ? late <= early + slack : late >= early - slack
        return falls && between(early, first, last) && between(late, first, last)
      })
    )
  })

  test('halfway it is halfway when the exponent is 1', () => {
    fc.assert(
      fc.property(aValue, aLength, (initValue, half) =>
        near(cosineDecaySchedule({ initValue, decaySteps: 2 * half })(half), initValue / 2, initValue)
      )
    )
  })

  test('a larger exponent is nowhere above a smaller one', () => {
    fc.assert(
      fc.property(someOptions, aStep, fc.double({ min: 0, max: 3, noNaN: true }), (options, step, more) => {
        const { exponent } = options
        const initValue = Math.abs(options.initValue)
        const alpha = Math.min(options.alpha, 1)
        const small = cosineDecaySchedule({ ...options, initValue, alpha })(step)
        const large = cosineDecaySchedule({ ...options, initValue, alpha, exponent: exponent + more })(step)
        return large <= small + rounding(initValue, 16)
      })
    )
  })

  test('is linear in I: a power of two times I is that times the value, bit for bit', () => {
    fc.assert(
      fc.property(someOptions, aStep, fc.constantFrom(-1, 0.5, 2, 1024), (options, step, factor) => {
        const value = cosineDecaySchedule(options)(step)
        const scaled = cosineDecaySchedule({ ...options, initValue: factor * options.initValue })(step)
        // No rounding but that of values below the normal numbers, which is absolute.
        return near(scaled, factor * value, 0)
      })
    )
  })

  test('ends at 0 with exponent 1 unless told otherwise', () => {
    const schedule = cosineDecaySchedule({ initValue: 2, decaySteps: 3 })
    expect(near(schedule(1), 1.5, 2)).toBe(true)
    expect(schedule(3)).toBe(0)
  })

  test('takes steps beyond the range of 32-bit integers', () => {
    const schedule = cosineDecaySchedule({ initValue: 8, decaySteps: 2e15 })
    expect(near(schedule(1e15), 4, 8)).toBe(true)
    expect(schedule(2e15)).toBe(0)
  })

  test('is what Optax gives', () => {
    expectGolden(cosineDecaySchedule({ initValue: 0.3, decaySteps: 11, alpha: 0.15, exponent: 1.7 }), [
      [0, 0.3],
      [1, 0.2912824672457405],
      [5, 0.14340679299211198],
      [10, 0.045336969663842534],
      [11, 0.045],
      [12, 0.045],
      [99, 0.045]
    ])
  })

  test('mirrored it is the cosine without an end, as in PyTorch', () => {
    const schedule = cosineDecaySchedule({ initValue: 1, decaySteps: 10, alpha: 0.1, afterEnd: 'mirror' })
    // torch 2.13, CosineAnnealingLR(T_max=10, eta_min=0.1), which goes from one value to the next and gathers rounding.
    const golden = [
      [0, 1.0],
      [5, 0.55],
      [10, 0.1],
      [11, 0.12202456766718092],
      [15, 0.550000000000002],
      [20, 1.0000000000000042],
      [25, 0.5500000000000022],
      [30, 0.1],
      [44, 0.6890576474687289]
    ] as const
    for (const [step, value] of golden) expect(schedule(step)).toBeCloseTo(value, 13)
    fc.assert(
      fc.property(aValue, aLength, fc.nat(200), (initValue, decaySteps, t) => {
        const mirrored = cosineDecaySchedule({ initValue, decaySteps, afterEnd: 'mirror' })
        const turn = 2 * decaySteps
        return (
          Object.is(mirrored(t), mirrored(t + turn)) &&
          Object.is(mirrored(t % turn), mirrored(turn - (t % turn))) &&
          near(mirrored(t), (initValue * (1 + Math.cos((Math.PI * t) / decaySteps))) / 2, initValue, 512)
        )
      })
    )
  })

  test('restarted it has its period, and is the held one until then', () => {
    fc.assert(
      fc.property(aValue, aLength, fc.nat(200), (initValue, decaySteps, t) => {
        const restarted = cosineDecaySchedule({ initValue, decaySteps, afterEnd: 'restart' })
        return Object.is(restarted(t), cosineDecaySchedule({ initValue, decaySteps })(t % decaySteps))
      })
    )
  })

  test('with kDecay it is what timm 1.0.29 gives', () => {
    expectGolden(cosineDecaySchedule({ initValue: 1, decaySteps: 10, alpha: 0.1, kDecay: 2 }), [
      [0, 1.0],
      [1, 0.9997779521645792],
      [5, 0.8681980515339464],
      [9, 0.17781374157644725],
      [10, 0.1],
      [11, 0.1]
    ])
  })

  test('wants all of its required options', () => {
    // @ts-expect-error -- decaySteps is required
    expect(() => cosineDecaySchedule({ initValue: 1 })).toThrow('got undefined')
  })

  const good = { initValue: 1, decaySteps: 10 }
  const make = (options: object) => () => cosineDecaySchedule({ ...good, ...options } as CosineDecayScheduleOptions)
  refuses([
    ['cosineDecaySchedule: initValue must be a finite number, got undefined', make({ initValue: undefined })],
    ['cosineDecaySchedule: decaySteps must be a whole number ≥ 1, got undefined', make({ decaySteps: undefined })],
    ['cosineDecaySchedule: decaySteps must be a whole number ≥ 1, got 0', make({ decaySteps: 0 })],
    ['cosineDecaySchedule: decaySteps must be a whole number ≥ 1, got 1.5', make({ decaySteps: 1.5 })],
    ['cosineDecaySchedule: alpha must be a finite number, got NaN', make({ alpha: Number.NaN })],
    ['cosineDecaySchedule: exponent must be a finite number > 0, got 0', make({ exponent: 0 })],
    ['cosineDecaySchedule: exponent must be a finite number > 0, got -1', make({ exponent: -1 })],
    [
      'cosineDecaySchedule: there is no option endValue; there are initValue, decaySteps, alpha, exponent, kDecay, afterEnd',
      make({ endValue: 0 })
    ]
  ])
  refusesBadSteps('cosineDecaySchedule', cosineDecaySchedule(good))
})
