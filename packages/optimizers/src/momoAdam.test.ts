import { chain, definitionOf, type GradientTransformation, transformation } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scale, scaleByMomoAdam } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type MomoAdamOptions, momoAdam } from './momoAdam.js'

const someOptions = fc.record({
  b1: fc.constantFrom(0, 0.5),
  b2: fc.constantFrom(0.5, 0.99),
  eps: fc.constantFrom(1e-8, 1),
  lowerBound: fc.constantFrom(-1, 2),
  weightDecay: fc.constantFrom(0, 0.5),
  adaptLowerBound: fc.boolean()
})
const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

/** With a loss. */
const withLoss = <S>(tx: GradientTransformation<S, { readonly value: number }>): GradientTransformation<S> => {
  const { init, update } = definitionOf('withLoss', tx)
  return transformation<S>({ init, update: (g, state, p) => update(g, state, p, { value: 3 }) })
}

describe('momoAdam', () => {
  test('is scaleByMomoAdam with the sign turned, and the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(
          withLoss(momoAdam(falling, options)),
          withLoss(chain(scaleByMomoAdam(falling, options), scale(-1))),
          course
        )
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(
      withLoss(
        momoAdam(0.01, { b1: 0.9, b2: 0.999, eps: 1e-8, lowerBound: 0, weightDecay: 0, adaptLowerBound: false })
      ),
      withLoss(momoAdam()),
      SIX
    )
  })

  aliasLaws((rate) => withLoss(momoAdam(rate)), 'scaleByMomoAdam')

  const make = (options: object) => () => momoAdam(1, options as MomoAdamOptions)
  refuses([
    ['scaleByMomoAdam: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    [
      'momoAdam: there is no option betas; there are b1, b2, eps, lowerBound, weightDecay, adaptLowerBound',
      make({ betas: [0.9, 0.99] })
    ]
  ])
})
