import type { NdArray } from '@gradchain/core'
import { type AdamState, adam } from '@gradchain/optimizers'
import type { Either } from 'fp-ts/lib/Either.js'
import { expectTypeOf, test } from 'vitest'
import type { CheckpointError } from '../error.js'
import type { TensorTree } from '../tensor.js'
import { type FromPytorch, fromPytorch } from './fromPytorch.js'
import { toPytorch } from './toPytorch.js'

declare const file: TensorTree
declare const params: { readonly w: NdArray<'float32'>; readonly b: Float32Array }

test('params are like others, or a tree', () => {
  expectTypeOf(fromPytorch(file, { like: params })).toEqualTypeOf<Either<CheckpointError, typeof params>>()
  expectTypeOf(fromPytorch(file, { at: ['model'] })).toEqualTypeOf<Either<CheckpointError, TensorTree>>()
})

test('a state is that of the optimizer, or of what the function makes', () => {
  const optimizer = adam(0.1)
  const resumed = fromPytorch(file, { optimizer, params })
  expectTypeOf(resumed).toEqualTypeOf<Either<CheckpointError, FromPytorch<typeof optimizer>>>()
  const made = fromPytorch(file, { optimizer: ([{ lr }]) => adam(lr), params })
  if (made._tag === 'Right') expectTypeOf(made.right.state).toEqualTypeOf<AdamState>()
})

test('only a state of the optimizer is written', () => {
  const optimizer = adam(0.1)
  const options = { optimizer, params, algorithm: 'Adam', groups: [] } as const
  toPytorch(optimizer.init(params), options)
  // @ts-expect-error -- the state of another optimizer
  toPytorch({ count: 0 }, options)
})
