import { add, mul, ndarray, type Operand, square, step, sub } from '@gradchain/core'
import { expect, test } from 'vitest'
import { distance } from '../internal/testing.js'
import { type GaussNewtonOptions, gaussNewton } from './gaussNewton.js'
import { leastSquares } from './leastSquares.js'

type Plane = { readonly a: Operand; readonly b: Operand }
const residuals = ({ a, b }: Plane) => [mul(10, sub(b, square(a))), sub(1, a)]
const far = { a: -1.2, b: 1 }

test('as many steps as leastSquares makes lead where it goes', () => {
  const wanted = leastSquares(residuals, far, { method: 'gaussNewton' })
  const tx = gaussNewton()
  let [params, state]: [{ readonly a: number; readonly b: number }, ReturnType<typeof tx.init>] = [far, tx.init(far)]
  for (let t = 0; t < wanted.steps; t++) {
    ;[params, state] = step(tx, far, state, params, { residuals })
  }
  expect(distance([params.a, params.b], [wanted.x.a, wanted.x.b])).toBeLessThan(1e-9)
  expect(state.count).toBe(wanted.steps)
})

test('solves what is linear by one update, also by products', () => {
  const line = ({ w, c }: { readonly w: Operand; readonly c: Operand }) =>
    sub(add(mul(w, new Float64Array([0, 1, 2])), c), new Float64Array([1, 3, 4]))
  const params = { w: 0, c: 0 }
  for (const maxDense of [300, 0]) {
    const tx = gaussNewton({ maxDense })
    const [u, state] = tx.update(params, tx.init(params), params, { residuals: line })
    expect(distance([u.w, u.c], [1.5, 7 / 6])).toBeLessThan(1e-12)
    expect([state.rate, state.trials]).toStrictEqual([1, 1])
  }
})

test('takes a function of arrays with its Jacobian', () => {
  const own = ({ a, b }: { readonly a: number; readonly b: number }) => [10 * (b - a * a), 1 - a]
  const jacobian = ({ a }: { readonly a: number }) => ndarray(Float64Array.of(-20 * a, 10, -1, 0), [2, 2])
  const tx = gaussNewton()
  const wanted = tx.update(far, tx.init(far), far, { residuals })
  expect(tx.update(far, tx.init(far), far, { residuals: own, jacobian })).toStrictEqual(wanted)
})

test('stays where no share of a step leads down', () => {
  const tx = gaussNewton({ maxTrials: 3 })
  // A Jacobian of the wrong sign.
  const jacobian = () => ndarray(Float64Array.of(-1), [1, 1])
  const params = { a: 1 }
  const [u, state] = tx.update(params, tx.init(params), params, {
    residuals: ({ a }: { readonly a: Operand }) => mul(1, a),
    jacobian
  })
  expect(Math.abs(u.a)).toBe(0)
  expect([state.value, state.rate, state.trials]).toStrictEqual([0.5, 0, 3])
})

test.each([
  ['gaussNewton: maxTrials must be a whole number ≥ 1, got 0', { maxTrials: 0 }],
  ['gaussNewton: maxDense must be a whole number ≥ 0, got 0.5', { maxDense: 0.5 }]
] satisfies [string, GaussNewtonOptions][])('refuses: %s', (message, options) => {
  expect(() => gaussNewton(options)).toThrow(message)
})

test('refuses an update without residuals', () => {
  const tx = gaussNewton()
  // @ts-expect-error -- the residuals are missing
  expect(() => tx.update(far, tx.init(far), far)).toThrow('gaussNewton: residuals must be a function, got undefined')
})
