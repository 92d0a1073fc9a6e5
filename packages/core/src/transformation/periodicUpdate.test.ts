import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import { mul } from '../expression/operations.js'
import { force } from './force.js'
import { periodicUpdate } from './periodicUpdate.js'
import { areApart } from './testing.js'

const make = (x: number) => ({ w: Float32Array.of(x, 2), k: ndarray([x, 1], [2, 1], 'bfloat16'), b: [x, null] })

test('takes the new values at multiples of the period and keeps the old ones in between', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.integer({ min: 1, max: 50 }), (steps, period) => {
      const [next, old] = [make(5), make(-1)]
      expect(periodicUpdate(next, old, steps, period)).toStrictEqual(steps % period === 0 ? next : old)
    })
  )
})

test('shares nothing with what it is given', () => {
  const [next, old] = [make(5), make(-1)]
  expect(areApart(next, old, periodicUpdate(next, old, 0, 2), periodicUpdate(next, old, 1, 2))).toBe(true)
})

test('is lazy where the old values are', () => {
  const old = { w: mul(Float32Array.of(1), 3) }
  expect(force(periodicUpdate({ w: Float32Array.of(7) } as never, old, 1, 2))).toStrictEqual({ w: Float32Array.of(3) })
})

test.each<readonly [number, number, string]>([
  [-1, 2, 'periodicUpdate: steps must be'],
  [0.5, 2, 'periodicUpdate: steps must be'],
  [1, 0, 'periodicUpdate: updatePeriod must be'],
  [1, Number.NaN, 'periodicUpdate: updatePeriod must be']
])('refuses %s steps and a period of %s', (steps, period, message) => {
  expect(() => periodicUpdate({ w: 1 }, { w: 2 }, steps, period)).toThrow(InvalidOption)
  expect(() => periodicUpdate({ w: 1 }, { w: 2 }, steps, period)).toThrow(message)
})

test('refuses trees that do not fit, whichever it would take', () => {
  for (const steps of [0, 1]) {
    expect(() => periodicUpdate({ w: new Float32Array(2) }, { w: new Float32Array(3) }, steps, 2)).toThrow(
      new InvalidTree('periodicUpdate: newTree.w has shape [2], oldTree has [3]')
    )
  }
})
