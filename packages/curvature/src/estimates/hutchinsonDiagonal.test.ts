import { cast, force, hvp, mul, type NdArray, type Operand, random, square, sum } from '@gradchain/core'
import { expect, test } from 'vitest'
import { distance } from '../internal/testing.js'
import { hutchinsonDiagonal } from './hutchinsonDiagonal.js'

test('is exact where the matrix is diagonal, of any dtype', () => {
  const f = ({ w, b }: { readonly w: Operand; readonly b: Operand }) => sum(mul(b, square(square(w))))
  const diagonal = ({ w }: { readonly w: Operand }) => f({ w, b: 1 })
  const params = { w: Float32Array.of(1, 2, -3) }
  for (const samples of [1, 4]) {
    expect(hutchinsonDiagonal(hvp(diagonal), params, { key: 5, samples })).toStrictEqual({
      w: Float32Array.of(12, 48, 108)
    })
  }
})

/** f = (Σ w)² / 2 and its Hessian of ones. */
const together = ({ w }: { readonly w: Operand }) => mul(0.5, square(sum(w)))
const zeros = { w: new Float64Array(3) }

test('has the diagonal as its mean, and comes nearer with more samples', () => {
  // One estimate is rᵢ Σ rⱼ, of variance 2; the mean of 400 is within 0.32 but once in 10⁵ times.
  const { w } = hutchinsonDiagonal(hvp(together), zeros, { key: 3, samples: 400 })
  expect(distance(w, [1, 1, 1])).toBeLessThan(0.32)
})

test('in 16 bits many samples have the mean that one has', () => {
  const params = { w: force(cast(new Float32Array([3]), 'bfloat16')) as NdArray<'bfloat16'> }
  const { w } = hutchinsonDiagonal((_, v) => v, params, { samples: 300 })
  expect(w.dtype).toBe('bfloat16')
  // 1, where a sum of 300 signs would have ended at 256.
  expect(w.data).toStrictEqual(Uint16Array.of(0x3f80))
})

test('is the same for the same key, and another for another', () => {
  const at = (key: number | random.Key) => [
    ...hutchinsonDiagonal(hvp(together), { w: new Float64Array(64) }, { key }).w
  ]
  expect(at(1)).toStrictEqual(at(random.key(1)))
  expect(at(1)).not.toStrictEqual(at(2))
})

test.each([
  ['hutchinsonDiagonal: product must be a function, got 3', () => hutchinsonDiagonal(3 as never, zeros)],
  ['hutchinsonDiagonal: key must be', () => hutchinsonDiagonal(hvp(together), zeros, { key: 0.5 })],
  [
    'hutchinsonDiagonal: samples must be a whole number ≥ 1, got 0',
    () => hutchinsonDiagonal(hvp(together), zeros, { samples: 0 })
  ]
])('refuses: %s', (message, run) => {
  expect(run).toThrow(message)
})
