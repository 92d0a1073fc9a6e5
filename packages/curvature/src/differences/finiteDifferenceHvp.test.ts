import { exp, grad, hvp, mul, type Operand, sin, sum } from '@gradchain/core'
import { expect, test } from 'vitest'
import { distance } from '../internal/testing.js'
import { type FiniteDifferenceHvpOptions, finiteDifferenceHvp } from './finiteDifferenceHvp.js'

const smooth = ({ w }: { readonly w: Operand }) => sum(mul(mul(sin(w), exp(w)), sum(w)))
const params = { w: Float64Array.of(0.3, -1.7, 2.5) }
const along = { w: Float64Array.of(1, -0.5, 0.25) }
const exact = hvp(smooth)(params, along)
const errorOf = (options: FiniteDifferenceHvpOptions): number =>
  distance(finiteDifferenceHvp(grad(smooth), options)(params, along).w, exact.w)

test.each([
  ['forward', 2],
  ['central', 4]
] as const)('the error of %s falls with its order', (scheme, factor) => {
  const ratio = errorOf({ scheme, step: 2 ** -9 }) / errorOf({ scheme, step: 2 ** -10 })
  expect(ratio / factor).toBeGreaterThan(0.97)
  expect(ratio / factor).toBeLessThan(1.03)
})

test('the steps of each dtype leave a half or two thirds of its digits', () => {
  expect(errorOf({ scheme: 'forward' })).toBeLessThan(1e-5)
  expect(errorOf({})).toBeLessThan(1e-7)
})

test('scales with the direction', () => {
  const product = finiteDifferenceHvp(grad(smooth))
  const longer = product(params, { w: along.w.map((x) => x * 2 ** 30) })
  expect([...longer.w]).toStrictEqual([...product(params, along).w].map((x) => x * 2 ** 30))
})

test('asks for two gradients, and for none where the direction is 0', () => {
  let calls = 0
  const counted = (p: typeof params) => {
    calls += 1
    return { w: p.w }
  }
  expect(finiteDifferenceHvp(counted)(params, { w: new Float64Array(3) }).w).toStrictEqual(new Float64Array(3))
  expect(calls).toBe(0)
  expect(distance(finiteDifferenceHvp(counted)(params, along).w, along.w)).toBeLessThan(1e-10)
  expect(calls).toBe(2)
})

test.each([
  ['finiteDifferenceHvp: gradFn must be a function, got 3', () => finiteDifferenceHvp(3 as never)],
  [
    'finiteDifferenceHvp: scheme must be one of "forward", "central", got "complex"',
    () => finiteDifferenceHvp(grad(smooth), { scheme: 'complex' as never })
  ],
  [
    'finiteDifferenceHvp: v.w must have shape [3], got [2]',
    () => finiteDifferenceHvp(grad(smooth))(params, { w: new Float64Array(2) })
  ],
  ['finiteDifferenceHvp: step must be a finite number > 0, got 0', () => finiteDifferenceHvp(grad(smooth), { step: 0 })]
])('refuses: %s', (message, run) => {
  expect(run).toThrow(message)
})
