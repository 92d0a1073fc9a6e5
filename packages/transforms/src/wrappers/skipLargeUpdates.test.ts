import { describe, expect, test } from 'vitest'
import { skipLargeUpdates } from './skipLargeUpdates.js'

const params = { w: [0, 0] }

describe('skipLargeUpdates', () => {
  test.each([
    [[3, 3.9], false],
    [[3, 4], true],
    [[-3, -5], true],
    [[0, NaN], true],
    [[-Infinity, 0], true],
    [[0, 0], false]
  ])('with 25, skips %j: %s', (w, shouldSkip) => {
    const report = skipLargeUpdates(25)({ w }, 0, params)
    expect(report).toStrictEqual({ shouldSkip, normSquared: w.reduce((total, x) => total + x * x, 0) })
  })

  test('measures the norm over all leaves together', () => {
    const values = { a: new Float32Array([3]), b: [new Float64Array([4]), { c: 12 }] }
    expect(skipLargeUpdates(170)(values, 0, values)).toStrictEqual({ shouldSkip: false, normSquared: 169 })
  })

  test.each([
    [0, '0'],
    [-1, '-1'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    ['1', '"1"']
  ])('refuses %s', (maxSquaredNorm, shown) => {
    // @ts-expect-error -- one of the rows is no number
    expect(() => skipLargeUpdates(maxSquaredNorm)).toThrow(
      `skipLargeUpdates: maxSquaredNorm must be a finite number > 0, got ${shown}`
    )
  })
})
