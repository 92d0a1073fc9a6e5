import { exp, grad, mul, ndarray, type Operand, sin, square, sum } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { distance } from '../internal/testing.js'
import { type FiniteDifferenceGradientOptions, finiteDifferenceGradient } from './finiteDifferenceGradient.js'

const smooth = ({ w }: { readonly w: Operand }) => sum(mul(sin(w), exp(w)))
const params = { w: Float64Array.of(0.3, -1.7, 2.5) }
const exact = grad(smooth)(params)
const errorOf = (options: FiniteDifferenceGradientOptions): number =>
  distance(finiteDifferenceGradient(smooth, options)(params).w, exact.w)

test.each([
  ['forward', 2],
  ['central', 4]
] as const)('the error of %s falls with its order', (scheme, factor) => {
  const ratio = errorOf({ scheme, step: 2 ** -9 }) / errorOf({ scheme, step: 2 ** -10 })
  expect(ratio / factor).toBeGreaterThan(0.97)
  expect(ratio / factor).toBeLessThan(1.03)
})

test('the steps of each dtype leave a half or two thirds of its digits', () => {
  expect(errorOf({ scheme: 'forward' })).toBeLessThan(1e-6)
  expect(errorOf({})).toBeLessThan(1e-8)
  const single = { w: Float32Array.from(params.w) }
  const wanted = grad(smooth)(single)
  expect(distance(finiteDifferenceGradient(smooth)(single).w, wanted.w)).toBeLessThan(5e-3)
  expect(finiteDifferenceGradient(smooth)(single).w).toBeInstanceOf(Float32Array)
})

test('is exact for a parabola, in the form of the params', () => {
  const f = ({ a, b }: { readonly a: Operand; readonly b: Operand }) => sum(mul(b, square(a)))
  const at = { a: ndarray(Float64Array.of(1, 2), [2, 1]), b: 3 }
  const found = finiteDifferenceGradient(f, { step: 2 ** -10 })(at)
  expect(found).toStrictEqual({ a: ndarray(Float64Array.of(6, 12), [2, 1]), b: 5 })
})

test('moves each param by its own size, or the typical one', () => {
  const seen: number[][] = []
  const f = ({ w }: { readonly w: Float64Array }): number => {
    seen.push([...w])
    // What it is given is its own.
    w.fill(Number.NaN)
    return 0
  }
  finiteDifferenceGradient(f, { scheme: 'forward', step: 2 ** -4, typical: 0.5 })({ w: Float64Array.of(-32, 0) })
  expect(seen).toStrictEqual([
    [-32, 0],
    [-30, 0],
    [-32, 2 ** -5]
  ])
})

describe('evaluations are bounded', () => {
  test.each([
    ['forward', 4],
    ['central', 6]
  ] as const)('%s', (scheme, cost) => {
    let calls = 0
    const f = (): number => calls++
    finiteDifferenceGradient(f, { scheme, maxEvaluations: cost })(params)
    expect(calls).toBe(cost)
    expect(() => finiteDifferenceGradient(f, { scheme, maxEvaluations: cost - 1 })(params)).toThrow(
      `finiteDifferenceGradient: maxEvaluations must be at least ${cost} for so many params, got ${cost - 1}`
    )
    expect(calls).toBe(cost)
  })
})

test('is NaN where the loss is', () => {
  expect(finiteDifferenceGradient(() => Number.NaN)({ w: 1 })).toStrictEqual({ w: Number.NaN })
})

test('gives nothing for nothing', () => {
  expect(finiteDifferenceGradient(() => 1, { scheme: 'forward' })({ w: new Float64Array(0) })).toStrictEqual({
    w: new Float64Array(0)
  })
})

test.each([
  ['finiteDifferenceGradient: f must be a function, got 3', () => finiteDifferenceGradient(3 as never)],
  [
    'finiteDifferenceGradient: f must give a number or a lazy scalar, got',
    () => finiteDifferenceGradient((p: typeof params) => p.w as never)(params)
  ],
  [
    'finiteDifferenceGradient: scheme must be one of "forward", "central", got "complex"',
    () => finiteDifferenceGradient(smooth, { scheme: 'complex' as never })
  ],
  [
    'finiteDifferenceGradient: step must be a finite number > 0, got 0',
    () => finiteDifferenceGradient(smooth, { step: 0 })
  ],
  [
    'finiteDifferenceGradient: typical must be a finite number > 0, got 0',
    () => finiteDifferenceGradient(smooth, { typical: 0 })
  ],
  [
    'finiteDifferenceGradient: maxEvaluations must be a whole number ≥ 1, got 0',
    () => finiteDifferenceGradient(smooth, { maxEvaluations: 0 })
  ]
])('refuses: %s', (message, run) => {
  expect(run).toThrow(message)
})
