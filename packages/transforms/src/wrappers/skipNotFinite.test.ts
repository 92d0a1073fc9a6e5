import { defaultEngine, mul, reference, sub, withEngine } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aTrajectory, elementsOf, leavesOf, type Values } from '../internal/testing/trees.js'
import { skipNotFinite } from './skipNotFinite.js'

const anElement = fc.oneof(
  { weight: 9, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
  fc.constantFrom(NaN, Infinity, -Infinity, 3.4e38)
)

const bad = (values: Values): number =>
  leavesOf(values)
    .flatMap(elementsOf)
    .filter((x) => !Number.isFinite(x)).length

describe('skipNotFinite', () => {
  test('counts the elements that are NaN or infinite and skips when there are any', () => {
    fc.assert(
      fc.property(aTrajectory(anElement), ({ params, grads }) => {
        for (const values of [params, ...grads]) {
          for (const engine of [reference, defaultEngine()]) {
            const numNotFinite = bad(values)
            const report = withEngine(engine, () => skipNotFinite(values))
            expect(report).toStrictEqual({ shouldSkip: numNotFinite > 0, numNotFinite })
          }
        }
      })
    )
  })

  test.each<[string, Values, number]>([
    ['float64 values whose sum overflows', { w: new Float64Array([1e308, 1e308]), b: 1e308 }, 0],
    ['infinities that cancel', [new Float32Array([Infinity, -Infinity])], 2],
    ['a bare NaN', NaN, 1],
    ['an empty tree', {}, 0],
    ['16-bit arrays', { dtype: 'bfloat16', shape: [3], data: new Uint16Array([0x7f80, 0x3f80, 0x7fc0]) }, 2]
  ])('knows %s', (_, values, numNotFinite) => {
    expect(skipNotFinite(values).numNotFinite).toBe(numNotFinite)
  })

  test('looks at what is pending', () => {
    const w = new Float32Array([1, Infinity])
    expect(skipNotFinite([mul(0, w), sub(w, w)]).numNotFinite).toBe(2)
  })
})
