import { type EmptyState, type GradientTransformation, type Leaf, type Tree, tree } from '@gradchain/core'
import { expectTypeOf } from 'vitest'
import { bareMomentum, type MomentumState, momentum, timesValue } from '../internal/testing/parts.js'
import type { Mask } from './mask.js'
import { type MaskedState, masked } from './masked.js'

interface Params {
  readonly dense: { readonly kernel: Float32Array; readonly bias: number }
  readonly layers: readonly Float32Array[]
}

interface ParamsMask {
  readonly dense: boolean
  readonly layers: readonly boolean[]
}

declare const params: Params
declare const mask: ParamsMask
declare const record: Record<string, boolean>

// The state is kept, and so is what the inner transformation needs.
expectTypeOf(masked(momentum(), true)).toEqualTypeOf<GradientTransformation<MaskedState<MomentumState>, unknown>>()
expectTypeOf(masked(timesValue(), true)).toEqualTypeOf<
  GradientTransformation<MaskedState<EmptyState>, { readonly value: number }>
>()
const tx = masked(timesValue(), true)
const state = tx.init(params)
expectTypeOf(state).toEqualTypeOf<MaskedState<EmptyState>>()
expectTypeOf(tx.update(params, state, params, { value: 1 })[0].dense.bias).toEqualTypeOf<number>()
// @ts-expect-error -- the value is missing
tx.update(params, state, params)
expectTypeOf(masked(bareMomentum(), true).init(params).innerState.count).toEqualTypeOf<number>()

// Masks: a boolean, a tree, whatever its type is, and a function of the params, whatever it takes them to be.
masked(momentum(), { dense: true, layers: [true, false] })
masked(momentum(), [true, [false, null]] as const)
masked(momentum(), mask)
masked(momentum(), record)
masked(momentum(), (values) => {
  expectTypeOf(values).toEqualTypeOf<Tree<Leaf>>()
  return tree.map((p) => typeof p !== 'number', values)
})
masked(momentum(), (values: Params) => ({ dense: values.dense.bias > 0, layers: values.layers.map(() => true) }))
masked(momentum(), (values: Params) => values.dense.bias > 0)
masked(momentum(), (_: Params) => mask)
masked(momentum(), () => true)
const stored: Mask = { dense: true }
masked(momentum(), stored)

// @ts-expect-error -- a mask holds nothing but booleans
masked(momentum(), { dense: 1 })
// @ts-expect-error -- a mask holds nothing but booleans
masked(momentum(), params)
// @ts-expect-error -- a mask is no string
masked(momentum(), 'dense')
// @ts-expect-error -- a mask holds nothing but booleans
masked(momentum(), () => 'dense')
// @ts-expect-error -- a mask holds nothing but booleans
masked(momentum(), (values: Params) => values)
// @ts-expect-error -- a function that is no transformation
masked(() => 0, true)
