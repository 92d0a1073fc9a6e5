import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidOption, InvalidTree } from '../errors.js'
import { incrementalUpdate } from './incrementalUpdate.js'
import { areApart } from './testing.js'

const share = fc.double({ min: 0, max: 1, noNaN: true })

test('is stepSize · new + (1 − stepSize) · old', () => {
  fc.assert(
    fc.property(fc.double(), fc.double(), share, (x, y, s) => {
      expect(incrementalUpdate({ w: Float64Array.of(x), n: x }, { n: y, w: Float64Array.of(y) }, s)).toStrictEqual({
        n: s * x + (1 - s) * y,
        w: Float64Array.of(s * x + (1 - s) * y)
      })
    })
  )
})

test('0 keeps finite old values, 1 takes finite new ones; nothing is shared', () => {
  const [next, old] = [{ w: Float32Array.of(1, 2) }, { w: Float32Array.of(3, 4) }]
  expect(incrementalUpdate(next, old, 0)).toStrictEqual(old)
  expect(incrementalUpdate(next, old, 1)).toStrictEqual(next)
  expect(areApart(next, old, incrementalUpdate(next, old, 1))).toBe(true)
})

test.each([-0.1, 1.1, Number.NaN, Infinity, '0.5', undefined])('refuses stepSize %s', (stepSize) => {
  expect(() => incrementalUpdate({ w: 1 }, { w: 2 }, stepSize as never)).toThrow(InvalidOption)
  expect(() => incrementalUpdate({ w: 1 }, { w: 2 }, stepSize as never)).toThrow(
    'incrementalUpdate: stepSize must be in [0, 1], got'
  )
})

test('refuses trees that do not fit', () => {
  expect(() => incrementalUpdate({ w: 1 } as never, { v: 2 }, 0.5)).toThrow(
    new InvalidTree('incrementalUpdate: newTree has no "v", oldTree has it')
  )
  expect(() => incrementalUpdate({ w: [new Float32Array(2)] }, { w: [new Float32Array(3)] }, 0.5)).toThrow(
    new InvalidTree('incrementalUpdate: newTree.w[0] has shape [2], oldTree has [3]')
  )
})
