// An option changes numbers, never the type of the state; and what must be given must be given.
import type { EmptyState, GradientTransformation } from '@gradchain/core'
import type {
  AddDecayedWeightsState,
  ScaleByAdadeltaState,
  ScaleByAdamState,
  ScaleByNadamState,
  ScaleByOptimisticGradientState,
  ScaleByRpropState,
  ScaleByScheduleState
} from '@gradchain/transforms'
import { expectTypeOf } from 'vitest'
import { adabelief } from './adabelief.js'
import { adadelta } from './adadelta.js'
import { type AdafactorState, adafactor } from './adafactor.js'
import { adamaxw } from './adamaxw.js'
import { amsgrad } from './amsgrad.js'
import { nadam } from './nadam.js'
import { nadamw } from './nadamw.js'
import { optimisticAdam } from './optimisticAdam.js'
import { optimisticAdamV2 } from './optimisticAdamV2.js'
import { rprop } from './rprop.js'

const schedule = (step: number): number => 1 / (1 + step)

expectTypeOf(nadam(0.1)).toEqualTypeOf<GradientTransformation<readonly [ScaleByNadamState, ScaleByScheduleState]>>()
expectTypeOf(nadam(schedule, { momentumDecay: 4e-3 })).toEqualTypeOf(nadam(0.1))
expectTypeOf(amsgrad(0.1, { maxOn: 'raw', biasCorrectionMu: false })).toEqualTypeOf(amsgrad(schedule))
expectTypeOf(optimisticAdam(0.1)).toEqualTypeOf<
  GradientTransformation<readonly [ScaleByAdamState, ScaleByOptimisticGradientState, ScaleByScheduleState]>
>()
expectTypeOf(optimisticAdamV2(0.1, { alpha: schedule })).toEqualTypeOf(optimisticAdam(0.1, { optimism: schedule }))
expectTypeOf(rprop(0.1)).toEqualTypeOf<GradientTransformation<readonly [ScaleByRpropState, EmptyState]>>()
expectTypeOf(adafactor()).toEqualTypeOf<GradientTransformation<AdafactorState>>()
expectTypeOf(adafactor(schedule, { momentum: 0.9, clippingThreshold: null })).toEqualTypeOf(adafactor())
expectTypeOf(adadelta()).toEqualTypeOf<
  GradientTransformation<readonly [AddDecayedWeightsState, ScaleByAdadeltaState, ScaleByScheduleState]>
>()

// A mask is a tree, a prefix, an interface, or a function of the params, and leaves the state alone.
interface Flags {
  readonly w: boolean
}
const flags: Flags = { w: true }
expectTypeOf(nadamw(0.1, { mask: flags })).toEqualTypeOf(nadamw(0.1))
expectTypeOf(adamaxw(0.1, { mask: (params: { w: number }) => params.w > 0 })).toEqualTypeOf(adamaxw(0.1))
expectTypeOf(adabelief(0.1, { weightDecay: schedule, weightDecayMask: { w: true } })).toEqualTypeOf(adabelief(0.1))
expectTypeOf(adafactor(0.1, { weightDecayMask: { w: true } })).toEqualTypeOf(adafactor())

// @ts-expect-error -- a learning rate is required
nadam()
// @ts-expect-error -- a first step has no schedule
rprop(schedule)
// @ts-expect-error -- weight decay is nadamw's
nadam(0.1, { weightDecay: 0.1 })
// @ts-expect-error -- Optax's name here is weightDecayMask
adabelief(0.1, { mask: true })
// @ts-expect-error -- one of two words
amsgrad(0.1, { maxOn: 'torch' })
// @ts-expect-error -- the mask holds booleans
adafactor(0.1, { weightDecayMask: { w: 0.1 } })
