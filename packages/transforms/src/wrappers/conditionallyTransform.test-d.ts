import type { GradientTransformation } from '@gradchain/core'
import { expectTypeOf } from 'vitest'
import { type MomentumState, momentum, timesValue } from '../internal/testing/parts.js'
import { conditionallyMask } from './conditionallyMask.js'
import { type ConditionallyTransformState, conditionallyTransform } from './conditionallyTransform.js'

const params = { w: 1 }

// A condition on the step alone needs nothing more.
const free = conditionallyTransform(momentum(), (step) => step > 2)
expectTypeOf(free).toEqualTypeOf<GradientTransformation<ConditionallyTransformState<MomentumState>, unknown>>()
free.update(params, free.init(params), params)

// What the inner transformation needs, the condition knows of.
conditionallyTransform(timesValue(), (_, extra) => {
  expectTypeOf(extra).toEqualTypeOf<{ readonly value: number }>()
  return extra.value > 0
})

// What the condition asks for, the update needs; both ask for theirs.
const asking = conditionallyTransform(momentum(), (_, { loss }: { loss: number }) => loss < 1)
asking.update(params, asking.init(params), params, { loss: 1 })
// @ts-expect-error -- the loss is missing
asking.update(params, asking.init(params), params)
const both = conditionallyMask(timesValue(), (_, { loss }: { loss: number }) => loss < 1)
both.update(params, both.init(params), params, { loss: 1, value: 2 })
// @ts-expect-error -- the value is missing
both.update(params, both.init(params), params, { loss: 1 })

// @ts-expect-error -- a condition gives a boolean
conditionallyMask(momentum(), (step) => step)
