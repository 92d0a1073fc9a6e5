import { random } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aStep, aValue, between, near, refuses, refusesBadSteps } from '../internal/testing.js'
import type { Schedule } from '../types.js'
import { type NoisyScheduleOptions, noisySchedule } from './noisySchedule.js'

const aSeed = fc.integer()
const aScale = fc.double({ min: 0, max: 2, noNaN: true })
const aDistribution = fc.constantFrom('normal' as const, 'uniform' as const)
const unbounded = { min: -Infinity } as const

describe('noisySchedule', () => {
  test('is the value times 1 + σ ε, or plus σ ε, for the ε that the key gives for the step', () => {
    fc.assert(
      fc.property(
        aSeed,
        aScale,
        aDistribution,
        fc.boolean(),
        aValue,
        fc.nat(),
        (key, scale, of, relative, value, t) => {
          const place = random.foldIn(random.key(key), t)
          const wide = { dtype: 'float64' } as const
          const drawn = of === 'normal' ? random.normal(place, [], wide) : random.uniform(place, [], wide)
          const epsilon = of === 'normal' ? Number(drawn.data[0]) : 2 * Number(drawn.data[0]) - 1
          const expected = relative ? value * (1 + scale * epsilon) : value + scale * epsilon
          const noisy = noisySchedule(() => value, { key, scale, distribution: of, relative, ...unbounded })(t)
          return near(noisy, expected, Math.max(Math.abs(value), scale) * 10)
        }
      )
    )
  })

  test('is the schedule where there is no noise, bit for bit', () => {
    fc.assert(
      fc.property(aSeed, aDistribution, fc.boolean(), aStep, (key, distribution, relative, step) => {
        const schedule: Schedule = (t) => 1 / (1 + t)
        const idle = noisySchedule(schedule, { key, scale: 0, distribution, relative })
        return Object.is(idle(step), schedule(step))
      })
    )
  })

  test('is the same for the same key, also where the key is a seed, and different for another', () => {
    fc.assert(
      fc.property(aSeed, aStep, (seed, step) => {
        const one = noisySchedule(() => 1, { key: seed })
        const same = noisySchedule(() => 1, { key: random.key(seed) })
        const other = noisySchedule(() => 1, { key: random.foldIn(random.key(seed), 1) })
        return Object.is(one(step), same(step)) && !Object.is(one(step), other(step))
      })
    )
  })

  test('the noise is that of the whole step, and each step has its own, also beyond 2³²', () => {
    const noisy = noisySchedule(() => 1, { key: 7 })
    expect(noisy(3.75)).toBe(noisy(3))
    const steps = [0, 1, 2, 3, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 33, 2 ** 33 + 1, 2 ** 52]
    expect(new Set(steps.map(noisy)).size).toBe(steps.length)
  })

  test('uniform noise is at most σ, relative to the value where it is relative', () => {
    fc.assert(
      fc.property(aSeed, aScale, fc.boolean(), aValue, fc.nat(), (key, scale, relative, value, step) => {
        const options = { key, scale, distribution: 'uniform', relative, ...unbounded } as const
        const size = relative ? scale * Math.abs(value) : scale
        return between(noisySchedule(() => value, options)(step), value - size, value + size)
      })
    )
  })

  test('stays between min and max; above 0 unless told otherwise', () => {
    fc.assert(
      fc.property(aSeed, aScale, aDistribution, aValue, fc.nat(), (key, scale, distribution, value, step) => {
        const bounded = noisySchedule(() => value, { key, scale, distribution, min: -3, max: 5 })(step)
        const usual = noisySchedule(() => value, { key, scale, distribution })(step)
        return bounded >= -3 && bounded <= 5 && usual >= 0
      })
    )
    const always = { key: 0, scale: 0, relative: false }
    expect([-1, 0, 1].map((x) => noisySchedule(() => x, always)(0))).toStrictEqual([0, 0, 1])
    expect([-1, 3].map((x) => noisySchedule(() => x, { ...always, min: -2, max: 2 })(0))).toStrictEqual([-1, 2])
  })

  test('takes a schedule for the size of the noise', () => {
    const fading = noisySchedule(() => 1, { key: 3, scale: (t) => (t < 5 ? 0.5 : 0) })
    const full = noisySchedule(() => 1, { key: 3, scale: 0.5 })
    expect([0, 4, 5, 9].map(fading)).toStrictEqual([full(0), full(4), 1, 1])
  })

  test('normal noise has the mean 0 and the variance σ² over the steps, a tenth of the value unless told otherwise', () => {
    const noisy = noisySchedule(() => 1, { key: 11, ...unbounded })
    const n = 4096
    const errors = Array.from({ length: n }, (_, t) => (noisy(t) - 1) / 0.1)
    const mean = errors.reduce((sum, x) => sum + x, 0) / n
    const variance = errors.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n
    // Five standard errors of the mean, 1 / √n, and of the variance, √(2 / n); the key is fixed, so is the outcome.
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(n))
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / n))
  })

  test('wants a key', () => {
    // @ts-expect-error -- key is required
    expect(() => noisySchedule(() => 1, { scale: 1 })).toThrow('got undefined')
  })

  const make = (options: object) => () => noisySchedule(() => 1, { key: 0, ...options } as NoisyScheduleOptions)
  refuses([
    [
      'noisySchedule: schedule must be a function, got 0.1',
      () => noisySchedule(0.1 as unknown as Schedule, { key: 0 })
    ],
    ['noisySchedule: key must be a key made by random.key or a whole number, got 0.5', make({ key: 0.5 })],
    ['noisySchedule: key must be a key made by random.key or a whole number, got "0"', make({ key: '0' })],
    ['noisySchedule: scale must be a finite number ≥ 0 or a schedule, got -1', make({ scale: -1 })],
    ['noisySchedule: distribution must be one of "normal", "uniform", got "cauchy"', make({ distribution: 'cauchy' })],
    ['noisySchedule: relative must be true or false, got 0', make({ relative: 0 })],
    ['noisySchedule: min must be a finite number or -Infinity, got NaN', make({ min: Number.NaN })],
    ['noisySchedule: max must be a finite number, got Infinity', make({ max: Infinity })],
    ['noisySchedule: max must be at least min = 2, got 1', make({ min: 2, max: 1 })],
    [
      'noisySchedule: there is no option seed; there are key, scale, distribution, relative, min, max',
      make({ seed: 1 })
    ]
  ])
  refusesBadSteps(
    'noisySchedule',
    noisySchedule(() => 1, { key: 0 })
  )
})
