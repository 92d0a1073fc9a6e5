import { chain, definitionOf, type GradientTransformation, transformation } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { scale, scaleByMomo } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type MomoOptions, momo } from './momo.js'

const someOptions = fc.record({
  beta: fc.constantFrom(0, 0.5),
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

describe('momo', () => {
  test('is scaleByMomo with the sign turned, and the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(withLoss(momo(falling, options)), withLoss(chain(scaleByMomo(falling, options), scale(-1))), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(
      withLoss(momo(1, { beta: 0.9, lowerBound: 0, weightDecay: 0, adaptLowerBound: false })),
      withLoss(momo()),
      SIX
    )
  })

  aliasLaws((rate) => withLoss(momo(rate)), 'scaleByMomo')

  const make = (options: object) => () => momo(1, options as MomoOptions)
  refuses([
    ['scaleByMomo: beta must be in [0, 1), got 1', make({ beta: 1 })],
    [
      'momo: there is no option betas; there are beta, lowerBound, weightDecay, adaptLowerBound',
      make({ betas: [0.9, 0.99] })
    ]
  ])
})
