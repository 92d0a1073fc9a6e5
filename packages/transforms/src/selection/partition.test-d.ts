import { type EmptyState, type GradientTransformation, identity, type Leaf, type Tree } from '@gradchain/core'
import { expectTypeOf } from 'vitest'
import { bareMomentum, type MomentumState, momentum, timesValue } from '../internal/testing/parts.js'
import { type PartitionState, partition } from './partition.js'

interface Params {
  readonly kernel: Float32Array
  readonly bias: number
}

interface ParamsLabels {
  readonly kernel: 'a' | 'b'
  readonly bias: 'b'
}

declare const params: Params
declare const labels: ParamsLabels

// Each state keeps its type, by label; what the parts need is needed by the whole.
const tx = partition({ a: momentum(), b: timesValue() }, 'a')
const state = tx.init(params)
expectTypeOf(state.innerStates.a).toEqualTypeOf<MomentumState>()
expectTypeOf(state.innerStates.b).toEqualTypeOf<EmptyState>()
// @ts-expect-error -- there is no such label
state.innerStates.c
expectTypeOf(tx.update(params, state, params, { value: 1 })[0]).toEqualTypeOf<{
  readonly kernel: Float32Array
  readonly bias: number
}>()
// @ts-expect-error -- the value is missing
tx.update(params, state, params)

const free = partition({ a: momentum(), b: identity() }, 'a')
expectTypeOf(free).toEqualTypeOf<
  GradientTransformation<
    PartitionState<{
      readonly a: GradientTransformation<MomentumState>
      readonly b: GradientTransformation<EmptyState>
    }>,
    unknown
  >
>()
free.update(params, free.init(params), params)
expectTypeOf(partition({ bare: bareMomentum() }, 'bare').init(params).innerStates.bare.count).toEqualTypeOf<number>()

partition({ a: momentum(), b: identity() }, { kernel: 'a', bias: 'b' })
partition({ a: momentum(), b: identity() }, labels)
partition({ a: momentum(), b: identity() }, (values) => {
  expectTypeOf(values).toEqualTypeOf<Tree<Leaf>>()
  return 'a'
})
partition({ a: momentum(), b: identity() }, (values: Params) => ({ kernel: values.bias > 0 ? 'a' : 'b', bias: 'b' }))
partition({ a: momentum(), b: identity() }, (_: Params) => labels)

// @ts-expect-error -- a label is a string
partition({ a: momentum() }, { kernel: true, bias: 'a' })
// @ts-expect-error -- a label is a string
partition({ a: momentum() }, () => 1)
// @ts-expect-error -- a part is a transformation
partition({ a: 1 }, 'a')
