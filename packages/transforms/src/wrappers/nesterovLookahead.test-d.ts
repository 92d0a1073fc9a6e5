import type { EmptyState, GradientTransformation } from '@gradchain/core'
import { expectTypeOf } from 'vitest'
import { scale } from '../scaling/scale.js'
import { type ScaleByPolyakExtra, scaleByPolyak } from '../scaling/scaleByPolyak.js'
import { lookaheadParams } from './lookaheadParams.js'
import { type NesterovLookaheadState, nesterovLookahead } from './nesterovLookahead.js'

interface Model {
  readonly w: Float32Array
  readonly b: number
}
declare const model: Model

const tx = nesterovLookahead(scale(-1), 0.9)
expectTypeOf(tx).toEqualTypeOf<GradientTransformation<NesterovLookaheadState<EmptyState>>>()
expectTypeOf(lookaheadParams(model, tx.init(model)).w).toEqualTypeOf<Float32Array>()

// What the inner transformation needs, the whole needs.
const polyak = nesterovLookahead(scaleByPolyak(), 0.9)
expectTypeOf(polyak).toEqualTypeOf<GradientTransformation<NesterovLookaheadState<EmptyState>, ScaleByPolyakExtra>>()
polyak.update(model, polyak.init(model), model, { value: 1 })
// @ts-expect-error -- the value of the loss is needed
polyak.update(model, polyak.init(model), model)

// @ts-expect-error -- the momentum is a number, not an option
nesterovLookahead(scale(-1), { momentum: 0.9 })
// @ts-expect-error -- another state
lookaheadParams(model, scale(-1).init(model))
