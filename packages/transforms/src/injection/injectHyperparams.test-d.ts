import { chain, type EmptyState, type GradientTransformation } from '@gradchain/core'
import type { Schedule } from '@gradchain/schedules'
import { expectTypeOf } from 'vitest'
import { bareMomentum, type MomentumState, momentum, timesValue } from '../internal/testing/parts.js'
import { scale } from '../scaling/scale.js'
import { type InjectHyperparamsState, injectHyperparams, type StatefulSchedule } from './injectHyperparams.js'
import { setHyperparams } from './setHyperparams.js'

declare const stateful: StatefulSchedule<{ readonly left: number }, { readonly spent: number }>
declare const either: number | Schedule
declare const params: { readonly w: Float32Array }

// The factory is given numbers, and those that there are.
const tx = injectHyperparams(
  ({ a, b, c }) => {
    expectTypeOf([a, b, c]).toEqualTypeOf<number[]>()
    return chain(momentum(), scale(a * b * c))
  },
  { a: (step) => step / 2, b: 0.9, c: stateful }
)
// @ts-expect-error -- there is no hyperparameter of that name
injectHyperparams(({ learningRate }) => scale(learningRate), { rate: 1 })
// @ts-expect-error -- a hyperparameter is no string
injectHyperparams(({ rate }) => scale(rate), { rate: 'fast' })
// @ts-expect-error -- a schedule gives numbers
injectHyperparams(({ rate }) => scale(rate), { rate: () => 'fast' })

// The state has the hyperparameters by name; that one is 0.9 is no part of the type.
const state = tx.init(params)
expectTypeOf(state.hyperparams).toEqualTypeOf<{ readonly a: number; readonly b: number; readonly c: number }>()
expectTypeOf(state.hyperparamsStates.a).toEqualTypeOf<{ readonly count: number }>()
expectTypeOf(state.hyperparamsStates.b).toEqualTypeOf<null>()
expectTypeOf(state.hyperparamsStates.c).toEqualTypeOf<{ readonly left: number }>()
expectTypeOf(state.innerState).toEqualTypeOf<readonly [MomentumState, EmptyState]>()
expectTypeOf(injectHyperparams(() => scale(1), { b: 0.9 })).toEqualTypeOf<
  GradientTransformation<InjectHyperparamsState<{ readonly b: number }, EmptyState>, unknown>
>()
expectTypeOf(injectHyperparams(() => bareMomentum(), {}).init(params).innerState.count).toEqualTypeOf<number>()

// What a stateful schedule and what the inner transformation need, both.
expectTypeOf(tx.update(params, state, params, { spent: 1 })[0].w).toEqualTypeOf<Float32Array>()
// @ts-expect-error -- what it spent is missing
tx.update(params, state, params)
const both = injectHyperparams(({ c }) => chain(scale(c), timesValue()), { c: stateful })
both.update(params, both.init(params), params, { spent: 1, value: 2 })
// @ts-expect-error -- the value is missing
both.update(params, both.init(params), params, { spent: 1 })

// Numbers can be set; what follows a schedule cannot, and what may be either can.
expectTypeOf(setHyperparams(state, { b: 0.8 })).toEqualTypeOf<typeof state>()
// @ts-expect-error -- it follows a schedule
setHyperparams(state, { a: 0.8 })
// @ts-expect-error -- it follows a schedule
setHyperparams(state, { c: 0.8 })
// @ts-expect-error -- there is none of that name
setHyperparams(state, { d: 0.8 })
const open = injectHyperparams(({ rate }) => scale(rate), { rate: either })
setHyperparams(open.init(params), { rate: 1 })
expectTypeOf(open.init(params).hyperparamsStates.rate).toEqualTypeOf<null | { readonly count: number }>()
