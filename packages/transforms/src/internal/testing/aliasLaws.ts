import { type AnyGradientTransformation, chain } from '@gradchain/core'
import { constantSchedule, linearSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { test } from 'vitest'
import { addDecayedWeights } from '../../decay/addDecayedWeights.js'
import { scaleByLearningRate } from '../../scaling/scaleByLearningRate.js'
import { aCourse, aRate, expectSame, refuses } from './courses.js'

/** What holds of the learning rate of every alias. */
export const aliasLaws = (
  alias: (learningRate: ScalarOrSchedule) => AnyGradientTransformation,
  owner = 'scaleByLearningRate'
): void => {
  test('takes a number for its constant schedule, bit for bit', () => {
    fc.assert(
      fc.property(aCourse(), aRate, (course, rate) => expectSame(alias(rate), alias(constantSchedule(rate)), course))
    )
  })

  const wanted = `${owner}: learningRate must be a finite number ≥ 0 or a schedule`
  refuses([
    [`${wanted}, got -1`, () => alias(-1)],
    [`${wanted}, got NaN`, () => alias(Number.NaN)],
    // @ts-expect-error -- a learning rate is no text
    [`${wanted}, got "0.1"`, () => alias('0.1')],
    // @ts-expect-error -- what Optax takes for no scaling
    [`${wanted}, got null`, () => alias(null)]
  ])
}

const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })

/** What holds of an alias that is a part and its learning rate. */
export const ratedPartLaws = <O extends object>(
  alias: (learningRate: ScalarOrSchedule, options?: O) => AnyGradientTransformation,
  part: (options?: O) => AnyGradientTransformation,
  someOptions: fc.Arbitrary<O>
): void => {
  test('is its part and the learning rate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(alias(falling, options), chain(part(options), scaleByLearningRate(falling)), course)
      )
    )
  })

  test('has the defaults of its part', () => {
    fc.assert(
      fc.property(aCourse(), (course) => expectSame(alias(0.1), chain(part(), scaleByLearningRate(0.1)), course))
    )
  })

  aliasLaws(alias)
}

interface Decay {
  readonly weightDecay?: ScalarOrSchedule
  readonly mask?: boolean
}

/** What holds of an alias that is a part, decoupled weight decay and the learning rate. */
export const decayedPartLaws = <O extends object>(
  name: string,
  alias: (learningRate: ScalarOrSchedule, options?: O & Decay) => AnyGradientTransformation,
  part: (options?: O) => AnyGradientTransformation,
  someOptions: fc.Arbitrary<O>,
  defaultDecay = 0
): void => {
  test('is its part, addDecayedWeights and the learning rate, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, fc.boolean(), (course, options, mask) =>
        expectSame(
          alias(falling, { ...options, weightDecay: falling, mask }),
          chain(part(options), addDecayedWeights(falling, { mask }), scaleByLearningRate(falling)),
          course
        )
      )
    )
  })

  test('has the defaults of its part', () => {
    fc.assert(
      fc.property(aCourse(), (course) =>
        expectSame(
          alias(0.1),
          chain(part(), addDecayedWeights(defaultDecay, { mask: true }), scaleByLearningRate(0.1)),
          course
        )
      )
    )
  })

  test('takes a weight decay that is a number for its constant schedule, bit for bit', () => {
    const withDecay = (weightDecay: ScalarOrSchedule) => alias(0.1, { weightDecay } as O & Decay)
    fc.assert(
      fc.property(aCourse(), aRate, (course, weightDecay) =>
        expectSame(withDecay(weightDecay), withDecay(constantSchedule(weightDecay)), course)
      )
    )
  })

  aliasLaws(alias)
  refuses([
    [
      `${name}: weightDecay must be a finite number ≥ 0 or a schedule, got -0.1`,
      () => alias(0.1, { weightDecay: -0.1 } as O & Decay)
    ]
  ])
}
