import type { AnyGradientTransformation } from '@gradchain/core'
import { constantSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { test } from 'vitest'
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
