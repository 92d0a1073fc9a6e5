import { describe, expect, test } from 'vitest'
import type { NdArray } from '../array/ndarray.js'
import { ndarray } from '../array/ndarray.js'
import type { Expr, Operand } from '../expression/expr.js'
import { dot, mul, type OpaqueOptions, opaque, sum } from '../expression/operations.js'
import { checkGradients } from './checkGradients.js'
import { grad } from './grad.js'
import { hvp } from './hvp.js'

// x ↦ x³ on arrays, with a derivative out of itself.
const cubed = (x: Operand): Expr =>
  opaque(
    ({ data }) => (data as Float64Array).map((v) => v ** 3),
    [x],
    { like: x },
    {
      vjp: (dy, [a]) => [mul(dy, mul(3, mul(a as Expr, a as Expr)))]
    }
  )

test('an opaque function with a derivative is differentiated, twice', () => {
  const f = (x: Operand) => dot(cubed(x), Float64Array.of(1, 10))
  const x = Float64Array.of(2, 3)
  expect(grad(f)(x)).toStrictEqual(Float64Array.of(12, 270))
  expect(hvp(f)(x, Float64Array.of(1, 1))).toStrictEqual(Float64Array.of(12, 180))
  expect(checkGradients(f, x).agrees).toBe(true)
})

test('of several operands, some without a derivative', () => {
  const scaled = (x: Operand, y: Operand): Expr =>
    opaque(
      (a, b) => (a as NdArray<'float32'>).data.map((v, i) => v * ((b as NdArray).data[i] as number)),
      [x, y],
      { like: x },
      { vjp: (dy, [, b]) => [mul(dy, b as Expr), null] }
    )
  const at = [Float32Array.of(1, 2), Float32Array.of(3, 4)] as const
  expect(grad(([x, y]: readonly [Operand, Operand]) => sum(scaled(x, y)))(at)).toStrictEqual([
    Float32Array.of(3, 4),
    Float32Array.of(0, 0)
  ])
})

test('one on which nothing depends needs none', () => {
  const noise = opaque(({ data }) => data.slice(), [Float32Array.of(1, 2)], { dtype: 'float32', shape: [2] })
  expect(grad((x: Operand) => dot(x, noise))(Float32Array.of(0, 0))).toStrictEqual(Float32Array.of(1, 2))
})

test('a vjp that is wrong is found', () => {
  const wrong = (x: Operand) =>
    sum(opaque(({ data }) => data.map((v) => 2 * v) as Float64Array, [x], { like: x }, { vjp: (dy) => [dy] }))
  const { agrees, checked, mismatches } = checkGradients(wrong, Float64Array.of(1, 2))
  expect([agrees, checked]).toStrictEqual([false, 2])
  expect(mismatches.map(({ path }) => path).sort()).toEqual(['[0]', '[1]'])
  for (const { given, numeric } of mismatches) expect([given, numeric]).toStrictEqual([1, expect.closeTo(2, 9)])
})

describe('misuse is refused', () => {
  const of = (f: () => Float32Array, options?: OpaqueOptions) => () =>
    grad((x: Operand) => sum(opaque(f, [x], { like: x }, options)))(Float32Array.of(1, 2))
  const ones = () => Float32Array.of(1, 1)
  test.each<readonly [string, () => unknown, string]>([
    [
      'no derivative',
      of(ones),
      'grad: the opaque function ones has no derivative; give it one, opaque(f, operands, result, { vjp })'
    ],
    [
      'no derivative, and no name',
      of(
        (
          () => () =>
            Float32Array.of(1, 1)
        )()
      ),
      'grad: an opaque function without a name has no derivative; give it one, opaque(f, operands, result, { vjp })'
    ],
    [
      'too few cotangents',
      of(ones, { vjp: () => [] }),
      'grad: the vjp of an opaque function must give 1 cotangents, got []'
    ],
    [
      'no list',
      of(ones, { vjp: ((dy: Expr) => dy) as never }),
      'grad: the vjp of an opaque function must give 1 cotangents, got an Expr'
    ],
    [
      'another shape',
      of(ones, { vjp: () => [ndarray([1, 2], [2, 1])] }),
      'grad: cotangent 0 of an opaque function has shape [2, 1], the operand has [2]'
    ],
    ['vjp', of(ones, { vjp: 3 as never }), 'opaque: vjp must be a function, got 3'],
    ['another option', of(ones, { jvp: 3 } as never), 'opaque: there is no option jvp; there are vjp']
  ])('%s', (_name, use, message) => {
    expect(use).toThrow(message)
  })
})
