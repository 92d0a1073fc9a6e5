// An option changes numbers, never the type of the state.
import type { GradientTransformation, StateOf } from '@gradchain/core'
import type { ScaleByAdamState, ScaleByScheduleState } from '@gradchain/transforms'
import { expectTypeOf } from 'vitest'
import { type AdamState, adam } from './adam.js'
import { type AdamwState, adamw } from './adamw.js'
import { type LionState, lion } from './lion.js'
import { type RmspropState, rmsprop } from './rmsprop.js'
import { type SgdState, sgd } from './sgd.js'

expectTypeOf(adam(0.1)).toEqualTypeOf<GradientTransformation<AdamState>>()
expectTypeOf(adam((step) => step, { nesterov: true, muDtype: 'float64' })).toEqualTypeOf(adam(0.1))
expectTypeOf<StateOf<ReturnType<typeof adam>>>().toEqualTypeOf<readonly [ScaleByAdamState, ScaleByScheduleState]>()

expectTypeOf(adamw(0.1)).toEqualTypeOf<GradientTransformation<AdamwState>>()
expectTypeOf(adamw(0.1, { weightDecay: (step) => step, mask: { w: true } })).toEqualTypeOf(adamw(0.1))
expectTypeOf(adamw(0.1, { mask: (params: { w: number }) => params.w > 0 })).toEqualTypeOf(adamw(0.1))

expectTypeOf(lion(0.1)).toEqualTypeOf<GradientTransformation<LionState>>()
expectTypeOf(lion(0.1, { weightDecay: 0, mask: (params: { w: number }) => params.w > 0 })).toEqualTypeOf(lion(0.1))

expectTypeOf(sgd(0.1)).toEqualTypeOf<GradientTransformation<SgdState>>()
expectTypeOf(sgd(0.1, { momentum: 0.9, nesterov: true })).toEqualTypeOf(sgd(0.1))

expectTypeOf(rmsprop(0.1)).toEqualTypeOf<GradientTransformation<RmspropState>>()
expectTypeOf(rmsprop(0.1, { centered: true, momentum: 0.9 })).toEqualTypeOf(rmsprop(0.1))

// @ts-expect-error -- a learning rate is required
adam()
// @ts-expect-error -- weight decay is adamw's
adam(0.1, { weightDecay: 0.1 })
// @ts-expect-error -- the mask is for the decay, and holds booleans
adamw(0.1, { mask: { w: 0.1 } })
// @ts-expect-error -- the state of another optimizer
adam(0.1).update({ w: 1 }, lion(0.1).init({ w: 1 }), { w: 1 })
