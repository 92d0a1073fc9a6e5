import { ndarray } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { type ScaleBySidesOptions, scaleBySides } from './scaleBySides.js'

const factorOf = (shape: readonly number[], options?: ScaleBySidesOptions): number => {
  const ones = { w: ndarray(new Float64Array(shape.reduce((n, length) => n * length, 1)).fill(1), shape) }
  return scaleBySides(options).update(ones, {}, ones)[0].w.data[0] as number
}

describe('scaleBySides', () => {
  test.each([
    [[2, 6], {}, 0.25],
    [[5, 1], {}, 2 / 6],
    [[4], {}, 0.001],
    [[], {}, 0.001],
    [[2, 2, 2], {}, 0.001],
    [[2, 2, 2], { weightDimensionNumbers: { reductionAxis: [0, 1], outputAxis: 2 } }, 2 / 6],
    [[3, 2], { weightDimensionNumbers: () => null }, 0.001],
    [[3, 2], { maxPreconditionerDim: 3, otherwise: 0.5 }, 2 / 5],
    [[3, 2], { maxPreconditionerDim: 2, otherwise: 0.5 }, 0.5],
    [[2, 3], { maxPreconditionerDim: 2, otherwise: 0.5 }, 0.5],
    [[10_000, 1], {}, 2 / 10_001],
    [[10_001, 1], {}, 0.001]
  ] as const)('shape %j with %j has the factor %d', (shape, options, factor) => {
    expect(factorOf(shape, options)).toBe(factor)
  })

  test.each([
    ['otherwise must be a finite number > 0, got 0', { otherwise: 0 }],
    ['maxPreconditionerDim must be a whole number ≥ 1, got 0', { maxPreconditionerDim: 0 }],
    ['weightDimensionNumbers must be undefined', { weightDimensionNumbers: 1 as never }]
  ])('refuses: %s', (message, options) => {
    expect(() => scaleBySides(options)).toThrow(`scaleBySides: ${message}`)
  })
})
