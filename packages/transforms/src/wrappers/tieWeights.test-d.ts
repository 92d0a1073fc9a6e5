import type { EmptyState, GradientTransformation } from '@gradchain/core'
import { expectTypeOf } from 'vitest'
import { type MomentumState, momentum, timesValue } from '../internal/testing/parts.js'
import { type TieWeightsState, tieWeights } from './tieWeights.js'

const params = { embed: new Float32Array(2), head: { w: new Float32Array(2), b: 1 } }
const ties = [['.embed', '.head.w']] as const

// The state is kept, and so is what the inner transformation needs.
expectTypeOf(tieWeights(momentum(), ties)).toEqualTypeOf<
  GradientTransformation<TieWeightsState<MomentumState>, unknown>
>()
const tx = tieWeights(timesValue(), ties)
const state = tx.init(params)
expectTypeOf(state).toEqualTypeOf<TieWeightsState<EmptyState>>()
expectTypeOf(tx.update(params, state, params, { value: 1 })[0].head.b).toEqualTypeOf<number>()
// @ts-expect-error -- the value is missing
tx.update(params, state, params)

// @ts-expect-error -- a list of lists
tieWeights(momentum(), ['.embed', '.head.w'])
// @ts-expect-error -- paths, not arrays
tieWeights(momentum(), [[params.embed, params.head.w]])
// @ts-expect-error -- a function that is no transformation
tieWeights(() => 0, ties)
