import { InvalidTree } from '@gradchain/core'
import { jit, numpy as np } from '@jax-js/jax'
import { expect, test } from 'vitest'
import { applyUpdates } from './applyUpdates.js'
import './testing.js'

test('pairs leaves by name, where jax-js pairs them by order', () => {
  const moved = applyUpdates({ a: np.array([1]), b: np.array([10]) }, { b: np.array([0.5]), a: np.array([0.25]) })
  expect([moved.a.js(), moved.b.js()]).toStrictEqual([[1.25], [10.5]])
})

test('consumes what it is given, in lists and under jit as well', () => {
  const [params, updates] = [[np.array([1, 2])], [np.array([3, 4])]]
  const [moved] = jit(applyUpdates as (p: np.Array[], u: np.Array[]) => np.Array[])(params, updates)
  expect(moved?.js()).toStrictEqual([4, 6])
  expect([params[0]?.refCount, updates[0]?.refCount]).toStrictEqual([0, 0])
})

test('refuses other shapes and structures, by their place', () => {
  expect(() => applyUpdates({ w: np.array([1, 2]) }, { w: np.array([1]) })).toThrow(
    new InvalidTree('applyUpdates: updates.w has shape [1], params has [2]')
  )
  expect(() => applyUpdates({ w: np.array([1, 2]) }, {} as never)).toThrow(InvalidTree)
  expect(() => applyUpdates({ w: 1 } as never, { w: 1 } as never)).toThrow(
    new InvalidTree('applyUpdates: params.w and its update must be jax.Arrays')
  )
})
