import { type GradientTransformation, ndarray, type Tree } from '@gradchain/core'
import { expectTypeOf } from 'vitest'
import { type ScaleByAdamOptions, type ScaleByAdamState, scaleByAdam } from './scaleByAdam.js'

expectTypeOf(scaleByAdam).parameter(0).toEqualTypeOf<ScaleByAdamOptions | undefined>()
expectTypeOf(scaleByAdam).returns.toEqualTypeOf<GradientTransformation<ScaleByAdamState>>()
expectTypeOf<ScaleByAdamState>().toEqualTypeOf<{ readonly count: number; readonly mu: Tree; readonly nu: Tree }>()

// Updates have the type of the params, interfaces and tuples included; a number is any number.
interface Params {
  readonly kernel: ReturnType<typeof kernelOf>
  readonly pair: readonly [Float32Array, 1]
}
const kernelOf = () => ndarray(new Float64Array(4), [2, 2])
const params: Params = { kernel: kernelOf(), pair: [new Float32Array(1), 1] }
const tx = scaleByAdam({ muDtype: 'bfloat16' })
const [updates, state] = tx.update(params, tx.init(params), params)
expectTypeOf(state).toEqualTypeOf<ScaleByAdamState>()
expectTypeOf(updates.kernel).toEqualTypeOf<Params['kernel']>()
expectTypeOf(updates.pair).toEqualTypeOf<readonly [Float32Array, number]>()

// @ts-expect-error -- options have Optax's names
scaleByAdam({ beta1: 0.9 })
// @ts-expect-error -- there is no such dtype
scaleByAdam({ muDtype: 'float8' })
// @ts-expect-error -- a decay rate is a number, not a schedule
scaleByAdam({ b1: (step: number) => step })
// @ts-expect-error -- the state of another transformation
tx.update(params, { count: 0, trace: params }, params)
// @ts-expect-error -- params are always an argument
tx.update(params, state)
