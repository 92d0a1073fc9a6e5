import { expect, expectTypeOf, test } from 'vitest'
import type { Expr, Operand } from '../expression/expr.js'
import { add, dot, lift, mul, square, sum, sumSquares, type Value } from '../expression/operations.js'
import { force } from '../transformation/force.js'
import { grad } from './grad.js'
import { hvp } from './hvp.js'
import { jvp } from './jvp.js'
import { valueAndGrad } from './valueAndGrad.js'
import { vjp } from './vjp.js'

interface Line {
  readonly w: Operand
  readonly b: Operand
}

const x = Float32Array.of(1, 2)
const line = { w: Float32Array.of(3, 4), b: 5 }

/** s (⟨w, x⟩ + b)², between what it is not differentiated by. */
const loss = (x: Float32Array, { w, b }: Line, s = 1): Value => mul(s, square(add(dot(w, x), b)))

test('the argument of that number holds the params, and the others keep their order', () => {
  const by = valueAndGrad(loss, { argnum: 1 })
  const [value, gradient] = by(x, line)
  expectTypeOf(value).toEqualTypeOf<number>()
  expectTypeOf(gradient).toEqualTypeOf<{ w: Float32Array<ArrayBuffer>; b: number }>()
  expect([value, gradient]).toStrictEqual([256, { w: Float32Array.of(32, 64), b: 32 }])
  expect(by(x, line, 2)).toStrictEqual([512, { w: Float32Array.of(64, 128), b: 64 }])
  expect(grad(loss, { argnum: 1 })(x, line, 2)).toStrictEqual({ w: Float32Array.of(64, 128), b: 64 })
})

test('argnum 0 is what is differentiated unasked', () => {
  const f = (p: Operand, q: Float32Array): Value => dot(square(p), q)
  expect(grad(f, { argnum: 0 })(x, x)).toStrictEqual(grad(f)(x, x))
  expect(hvp(f, { argnum: 0 })(x, x, x)).toStrictEqual(hvp(f)(x, x, x))
})

test('each argument has its own derivative', () => {
  const f = (a: Operand, b: Operand, c: Operand): Value => mul(a, mul(square(b), mul(c, mul(c, c))))
  const given = [2, 3, 5] as const
  const lazy = [lift(2), lift(3), lift(5)] as const
  const found = [
    grad((a: Operand, b: number, c: number) => f(add(a, lift(0)), b, c))(...given),
    grad((a: number, b: Operand, c: number) => f(a, b, c), { argnum: 1 })(...given),
    grad((a: number, b: number, c: Operand) => f(a, b, c), { argnum: 2 })(...given)
  ]
  expect(found).toStrictEqual([1125, 1500, 1350])
  expect(force(grad(f, { argnum: 2 })(...lazy) as Expr)).toBe(1350)
})

test('what stands beside the params follows them', () => {
  const f = (s: number, p: Operand, t: number): Value => mul(s, mul(t, sumSquares(p)))
  expect(hvp(f, { argnum: 1 })(2, x, Float32Array.of(1, 10), 3)).toStrictEqual(Float32Array.of(12, 120))
  const results = (s: number, p: Operand, t: number) => ({ scaled: mul(s, p), total: mul(t, sum(p)) })
  const cotangent = { scaled: Float32Array.of(1, 10), total: 100 }
  expect(vjp(results, { argnum: 1 })(2, x, cotangent, 3)).toStrictEqual([
    { scaled: Float32Array.of(2, 4), total: 9 },
    Float32Array.of(302, 320)
  ])
  expect(jvp(results, { argnum: 1 })(2, x, Float32Array.of(1, 10), 3)).toStrictEqual([
    { scaled: Float32Array.of(2, 4), total: 9 },
    { scaled: Float32Array.of(2, 20), total: 33 }
  ])
})

test('goes with hasAux', () => {
  const f = (name: string, p: Operand) => [sumSquares(p), { name, twice: mul(2, p) }] as const
  const aux = { name: 'n', twice: Float32Array.of(2, 4) }
  const [[value, besides], gradient] = valueAndGrad(f, { argnum: 1, hasAux: true })('n', x)
  expectTypeOf(besides.name).toEqualTypeOf<string>()
  expect([value, besides, gradient]).toStrictEqual([5, aux, Float32Array.of(2, 4)])
  expect(grad(f, { argnum: 1, hasAux: true })('n', x)).toStrictEqual([Float32Array.of(2, 4), aux])
})

test('a gradient can be differentiated by another argument', () => {
  const f = (a: Operand, b: Operand): Value => mul(square(a), mul(b, mul(b, b)))
  // ∂²(a² b³) / ∂a ∂b = 6 a b²
  const mixed = grad((a: number, b: Operand): Value => grad(f)(lift(a), lift(b)) as Value, { argnum: 1 })
  expect(mixed(2, 3)).toBe(108)
})

test.each([-1, 0.5, NaN, '1'])('refuses argnum %s', (argnum) => {
  for (const [name, differentiate] of Object.entries({ valueAndGrad, grad, vjp, jvp, hvp })) {
    const made = differentiate as (f: unknown, options: unknown) => unknown
    expect(() => made(loss, { argnum })).toThrow(`${name}: argnum must be a whole number ≥ 0, got`)
  }
})

test('refuses an argument that f does not have, or that is no tree', () => {
  const f = (s: number, p: Operand): Value => mul(s, sumSquares(p))
  // @ts-expect-error -- f has two arguments
  expect(() => grad(f, { argnum: 2 })(1, x)).toThrow('grad: params is undefined')
  // @ts-expect-error -- a number is not to be differentiated by: it would be an expression in f
  expect(grad(f, { argnum: 0 })(3, x)).toBe(5)
  // @ts-expect-error -- the other arguments are checked too
  expect(() => grad(f, { argnum: 1 })(1, 'x')).toThrow('grad: params is "x"')
})
