import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aStep, between, near, refuses, refusesBadSteps } from '../internal/testing.js'
import { type OneCycleMomentumOptions, oneCycleMomentum } from './oneCycleMomentum.js'
import { oneCycleSchedule } from './oneCycleSchedule.js'

const aShape = fc.record({
  totalSteps: fc.integer({ min: 1, max: 100 }),
  pctStart: fc.double({ min: 0, max: 0.5, noNaN: true }),
  annealUp: fc.constantFrom('linear' as const, 'cosine' as const),
  annealDown: fc.constantFrom('linear' as const, 'cosine' as const)
})
const aMomentum = fc.double({ min: 0, max: 0.99, noNaN: true })

describe('oneCycleMomentum', () => {
  test('is as far from its largest value as the learning rate that ends where it began is from its first', () => {
    const style = fc.constantFrom('torch' as const, 'fastai' as const)
    fc.assert(
      fc.property(aShape, style, aMomentum, aMomentum, aStep, (shape, style, baseMomentum, maxMomentum, step) => {
        const finalDivFactor = style === 'torch' ? 1 : 2
        const rate = oneCycleSchedule({ ...shape, style, peakValue: 2, divFactor: 2, finalDivFactor })(step)
        const momentum = oneCycleMomentum({ ...shape, style, baseMomentum, maxMomentum })(step)
        return near(momentum, maxMomentum + (baseMomentum - maxMomentum) * (rate - 1), 1, 16)
      })
    )
  })

  test('is held in the third phase, and before it the learning rate turned upside down', () => {
    fc.assert(
      fc.property(aShape, aStep, (shape, step) => {
        const options = { ...shape, threePhase: true }
        const rate = oneCycleSchedule({ ...options, peakValue: 2, divFactor: 2, finalDivFactor: 1 })(step)
        return near(oneCycleMomentum(options)(step), 0.95 - 0.1 * (rate - 1), 1, 16)
      })
    )
    const held = oneCycleMomentum({ totalSteps: 40, threePhase: true })
    expect([22, 23, 30, 39, 1e9].map(held)).toStrictEqual([0.95, 0.95, 0.95, 0.95, 0.95])
    expect(held(11)).toBeCloseTo(0.85, 15)
  })

  test('is between its two values', () => {
    fc.assert(
      fc.property(aShape, aMomentum, aMomentum, aStep, (shape, baseMomentum, maxMomentum, step) =>
        between(oneCycleMomentum({ ...shape, baseMomentum, maxMomentum })(step), baseMomentum, maxMomentum)
      )
    )
  })

  test('has the values worked out by hand', () => {
    const options = { totalSteps: 20, pctStart: 0.25, baseMomentum: 0.5, maxMomentum: 0.75 } as const
    const straight = { annealUp: 'linear', annealDown: 'linear' } as const
    expect([0, 2, 4, 11.5, 19].map(oneCycleMomentum({ ...options, ...straight }))).toStrictEqual([
      0.75, 0.625, 0.5, 0.625, 0.75
    ])
    const fastai = oneCycleMomentum({ ...options, ...straight, style: 'fastai' })
    expect([0, 2.5, 5, 12.5, 20].map(fastai)).toStrictEqual([0.75, 0.625, 0.5, 0.625, 0.75])
  })

  test('wants to know how many steps there are', () => {
    // @ts-expect-error -- totalSteps is required
    expect(() => oneCycleMomentum({ baseMomentum: 0.8 })).toThrow('got undefined')
  })

  const good = { totalSteps: 10 }
  const make = (options: object) => () => oneCycleMomentum({ ...good, ...options } as OneCycleMomentumOptions)
  refuses([
    ['oneCycleMomentum: totalSteps must be a whole number ≥ 1, got 1.5', make({ totalSteps: 1.5 })],
    ['oneCycleMomentum: baseMomentum must be in [0, 1), got -0.1', make({ baseMomentum: -0.1 })],
    ['oneCycleMomentum: maxMomentum must be in [0, 1), got 1', make({ maxMomentum: 1 })],
    ['oneCycleMomentum: style must be one of "torch", "fastai", got "keras"', make({ style: 'keras' })],
    ['oneCycleMomentum: pctStart must be in [0, 1], got NaN', make({ pctStart: Number.NaN })],
    ['oneCycleMomentum: annealUp must be one of "linear", "cosine", got 1', make({ annealUp: 1 })],
    [
      'oneCycleMomentum: there is no option peakValue; there are totalSteps, style, baseMomentum, maxMomentum, pctStart, annealUp, annealDown, threePhase',
      make({ peakValue: 1 })
    ]
  ])
  refusesBadSteps('oneCycleMomentum', oneCycleMomentum(good))
})
