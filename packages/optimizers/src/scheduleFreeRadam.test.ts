import { chain, step } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scaleByLearningRate, scaleByRadam, scheduleFree, scheduleFreeEvalParams } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { rectification } from './internal/rectification.js'
import { type ScheduleFreeRadamOptions, scheduleFreeRadam } from './scheduleFreeRadam.js'

/** As the authors' code has it, of the points y and z, in one param, for f = w⁴ / 4. */
const defined = (start: number, lr: number, b1: number, b2: number, decay: number, steps: number) => {
  let [y, z, v, most, sum] = [start, start, 0, 0, 0]
  const limit = 2 / (1 - b2) - 1
  for (let k = 1; k <= steps; k++) {
    const left = b2 ** k
    const length = limit - (2 * k * left) / (1 - left)
    const isKnown = length > 4
    const rect = isKnown ? Math.sqrt(((length - 4) * (length - 2) * limit) / ((limit - 4) * (limit - 2) * length)) : 0
    const rate = lr * rect
    most = Math.max(most, rate)
    sum += most ** 2
    const share = sum === 0 ? 0 : most ** 2 / sum
    const g = y ** 3
    v = b2 * v + (1 - b2) * g * g
    const u = (isKnown ? g / (Math.sqrt(v / (1 - left)) + 1e-8) : g) + decay * y
    y = y + share * (z - y) + rate * (b1 * (1 - share) - 1) * u
    z = z - rate * u
  }
  return { y, x: (y - (1 - b1) * z) / b1 }
}

const someOptions = fc.record({ b1: fc.constantFrom(0.5, 0.9), c: fc.constantFrom(undefined, 4) })

describe('scheduleFreeRadam', () => {
  test('goes where the code of the authors goes', () => {
    for (const [b1, b2, decay] of [
      [0.9, 0.999, 0],
      [0.5, 0.9, 0.125],
      [0.9, 0.5, 0]
    ] as const) {
      const tx = scheduleFreeRadam(0.05, { b1, b2, weightDecay: decay })
      let params = { w: 2 }
      let state = tx.init(params)
      for (let t = 1; t <= 40; t++) {
        ;[params, state] = step(tx, { w: params.w ** 3 }, state, params)
        const { x, y } = defined(2, 0.05, b1, b2, decay, t)
        expect(params.w).toBeCloseTo(y, 11)
        expect(scheduleFreeEvalParams(state, params).w).toBeCloseTo(x, 11)
      }
    }
  })

  test('is scheduleFree around radam without a first moment, which stands still until the variance is known', () => {
    const rate = linearSchedule({ initValue: 0.1, endValue: 0.5, transitionSteps: 6 })
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) => {
        const still = (count: number) => (rectification(0.9, count + 1) > 0 ? rate(count) : 0)
        const inner = chain(scaleByRadam({ b1: 0, b2: 0.9, threshold: 4 }), scaleByLearningRate(still))
        const weights = (count: number) => rate(count) * rectification(0.9, count)
        expectSame(
          scheduleFreeRadam(rate, { b2: 0.9, ...options }),
          scheduleFree(inner, weights, options),
          course,
          // Two ways of writing g, and of rounding the rate.
          1e-10
        )
      })
    )
  })

  test('does not change when its options are spelled out', () => {
    const options = { b1: 0.9, b2: 0.999, eps: 1e-8, weightDecay: 0, weightLrPower: 2, mask: true }
    expectSame(scheduleFreeRadam(0.0025, options), scheduleFreeRadam(), SIX)
  })

  aliasLaws(scheduleFreeRadam, 'scheduleFreeRadam')

  const make = (options: object) => () => scheduleFreeRadam(0.1, options as ScheduleFreeRadamOptions)
  refuses([
    ['scheduleFreeRadam: weightDecay must be a finite number ≥ 0 or a schedule, got -1', make({ weightDecay: -1 })],
    ['scheduleFreeRadam: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    ['scheduleFree: b1 must be in (0, 1], got 0', make({ b1: 0 })],
    [
      'scheduleFreeRadam: there is no option warmupSteps; there are b1, b2, eps, weightDecay, weightLrPower, c, stateDtype, mask',
      make({ warmupSteps: 3 })
    ]
  ])
})
