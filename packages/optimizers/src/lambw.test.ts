import { chain } from '@gradchain/core'
import { constantSchedule, linearSchedule, mulSchedules } from '@gradchain/schedules'
import {
  clipByGlobalNorm,
  decayFirst,
  scaleByAdam,
  scaleByLearningRate,
  scaleByTrustRatio
} from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aBlockCourse, expectSameBlocks } from '../../transforms/src/internal/testing/blocks.js'
import { aCourse, aDecay, anEps, aRate, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { expectWaves } from '../../transforms/src/internal/testing/waves.js'
import { lamb } from './lamb.js'
import { type LambwOptions, lambw } from './lambw.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: anEps,
  epsRoot: anEps,
  muDtype: fc.constantFrom(undefined, 'bfloat16' as const),
  nuDtype: fc.constantFrom(undefined, 'float32' as const)
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

describe('lambw', () => {
  test('is decayFirst around scaleByAdam, scaleByTrustRatio, scaleByLearningRate, with the options handed on', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSameBlocks(
          lambw(falling, { ...options, weightDecay: falling, mask }),
          decayFirst(
            chain(scaleByAdam(options), scaleByTrustRatio(), scaleByLearningRate(falling)),
            mulSchedules(falling, falling),
            { mask }
          ),
          course
        )
      )
    )
  })

  test('is what timm 1.0.29 gives', () => {
    // Lamb(lr=0.1, weight_decay=0.1, decoupled_decay=True), the rate divided by 1 + t at t = 0, 1, 2, …
    expectWaves(
      chain(
        clipByGlobalNorm(1),
        lambw((t) => 0.1 / (1 + t), { weightDecay: 0.1 })
      ),
      [
        [0.38557557061800557, 1.6934242627950353],
        [0.3776149155106658, 1.6686151599614711],
        [0.45683624761695824, 1.5463990467851703]
      ]
    )
    // Lamb(decoupled_decay=True)
    expectWaves(
      chain(clipByGlobalNorm(1), lambw(1e-3)),
      [
        [0.4988897137865, 1.601089284531],
        [0.4987712450981, 1.600765872159],
        [0.5018171055216, 1.596850959004]
      ],
      1e-12
    )
  })

  test('is lamb without a weight decay', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) => expectSameBlocks(lambw(0.1, { weightDecay: 0 }), lamb(0.1), course))
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, weightDecay) =>
        expectSame(lambw(0.1, { weightDecay }), lambw(0.1, { weightDecay: constantSchedule(weightDecay) }), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(lambw(0.1, { b1: 0.9, b2: 0.999, eps: 1e-6, epsRoot: 0, weightDecay: 0.01 }), lambw(0.1), SIX)
  })

  aliasLaws(lambw)

  const make = (options: object) => () => lambw(0.1, options as LambwOptions)
  refuses([
    ['lambw: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1', make({ weightDecay: -0.1 })],
    ['decayFirst: mask.w must be true or false, got 1', make({ mask: { w: 1 } })],
    ['scaleByAdam: b2 must be in [0, 1), got 1', make({ b2: 1 })]
  ])
})
