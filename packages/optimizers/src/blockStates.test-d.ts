// An option changes numbers, never the type of the state; what is needed beyond params is asked for.
import type { EmptyState, GradientTransformation, StateOf } from '@gradchain/core'
import type { ScaleByPolyakExtra, ScaleByScheduleState, TraceState } from '@gradchain/transforms'
import { expectTypeOf } from 'vitest'
import { type FromageState, fromage } from './fromage.js'
import { type HeavyBallState, heavyBall } from './heavyBall.js'
import { type LambState, lamb } from './lamb.js'
import { type LarsState, lars } from './lars.js'
import { type PolyakSgdState, polyakSgd } from './polyakSgd.js'
import { type SgdState, sgd } from './sgd.js'
import { type SignSgdState, signSgd } from './signSgd.js'
import { type SignumState, signum } from './signum.js'

expectTypeOf(sgd(0.1, { lrPlacement: 'inside', momentum: 0.9, dampening: 0.5 })).toEqualTypeOf<
  GradientTransformation<SgdState>
>()
expectTypeOf(heavyBall(0.1)).toEqualTypeOf<GradientTransformation<HeavyBallState>>()
expectTypeOf<StateOf<ReturnType<typeof heavyBall>>>().toEqualTypeOf<readonly [ScaleByScheduleState, TraceState]>()
expectTypeOf(fromage((step) => step)).toEqualTypeOf<GradientTransformation<FromageState>>()
expectTypeOf(lamb(0.1, { weightDecay: (step) => step, mask: { w: true } })).toEqualTypeOf<
  GradientTransformation<LambState>
>()
expectTypeOf(
  lars(0.1, {
    weightDecayMask: { w: false },
    trustRatioMask: (params: { readonly w: number }) => params.w > 0,
    nesterov: true
  })
).toEqualTypeOf<GradientTransformation<LarsState>>()
expectTypeOf(signSgd(0.1)).toEqualTypeOf<GradientTransformation<SignSgdState>>()
expectTypeOf(signum((step) => step, { beta: 0.5 })).toEqualTypeOf<GradientTransformation<SignumState>>()
expectTypeOf(polyakSgd({ scaling: (step) => step })).toEqualTypeOf<
  GradientTransformation<PolyakSgdState, ScaleByPolyakExtra>
>()
expectTypeOf<PolyakSgdState>().toEqualTypeOf<readonly [ScaleByScheduleState, EmptyState]>()

// @ts-expect-error -- the value of the loss is needed
polyakSgd().update({ w: 1 }, polyakSgd().init({ w: 1 }), { w: 1 })
// @ts-expect-error -- and is a number
polyakSgd().update({ w: 1 }, polyakSgd().init({ w: 1 }), { w: 1 }, { value: '1' })
// @ts-expect-error -- the learning rate is outside or inside
sgd(0.1, { lrPlacement: 'before' })
// @ts-expect-error -- a mask holds booleans
lars(0.1, { trustRatioMask: { w: 1 } })
// @ts-expect-error -- a learning rate is required
heavyBall()
