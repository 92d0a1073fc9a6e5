import { add, mean, mul, type Operand, random, square, stopGradient, sub } from '@gradchain/core'
import { sophia } from '@gradchain/optimizers'
import { expect, test } from 'vitest'
import { gaussNewtonBartlettEstimatorDiagHessian } from './gaussNewtonBartlettEstimatorDiagHessian.js'

const BATCH = 4
/** Targets y ~ N(m, 1) of a mean m = a · b: the diagonal of Gauss's and Newton's matrix is b², a². */
const sampledLoss = ({ a, b }: { readonly a: Operand; readonly b: Operand }, key: random.Key) => {
  const m = mul(a, b)
  const targets = add(stopGradient(m), random.normal(key, [BATCH], { dtype: 'float64' }))
  return mul(0.5, mean(square(sub(targets, m))))
}
const params = { a: 2, b: 3 }
const extra = { sampledLoss, batchSize: BATCH }

test('has the diagonal of the matrix as its mean, and is never negative', () => {
  const tx = gaussNewtonBartlettEstimatorDiagHessian({ key: 1 })
  let state = tx.init(params)
  let [a, b] = [0, 0]
  const runs = 400
  for (let t = 0; t < runs; t++) {
    const [u, next] = tx.update(params, state, params, extra)
    expect(u.a).toBeGreaterThanOrEqual(0)
    a += u.a / runs
    b += u.b / runs
    state = next
  }
  // An estimate is the diagonal times a χ² of one degree, whose variance is 2: within 0.32 in the mean of 400 but once in 10⁵ times.
  expect(Math.abs(a / 9 - 1)).toBeLessThan(0.32)
  expect(Math.abs(b / 4 - 1)).toBeLessThan(0.32)
})

test('draws others at each update, and the same for the same key', () => {
  const drawn = (key: number) => {
    const tx = gaussNewtonBartlettEstimatorDiagHessian({ key })
    const [first, state] = tx.update(params, tx.init(params), params, extra)
    return [first.a, tx.update(params, state, params, extra)[0].a]
  }
  expect(drawn(1)).toStrictEqual(drawn(1))
  expect(drawn(1)[0]).not.toBe(drawn(1)[1])
  expect(drawn(1)).not.toStrictEqual(drawn(2))
})

test('makes sophia Sophia-G', () => {
  const hessianDiagonalFn = gaussNewtonBartlettEstimatorDiagHessian({ key: 1 })
  const tx = sophia(0.1, { hessianDiagonalFn, weightDecay: 0, updateInterval: 1 })
  const [u, state] = tx.update({ a: 3, b: -1 }, tx.init(params), params, extra)
  expect([u.a, u.b]).toStrictEqual([-0.1, 0.1])
  const [curvature] = hessianDiagonalFn.update(params, hessianDiagonalFn.init(params), params, extra)
  expect((state[0].nu as typeof params).a).toBeCloseTo(0.01 * curvature.a, 12)
})

test.each([
  ['sampledLoss must be a function, got undefined', {}],
  ['batchSize must be a whole number ≥ 1, got undefined', { sampledLoss }],
  ['batchSize must be a whole number ≥ 1, got 0', { sampledLoss, batchSize: 0 }]
])('refuses: %s', (message, given) => {
  const tx = gaussNewtonBartlettEstimatorDiagHessian()
  expect(() => tx.update(params, tx.init(params), params, given as typeof extra)).toThrow(
    `gaussNewtonBartlettEstimatorDiagHessian: ${message}`
  )
})

test('refuses what is no key', () => {
  expect(() => gaussNewtonBartlettEstimatorDiagHessian({ key: 0.5 })).toThrow(
    'gaussNewtonBartlettEstimatorDiagHessian: key must be'
  )
})
