import {
  add,
  exp,
  hvp,
  log,
  matmul,
  mul,
  ndarray,
  type Operand,
  square,
  sub,
  sum,
  sumSquares,
  tanh
} from '@gradchain/core'
import { expect, test } from 'vitest'
import { distance } from '../internal/testing.js'
import { gnvp } from './gnvp.js'

const inputs = ndarray(Float64Array.of(1, 2, -1, 0.5, 0, 3), [3, 2])
const params = { w: ndarray(Float64Array.of(0.3, -0.2), [2, 1]), b: 0.1 }
const along = { w: ndarray(Float64Array.of(1, -2), [2, 1]), b: 0.5 }
const other = { w: ndarray(Float64Array.of(-0.5, 3), [2, 1]), b: 2 }
type Params = { readonly w: Operand; readonly b: Operand }
const linear = ({ w, b }: Params): Operand => add(matmul(inputs, w), b)
const bent = (p: Params): Operand => tanh(linear(p))
/** Σ log(1 + eʸ), which is convex. */
const convex = (y: Operand) => sum(log(add(1, exp(y))))
const inner = (a: typeof along, b: typeof along): number =>
  a.b * b.b + a.w.data.reduce((s, x, i) => s + x * (b.w.data[i] as number), 0)

test('is the Hessian of the loss where the outputs are linear', () => {
  const found = gnvp(linear, convex)(params, along)
  const wanted = hvp((p: Params) => convex(linear(p)))(params, along)
  expect(distance([...found.w.data, found.b], [...wanted.w.data, wanted.b])).toBeLessThan(1e-14)
})

test('is symmetric, and positive semidefinite for a convex loss', () => {
  const product = gnvp(bent, convex)
  expect(inner(product(params, along), other)).toBeCloseTo(inner(product(params, other), along), 12)
  for (const v of [along, other]) expect(inner(product(params, v), v)).toBeGreaterThan(0)
})

test('is Jᵀ J for half of the sum of squares', () => {
  const product = gnvp(
    ({ a, b }: { a: Operand; b: Operand }) => [mul(a, b), square(a)] as const,
    ([y, z]) => mul(0.5, add(square(y), square(z)))
  )
  // J = [[b, a], [2 a, 0]] at (2, 3)
  expect(product({ a: 2, b: 3 }, { a: 1, b: 10 })).toStrictEqual({ a: 3 * 23 + 4 * 4, b: 2 * 23 })
})

test('refuses what is no function', () => {
  expect(() => gnvp(3 as never, sumSquares)).toThrow('gnvp: outputs must be a function, got 3')
  expect(() => gnvp(bent, 3 as never)).toThrow('gnvp: loss must be a function, got 3')
  expect(() => gnvp(bent, (y: Operand) => sub(y, 1))(params, along)).toThrow('f must give a lazy scalar')
})
