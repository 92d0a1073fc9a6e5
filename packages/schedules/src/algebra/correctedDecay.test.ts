import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aStep, aValue, refuses } from '../internal/testing.js'
import { type CorrectedDecayOptions, correctedDecay } from './correctedDecay.js'

const aMaximum = fc.double({ min: 1e-6, max: 10, noNaN: true })

describe('correctedDecay', () => {
  test('is the weight decay times the learning rate over the largest one, at each step', () => {
    const aRate = fc.constantFrom<(t: number) => number>(() => 0.5, (t) => 1 / (1 + t), (t) => (t % 3) / 7) // biome-ignore format: a list
    fc.assert(
      fc.property(aStep, aValue, aRate, aMaximum, (step, share, rate, maxLearningRate) => {
        const weightDecay = (t: number) => share / (2 + t)
        const found = correctedDecay({ weightDecay, learningRate: rate, maxLearningRate })(step)
        const wanted = (weightDecay(step) * rate(step)) / maxLearningRate
        expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-15 * Math.abs(wanted) + 1e-300)
      })
    )
  })

  test('is the weight decay where the learning rate is at its largest, and proportional to both', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10, max: 10 }), aStep, (power, step) => {
        const rate = 2 ** power
        expect(correctedDecay({ weightDecay: 0.3, learningRate: rate, maxLearningRate: rate })(step)).toBe(0.3)
        expect(correctedDecay({ weightDecay: 0.3, learningRate: rate / 4, maxLearningRate: rate })(step)).toBe(0.075)
        expect(correctedDecay({ weightDecay: 1.2, learningRate: rate, maxLearningRate: rate })(step)).toBe(1.2)
      })
    )
  })

  const make = (options: object) => () =>
    correctedDecay({ weightDecay: 0.1, learningRate: 0.1, maxLearningRate: 0.1, ...options } as CorrectedDecayOptions)
  refuses([
    ['correctedDecay: weightDecay must be a finite number or a schedule, got NaN', make({ weightDecay: Number.NaN })],
    ['correctedDecay: learningRate must be a finite number ≥ 0 or a schedule, got -1', make({ learningRate: -1 })],
    ['correctedDecay: maxLearningRate must be a finite number > 0, got 0', make({ maxLearningRate: 0 })],
    ['correctedDecay: there is no option max; there are weightDecay, learningRate, maxLearningRate', make({ max: 1 })]
  ])
})
