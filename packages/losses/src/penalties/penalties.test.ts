import {
  grad,
  hvp,
  InvalidOption,
  InvalidTree,
  ndarray,
  type Operand,
  read,
  type Tree,
  type Value
} from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { elasticNetPenalty } from './elasticNetPenalty.js'
import { l1Penalty } from './l1Penalty.js'
import { l2Penalty } from './l2Penalty.js'
import { laplacianPenalty } from './laplacianPenalty.js'

// Doubles alone are nearly all tiny.
const anElement = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -100_000, max: 100_000 }).map((i) => i / 1000) },
  fc.double({ min: -100, max: 100, noNaN: true })
)
const aPoint = fc.array(anElement, { minLength: 3, maxLength: 3 })
const asTree = (x: readonly number[]): Tree => ({
  w: Float64Array.from(x.slice(1)),
  layers: [{ b: x[0] as number }],
  none: null
})

const sums = {
  l1Penalty: (x: readonly number[]) => x.reduce((total, a) => total + Math.abs(a), 0),
  l2Penalty: (x: readonly number[]) => x.reduce((total, a) => total + a * a, 0) / 2
}

describe.each([
  ['l1Penalty', (p: Tree): Value => l1Penalty(p), sums.l1Penalty, Math.sign],
  ['l2Penalty', (p: Tree): Value => l2Penalty(p), sums.l2Penalty, (a: number) => a],
  [
    'elasticNetPenalty',
    (p: Tree): Value => elasticNetPenalty(p, { l1Ratio: 0.25 }),
    (x: readonly number[]) => 0.25 * sums.l1Penalty(x) + 0.75 * sums.l2Penalty(x),
    (a: number) => 0.25 * Math.sign(a) + 0.75 * a
  ]
] as const)('%s', (_, penalty, wanted, slope) => {
  test('is its definition, on trees and on their flattened vectors', () => {
    fc.assert(
      fc.property(aPoint, (x) => {
        const size = 1e-14 * (1 + wanted(x))
        expect(Math.abs(read(penalty(asTree(x))) - wanted(x))).toBeLessThanOrEqual(size)
        expect(Math.abs(read(penalty(Float64Array.from(x))) - wanted(x))).toBeLessThanOrEqual(size)
      })
    )
    expect(penalty({})).toBe(0)
  })

  test('its gradient is that of its definition, and 0 at 0', () => {
    fc.assert(
      fc.property(aPoint, (x) => {
        const found = grad((p: Operand) => penalty(p))(Float64Array.from(x))
        found.forEach((g, i) => expect(Math.abs(g - slope(x[i] as number))).toBeLessThanOrEqual(1e-12))
      })
    )
    expect([...grad((p: Operand) => penalty(p))(Float64Array.of(0, 0))].map(Math.abs)).toStrictEqual([0, 0])
  })

  test('shows a NaN, and refuses what is no tree of arrays', () => {
    expect(read(penalty([1, Number.NaN]))).toBeNaN()
    expect(() => penalty({ w: 'x' } as never)).toThrow(InvalidTree)
  })
})

test('elasticNetPenalty of the ratios 1 and 0 is l1Penalty and l2Penalty', () => {
  fc.assert(
    fc.property(aPoint, (x) => {
      expect(read(elasticNetPenalty(asTree(x), { l1Ratio: 1 }))).toBe(read(l1Penalty(asTree(x) as never)))
      expect(read(elasticNetPenalty(asTree(x), { l1Ratio: 0 }))).toBe(read(l2Penalty(asTree(x) as never)))
    })
  )
})

test.each([-0.1, 1.1, Number.NaN])('elasticNetPenalty refuses l1Ratio %s', (l1Ratio) => {
  expect(() => elasticNetPenalty([1], { l1Ratio })).toThrow(
    new InvalidOption(`elasticNetPenalty: l1Ratio must be in [0, 1], got ${l1Ratio}`)
  )
})

/** A symmetric matrix of weights of edges, and its Laplacian. */
const aGraph = fc
  .array(
    fc.integer({ min: 0, max: 3000 }).map((i) => i / 1000),
    { minLength: 6, maxLength: 6 }
  )
  .map((edges) => {
    const weight = (i: number, j: number): number =>
      i === j ? 0 : (edges[((Math.max(i, j) * (Math.max(i, j) - 1)) / 2 + Math.min(i, j)) % 6] as number)
    const nodes = [0, 1, 2, 3]
    const degree = (i: number): number => nodes.reduce((total, j) => total + weight(i, j), 0)
    const laplacian = nodes.flatMap((i) => nodes.map((j) => (i === j ? degree(i) : 0) - weight(i, j)))
    return { weight, laplacian: ndarray(Float64Array.from(laplacian), [4, 4]) }
  })

test('laplacianPenalty is half the sum of squared differences of neighbours, by their weights', () => {
  fc.assert(
    fc.property(aGraph, fc.array(anElement, { minLength: 8, maxLength: 8 }), ({ weight, laplacian }, f) => {
      const nodes = [0, 1, 2, 3]
      const apart = (i: number, j: number): number =>
        [0, 1].reduce((total, d) => total + ((f[2 * i + d] as number) - (f[2 * j + d] as number)) ** 2, 0)
      const wanted = nodes.flatMap((i) => nodes.map((j) => weight(i, j) * apart(i, j))).reduce((a, b) => a + b) / 2
      const outputs = ndarray(Float64Array.from(f), [4, 2])
      expect(Math.abs(read(laplacianPenalty(outputs, laplacian)) - wanted)).toBeLessThan(1e-8)
    })
  )
})

test('laplacianPenalty of numbers is quadratic: its gradient is (L + Lᵀ) f, and its Hessian L + Lᵀ', () => {
  const laplacian = ndarray(Float64Array.of(1, -3, 0.5, 2), [2, 2])
  const penalty = (f: Operand) => laplacianPenalty(f, laplacian)
  expect(grad(penalty)(Float64Array.of(2, 4))).toStrictEqual(Float64Array.of(-6, 11))
  expect(hvp(penalty)(Float64Array.of(2, 4), Float64Array.of(1, 0))).toStrictEqual(Float64Array.of(2, -2.5))
})

test.each([
  ['outputs must be a vector or a matrix, got shape []', () => laplacianPenalty(1, ndarray([1], [1, 1]))],
  [
    'laplacian must have shape [3, 3], got [2, 2]',
    () => laplacianPenalty(new Float32Array(3), ndarray([1, 0, 0, 1], [2, 2]))
  ]
] as const)('laplacianPenalty: %s', (message, run) => {
  expect(run).toThrow(new InvalidTree(`laplacianPenalty: ${message}`))
})
