import { chain, type EmptyState, type GradientTransformation, identity } from '@gradchain/core'
import { expectTypeOf } from 'vitest'
import { scaleByStaleness } from './scaleByStaleness.js'
import { type StaleGradientsState, staleGradients } from './staleGradients.js'

// What is inside keeps its state.
expectTypeOf(staleGradients(identity(), { delay: 1 })).toEqualTypeOf<
  GradientTransformation<StaleGradientsState<EmptyState>, unknown>
>()

// The staleness is given, and needs no argument; what else is asked for does.
const late = staleGradients(chain(scaleByStaleness()), { delay: 1 })
late.update({ w: 1 }, late.init({ w: 1 }), { w: 1 })
declare const valued: GradientTransformation<EmptyState, { readonly staleness: number; readonly value: number }>
const both = staleGradients(valued, { delay: 1 })
both.update({ w: 1 }, both.init({ w: 1 }), { w: 1 }, { value: 1 })
// @ts-expect-error -- the value of the loss is missing
both.update({ w: 1 }, both.init({ w: 1 }), { w: 1 })
// @ts-expect-error -- outside of staleGradients the staleness is to be given
scaleByStaleness().update({ w: 1 }, {}, { w: 1 })
