import { constantSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aCourse, aRate, expectSame, refuses } from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { each, expectParams } from '../internal/testing/rules.js'
import { scaleByAccSgd } from './scaleByAccSgd.js'

describe('scaleByAccSgd', () => {
  test.each([
    { kappa: 50, xi: 4, c: 0.6 },
    { kappa: 3, xi: 1, c: 1 }
  ])('is drawn towards the average of long steps with %o', ({ kappa, xi, c }) => {
    expectParams(
      scaleByAccSgd((t) => 0.1 / (1 + t), { kappa, xi, smallConst: c }),
      each((start) => {
        let [p, average] = [start, start]
        const alpha = 1 - (c * c * xi) / kappa
        return (g, t) => {
          const short = 0.1 / t
          average = alpha * average + (1 - alpha) * (p - ((kappa * short) / c) * g)
          p = (c / (c + 1 - alpha)) * (p - short * g) + ((1 - alpha) / (c + 1 - alpha)) * average
          return p
        }
      })
    )
  })

  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) =>
        expectSame(scaleByAccSgd(rate), scaleByAccSgd(constantSchedule(rate)), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByAccSgd(0.1, { kappa: 1000, xi: 10, smallConst: 0.7 }), scaleByAccSgd(0.1), SIX)
  })

  refuses([
    ['scaleByAccSgd: learningRate must be a finite number ≥ 0 or a schedule, got -1', () => scaleByAccSgd(-1)],
    ['scaleByAccSgd: kappa must be a finite number ≥ 1, got 0', () => scaleByAccSgd(0.1, { kappa: 0 })],
    ['scaleByAccSgd: xi must be a number from 1 to 2, got 3', () => scaleByAccSgd(0.1, { kappa: 2, xi: 3 })],
    ['scaleByAccSgd: smallConst must be in (0, 1], got 0', () => scaleByAccSgd(0.1, { smallConst: 0 })]
  ])
})
