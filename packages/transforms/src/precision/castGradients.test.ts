import { applyUpdates, chain, type DType, InvalidTree, identity, ndarray, step, transient } from '@gradchain/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { scale } from '../scaling/scale.js'
import { castGradients } from './castGradients.js'

const dtypes: readonly DType[] = ['float32', 'float64', 'bfloat16', 'float16']
const array = (values: readonly number[], dtype: DType) => ({
  w: ndarray(values, [values.length], dtype)
})
const values = fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), { minLength: 5, maxLength: 5 })
const anyDtype = fc.constantFrom(...dtypes)

test('takes gradients of any float dtype in update, in step and in place, with the same bits', () => {
  fc.assert(
    fc.property(values, values, anyDtype, anyDtype, fc.option(anyDtype, { nil: undefined }), (p, g, own, given, to) => {
      const tx = chain(castGradients(to), scaleByAdam(), scale(-0.1))
      const [params, grads] = [array(p, own), array(g, given)]
      const [updates, state] = tx.update(grads, tx.init(params), params)
      expect(updates.w.dtype).toBe(own)
      const after = { params: applyUpdates(params, updates), state }
      const [next, nextState] = step(tx, grads, tx.init(params), params)
      expect({ params: next, state: nextState }).toStrictEqual(after)
      const run = transient(tx, params)
      run.step(grads)
      expect(run.snapshot()).toStrictEqual(after)
      run.dispose()
    }),
    { numRuns: 60 }
  )
})

test('nothing of float32 gradients of 16-bit params is lost by default', () => {
  const params = array([0], 'bfloat16')
  const tx = chain(castGradients(), scale(3))
  // 3 · 1.00390625 = 3.01171875, in bfloat16 3.015625; were the gradient rounded first it would be 3.
  expect(tx.update(array([1.00390625], 'float32'), tx.init(params), params)[0]).toStrictEqual(
    array([3.01171875], 'bfloat16')
  )
  const rounding = chain(castGradients('bfloat16'), scale(3))
  expect(rounding.update(array([1.00390625], 'float32'), rounding.init(params), params)[0]).toStrictEqual(
    array([3], 'bfloat16')
  )
})

test('bare arrays go with one another, numbers stay numbers, and null is null', () => {
  const params = { a: new Float32Array([1]), b: 2, c: null, d: [new Float64Array([3])] }
  const grads = { a: new Float64Array([0.1]), b: 0.1, c: null, d: [new Float32Array([0.5])] }
  expect(castGradients().update(grads, {}, params)[0]).toStrictEqual({
    a: new Float32Array([0.1]),
    b: 0.1,
    c: null,
    d: [new Float64Array([0.5])]
  })
})

test('the views of transient for gradients are in the dtype they are taken in', () => {
  const run = transient(chain(castGradients(), scale(-1)), array([1, 2], 'bfloat16'))
  const { w } = run.grads as unknown as { w: { data: Float32Array; dtype: DType } }
  expect(w.dtype).toBe('float32')
  w.data.set([0.25, 1])
  run.step()
  expect(run.snapshot().params).toStrictEqual(array([0.75, 1], 'bfloat16'))
  expect(run.bytes.grads).toBeGreaterThan(0)
  run.dispose()
})

test('where it does not stand first, gradients are refused, and the message names it', () => {
  const params = array([1], 'bfloat16')
  const grads = array([1], 'float32')
  const told = 'grads.w has dtype float32, params has dtype bfloat16; castGradients takes gradients of any dtype'
  for (const tx of [identity(), chain(scale(1), castGradients())]) {
    expect(() => tx.update(grads, tx.init(params) as never, params)).toThrow(new InvalidTree(`update: ${told}`))
    expect(() => step(tx, grads, tx.init(params), params)).toThrow(new InvalidTree(`update: ${told}`))
    const run = transient(tx, params)
    expect(() => run.step(grads)).toThrow(new InvalidTree(`step: ${told}`))
    run.dispose()
  }
})

test('shapes are looked at all the same', () => {
  const params = array([1, 2], 'bfloat16')
  expect(() => castGradients().update(array([1], 'float32') as never, {}, params)).toThrow(
    'update: grads.w has shape [1], params has [2]'
  )
})

refuses([
  [
    'castGradients: dtype must be one of "float32", "float64", "bfloat16", "float16", got "half"',
    () => castGradients('half' as DType)
  ]
])
