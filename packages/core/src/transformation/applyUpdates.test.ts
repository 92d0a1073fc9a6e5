import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { withEngine } from '../engine/evaluate.js'
import { InvalidTree } from '../errors.js'
import { Expr } from '../expression/expr.js'
import { lift } from '../expression/operations.js'
import { applyUpdates } from './applyUpdates.js'
import { areApart, counting } from './testing.js'

test('adds in the dtype of the params', () => {
  fc.assert(
    fc.property(fc.float(), fc.float(), fc.double(), fc.double(), (a, b, c, d) => {
      const sum = applyUpdates(
        { x: Float32Array.of(a), y: [Float64Array.of(c), c] },
        { x: Float32Array.of(b), y: [Float64Array.of(d), d] }
      )
      expect(sum).toStrictEqual({ x: Float32Array.of(a + b), y: [Float64Array.of(c + d), c + d] })
    })
  )
})

test('16-bit arrays are added in float32 and rounded', () => {
  const [p, u] = [ndarray([1, 256], [2], 'bfloat16'), ndarray([1 / 256, 1], [2], 'bfloat16')]
  expect(applyUpdates({ p }, { p: u })).toStrictEqual({ p: ndarray([1, 256], [2], 'bfloat16') })
  expect(applyUpdates(p, ndarray([1 / 128, 3], [2], 'bfloat16'))).toStrictEqual(
    ndarray([1 + 1 / 128, 260], [2], 'bfloat16')
  )
})

test('keys go by name, null stays, the form of the params is kept, in one evaluation', () => {
  const params = { b: Float32Array.of(1), a: null, k: ndarray(new Float32Array([1, 2]), [1, 2]) }
  const updates = { k: ndarray(new Float32Array([3, 4]), [1, 2]), b: Float32Array.of(2), a: null }
  const before = structuredClone([params, updates])
  const { engine, evaluations } = counting()
  const next = withEngine(engine, () => applyUpdates(params, updates))
  expect(next).toStrictEqual({ b: Float32Array.of(3), a: null, k: ndarray(new Float32Array([4, 6]), [1, 2]) })
  expect(Object.keys(next)).toEqual(['b', 'a', 'k'])
  expect(areApart(params, updates, next)).toBe(true)
  expect([params, updates]).toStrictEqual(before)
  expect(evaluations).toHaveLength(1)
})

test('lazy params stay lazy', () => {
  const sum = applyUpdates({ w: lift(Float32Array.of(1)) }, { w: lift(Float32Array.of(2)) })
  expect(sum.w).toBeInstanceOf(Expr)
  expect((sum.w as Expr).data).toBeNull()
})

test.each([
  [{ w: Float32Array.of(1) }, { v: Float32Array.of(1) }, 'applyUpdates: updates has no "w", params has it'],
  [{ w: Float32Array.of(1) }, { w: Float32Array.of(1, 2) }, 'applyUpdates: updates.w has shape [2], params has [1]'],
  [
    { w: Float32Array.of(1) },
    { w: Float64Array.of(1) },
    'applyUpdates: updates.w has dtype float64, params has dtype float32'
  ],
  [{ w: Float32Array.of(1) }, { w: 1 }, 'applyUpdates: updates.w is a number, params has dtype float32'],
  [
    { w: [1] },
    { w: ['a'] },
    'applyUpdates: updates.w[0] is "a"; a leaf must be a number, a Float32Array, a Float64Array or an NdArray'
  ]
])('%o and %o do not fit', (params, updates, message) => {
  expect(() => applyUpdates(params, updates as never)).toThrow(new InvalidTree(message))
})
