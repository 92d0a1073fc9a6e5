import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { projectRadial, scaleByLearningRate, trace } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aBlockCourse, expectSameBlocks } from '../../transforms/src/internal/testing/blocks.js'
import { aCourse, aDecay, aRate, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { expectRadialCourse } from '../../transforms/src/internal/testing/radial.js'
import { sgd } from './sgd.js'
import { type SgdpOptions, sgdp } from './sgdp.js'

const someOptions = fc.record({
  nesterov: fc.boolean(),
  accumulatorDtype: fc.constantFrom(undefined, 'bfloat16' as const)
})
const view = fc.record({
  delta: fc.constantFrom(0.1, 3),
  wdRatio: fc.constantFrom(0, 0.5),
  eps: fc.constantFrom(1e-8, 1)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('sgdp', () => {
  test('is projectRadial around trace, then scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aBlockCourse(), aDecay, someOptions, view, fc.boolean(), (course, momentum, options, seen, mask) => {
        const weightDecay = (t: number) => falling(t) / (1 - momentum)
        expectSameBlocks(
          sgdp(falling, { ...options, ...seen, momentum, weightDecay: falling, mask }),
          chain(projectRadial(trace(momentum, options), { ...seen, weightDecay, mask }), scaleByLearningRate(falling)),
          course,
          1e-14
        )
      })
    )
  })

  // timm 1.0.29, on the course that the helper describes.
  test.each<[string, ReturnType<typeof sgdp>, Readonly<Record<number, readonly number[]>>]>([
    [
      'SGDP(lr=0.1, momentum=0.9, weight_decay=0.1)',
      sgdp(0.1, { weightDecay: 0.1 }),
      {
        1: [0.8130701700400381, -0.5156493533970591, -0.9133749414312293],
        2: [0.7345766743263041, -0.47779704907444637, -0.8007610935122216],
        3: [0.7122663365593815, -0.5062987686264949, -0.6521622772672598],
        10: [0.5550372189360798, -0.4726367191915244, -0.17311319658607716]
      }
    ],
    [
      'SGDP(lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=True, delta=0.3, wd_ratio=0.5)',
      sgdp(0.1, { nesterov: true, delta: 0.3, wdRatio: 0.5, weightDecay: 0.1 }),
      {
        1: [0.7614238362199209, -0.4801843847960073, -0.9254123887193357],
        2: [0.7086209635865287, -0.4722260310407485, -0.7804086303851145],
        3: [0.6599036726425564, -0.4912618736272416, -0.5913233426467942],
        10: [0.4595842651712546, -0.4033848086789684, -0.12142675742731132]
      }
    ]
  ])('is what timm gives: %s', (_, tx, wanted) => {
    expectRadialCourse(tx, wanted)
  })

  test('is sgd on vectors', () => {
    fc.assert(
      fc.property(aCourse(), fc.boolean(), (course, nesterov) =>
        expectSame(sgdp(0.1, { nesterov }), sgd(0.1, { momentum: 0.9, nesterov }), course)
      )
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, weightDecay) =>
        expectSame(sgdp(0.1, { weightDecay }), sgdp(0.1, { weightDecay: constantSchedule(weightDecay) }), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    const options = { momentum: 0.9, nesterov: false, delta: 0.1, eps: 1e-8, weightDecay: 0, wdRatio: 0.1 }
    expectSame(sgdp(0.1, options), sgdp(0.1), SIX)
  })

  aliasLaws(sgdp)

  const make = (options: object) => () => sgdp(0.1, options as SgdpOptions)
  refuses([
    ['sgdp: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['sgdp: momentum must be in [0, 1), got 1', make({ momentum: 1 })],
    ['projectRadial: wdRatio must be a finite number ≥ 0, got -1', make({ wdRatio: -1 })],
    ['projectRadial: mask.w must be true or false, got 1', make({ mask: { w: 1 } })]
  ])
})
