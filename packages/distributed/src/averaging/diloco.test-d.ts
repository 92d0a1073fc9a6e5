import type { EmptyState, GradientTransformation } from '@gradchain/core'
import { identity } from '@gradchain/core'
import type { SgdState } from '@gradchain/optimizers'
import { expectTypeOf } from 'vitest'
import { solo } from '../communicators/solo.js'
import { type DilocoState, diloco } from './diloco.js'

// The states of both are kept, also of the outer one that nobody named.
expectTypeOf(diloco(identity(), solo(), { every: 2 })).toEqualTypeOf<
  GradientTransformation<DilocoState<EmptyState, SgdState>, unknown>
>()
expectTypeOf(diloco(identity(), solo(), { every: 2, outer: identity() })).toEqualTypeOf<
  GradientTransformation<DilocoState<EmptyState, EmptyState>, unknown>
>()

// What either asks for must be given.
declare const valued: GradientTransformation<EmptyState, { readonly value: number }>
const tx = diloco(identity(), solo(), { every: 2, outer: valued })
// @ts-expect-error -- the value of the loss is missing
tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 })
