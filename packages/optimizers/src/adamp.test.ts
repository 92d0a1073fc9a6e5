import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import { projectRadial, scaleByAdam, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aBlockCourse, expectSameBlocks } from '../../transforms/src/internal/testing/blocks.js'
import { aCourse, aDecay, anEps, aRate, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { expectRadialCourse } from '../../transforms/src/internal/testing/radial.js'
import { type AdampOptions, adamp } from './adamp.js'
import { adamw } from './adamw.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  muDtype: fc.constantFrom(undefined, 'bfloat16' as const),
  nuDtype: fc.constantFrom(undefined, 'float32' as const),
  nesterov: fc.boolean()
})
const view = fc.record({ delta: fc.constantFrom(0.1, 3), wdRatio: fc.constantFrom(0, 0.5) })
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('adamp', () => {
  test('is projectRadial around scaleByAdam, then scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, view, fc.boolean(), (course, options, seen, mask) =>
        expectSameBlocks(
          adamp(falling, { ...options, ...seen, weightDecay: falling, mask }),
          chain(
            projectRadial(scaleByAdam(options), { ...seen, eps: options.eps, weightDecay: falling, mask }),
            scaleByLearningRate(falling)
          ),
          course
        )
      )
    )
  })

  // timm 1.0.29, on the course that the helper describes.
  test.each<[string, ReturnType<typeof adamp>, Readonly<Record<number, readonly number[]>>]>([
    [
      'AdamP(lr=0.01, weight_decay=0.1)',
      adamp(0.01, { weightDecay: 0.1 }),
      {
        1: [0.836239413381047, -0.5296135574904444, -1.0089999992523333],
        2: [0.8361288964204537, -0.532294310809199, -1.003580330097791],
        3: [0.8336805316855516, -0.5385909481372304, -0.9954046842832852],
        10: [0.8343208420445984, -0.5470751902822834, -0.9755039450528916]
      }
    ],
    [
      'AdamP(lr=0.01, betas=(0.8, 0.95), eps=0.01, delta=0.3, wd_ratio=0.5, weight_decay=0.1)',
      adamp(0.01, { b1: 0.8, b2: 0.95, eps: 0.01, delta: 0.3, wdRatio: 0.5, weightDecay: 0.1 }),
      {
        1: [0.8359370746854632, -0.5297208006892291, -1.0083043449917455],
        2: [0.8363497158692381, -0.5327812677102655, -1.002576216081837],
        3: [0.8339317133472235, -0.5388157345595271, -0.9940578354146016],
        10: [0.8338071693068103, -0.5447212127685352, -0.9767677969281037]
      }
    ]
  ])('is what timm gives: %s', (_, tx, wanted) => {
    expectRadialCourse(tx, wanted)
  })

  test('is adamw on vectors, up to rounding', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, weightDecay) =>
        expectSame(adamp(0.1, { weightDecay }), adamw(0.1, { weightDecay }), course)
      )
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, weightDecay) =>
        expectSame(adamp(0.1, { weightDecay }), adamp(0.1, { weightDecay: constantSchedule(weightDecay) }), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    const options = { b1: 0.9, b2: 0.999, eps: 1e-8, nesterov: false, delta: 0.1, weightDecay: 0, wdRatio: 0.1 }
    expectSame(adamp(0.1, options), adamp(0.1), SIX)
  })

  aliasLaws(adamp)

  const make = (options: object) => () => adamp(0.1, options as AdampOptions)
  refuses([
    ['adamp: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['projectRadial: delta must be a finite number ≥ 0, got -1', make({ delta: -1 })],
    ['projectRadial: mask.w must be true or false, got 1', make({ mask: { w: 1 } })],
    ['scaleByAdam: b2 must be in [0, 1), got 1', make({ b2: 1 })]
  ])
})
