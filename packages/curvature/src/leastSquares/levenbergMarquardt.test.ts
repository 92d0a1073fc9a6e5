import { add, log, mul, type Operand, square, step, sub } from '@gradchain/core'
import { expect, test } from 'vitest'
import { distance } from '../internal/testing.js'
import { leastSquares } from './leastSquares.js'
import { type LevenbergMarquardtOptions, levenbergMarquardt } from './levenbergMarquardt.js'

type Plane = { readonly a: Operand; readonly b: Operand }
const residuals = ({ a, b }: Plane) => [mul(10, sub(b, square(a))), sub(1, a)]
const far = { a: -1.2, b: 1 }

test('as many steps as leastSquares makes lead where it goes', () => {
  const wanted = leastSquares(residuals, far)
  const tx = levenbergMarquardt()
  let [params, state]: [{ readonly a: number; readonly b: number }, ReturnType<typeof tx.init>] = [far, tx.init(far)]
  let trials = 0
  for (let t = 0; t < wanted.steps; t++) {
    ;[params, state] = step(tx, far, state, params, { residuals })
    trials += state.trials
  }
  expect(distance([params.a, params.b], [wanted.x.a, wanted.x.b])).toBeLessThan(1e-9)
  expect(trials).toBe(wanted.evaluations.residuals - 1)
})

test('the sum of squares never rises', () => {
  const tx = levenbergMarquardt({ maxTrials: 1 })
  let [params, state]: [{ readonly a: number; readonly b: number }, ReturnType<typeof tx.init>] = [far, tx.init(far)]
  let before = 12.1
  for (let t = 0; t < 40; t++) {
    ;[params, state] = step(tx, far, state, params, { residuals })
    expect(state.value).toBeLessThanOrEqual(before * (1 + 1e-15))
    before = state.value
  }
  expect(before).toBeLessThan(1e-20)
})

test('goes along −D⁻² Jᵀ r within a small region', () => {
  const tx = levenbergMarquardt({ initialRadius: 1e-9 })
  const [u] = tx.update(far, tx.init(far), far, { residuals })
  // J = [[24, 10], [−1, 0]], r = [−4.4, 2.2]
  const [first, second] = [(24 * -4.4 - 2.2) / (24 * 24 + 1), (10 * -4.4) / 100]
  expect(u.a / u.b / (first / second)).toBeCloseTo(1, 6)
  expect(u.a).toBeGreaterThan(0)
})

test('a trial that gives NaN shrinks the region', () => {
  const steep = ({ a }: { readonly a: Operand }) => add(log(a), 20)
  const tx = levenbergMarquardt({ maxTrials: 1 })
  const params = { a: 1 }
  const [u, state] = tx.update(params, tx.init(params), params, { residuals: steep })
  expect(Math.abs(u.a)).toBe(0)
  expect(state.value).toBe(200)
  // The whole step is of length 20.
  expect(state.radius).toBeLessThanOrEqual(2)
})

test('stays where the residuals are 0, or not finite', () => {
  const tx = levenbergMarquardt()
  const [u, state] = tx.update({ a: 0, b: 0 }, tx.init({ a: 1, b: 1 }), { a: 1, b: 1 }, { residuals })
  expect([Math.abs(u.a), Math.abs(u.b), state.value, state.trials]).toStrictEqual([0, 0, 0, 0])
  const outside = { a: -1 }
  const [v, next] = tx.update(outside, tx.init(outside), outside, {
    residuals: ({ a }: { readonly a: Operand }) => log(a)
  })
  expect([Math.abs(v.a), next.value, next.trials]).toStrictEqual([0, Number.NaN, 0])
})

test.each([
  ['levenbergMarquardt: initialRadius must be a finite number > 0, got 0', { initialRadius: 0 }],
  ['levenbergMarquardt: maxTrials must be a whole number ≥ 1, got 0', { maxTrials: 0 }],
  ['levenbergMarquardt: maxDense must be a whole number ≥ 0, got 0.5', { maxDense: 0.5 }]
] satisfies [string, LevenbergMarquardtOptions][])('refuses: %s', (message, options) => {
  expect(() => levenbergMarquardt(options)).toThrow(message)
})

test('refuses an update without residuals', () => {
  const tx = levenbergMarquardt()
  // @ts-expect-error -- the residuals are missing
  expect(() => tx.update(far, tx.init(far), far)).toThrow(
    'levenbergMarquardt: residuals must be a function, got undefined'
  )
})
