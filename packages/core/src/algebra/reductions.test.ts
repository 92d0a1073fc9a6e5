import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { read } from '../engine/evaluate.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import { Expr } from '../expression/expr.js'
import { force } from '../transformation/force.js'
import type { Tree } from '../transformation/types.js'
import * as tree from './index.js'
import { flat, someTrees } from './testing.js'

const { NaN: nan } = Number

describe('is the same on the flattened vector', () => {
  const total = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0)
  const functions = {
    sum: [tree.sum, total],
    max: [tree.max, (numbers) => Math.max(...numbers)],
    min: [tree.min, (numbers) => Math.min(...numbers)],
    'norm, ord 1': [(t) => tree.norm(t, { ord: 1 }), (numbers) => total(numbers.map(Math.abs))],
    'norm, ord 2': [(t) => tree.norm(t, { ord: 2 }), (numbers) => Math.sqrt(total(numbers.map((x) => x * x)))],
    'norm, ord inf': [(t) => tree.norm(t, { ord: 'inf' }), (numbers) => Math.max(0, ...numbers.map(Math.abs))],
    norm: [tree.norm, (numbers) => Math.sqrt(total(numbers.map((x) => x * x)))],
    'norm, squared': [(t) => tree.norm(t, { squared: true }), (numbers) => total(numbers.map((x) => x * x))],
    'norm, ord 1, squared': [
      (t) => tree.norm(t, { ord: 1, squared: true }),
      (numbers) => total(numbers.map(Math.abs)) ** 2
    ],
    'norm, ord inf, squared': [
      (t) => tree.norm(t, { ord: 'inf', squared: true }),
      (numbers) => Math.max(0, ...numbers.map(Math.abs)) ** 2
    ],
    squaredNorm: [tree.squaredNorm, (numbers) => total(numbers.map((x) => x * x))],
    size: [tree.size, (numbers) => numbers.length]
  } satisfies Record<string, readonly [(t: Tree) => Expr | number, (numbers: readonly number[]) => number]>

  test.each(Object.entries(functions))('%s', (_, [onTree, onNumbers]) => {
    fc.assert(
      fc.property(someTrees(1), ([a]) => {
        // Sums of small whole numbers are exact in any order.
        expect(read(onTree(a as Tree))).toBe(onNumbers(flat(a as Tree)) + 0)
      })
    )
  })

  test('vdot', () => {
    fc.assert(
      fc.property(someTrees(2), ([a, b]) => {
        const others = flat(b as Tree)
        const expected = flat(a as Tree).reduce((sum, x, i) => sum + x * (others[i] as number), 0)
        expect(read(tree.vdot(a as Tree, b as Tree))).toBe(expected + 0)
      })
    )
  })
})

test.each([[{}], [[]], [null], [{ a: null, b: [{}] }], [{ w: new Float32Array(0), n: null }]])(
  'of nothing, as in %o',
  (empty) => {
    const of = (f: (t: Tree) => Expr | number) => read(f(empty))
    expect([of(tree.sum), of(tree.max), of(tree.min), of(tree.size)]).toStrictEqual([0, -Infinity, Infinity, 0])
    for (const ord of [1, 2, 'inf'] as const) {
      for (const squared of [true, false]) expect(of((t) => tree.norm(t, { ord, squared }))).toBe(0)
    }
    expect(read(tree.vdot(empty, empty))).toBe(0)
  }
)

test('they are lazy: what they need is computed when they are read', () => {
  const t = { w: Float32Array.of(3, -4) }
  for (const value of [tree.sum(t), tree.max(t), tree.min(t), tree.norm(t, { ord: 'inf' }), tree.vdot(t, t)]) {
    expect(value).toBeInstanceOf(Expr)
  }
  expect(force(tree.scale(tree.norm(t), t))).toStrictEqual({ w: Float32Array.of(15, -20) })
})

test('the largest and the smallest of a NaN are NaN', () => {
  const t = { a: Float32Array.of(1, nan), b: 7 }
  expect([tree.max(t), tree.min(t), tree.norm(t, { ord: 'inf' })].map(read)).toEqual([nan, nan, nan])
})

test('products and squares are float64: they do not overflow in float32', () => {
  const t = { w: Float32Array.of(2 ** 100, 2 ** 100) }
  expect(read(tree.vdot(t, t))).toBe(2 ** 201)
  expect(read(tree.norm(t, { squared: true }))).toBe(2 ** 201)
})

describe('norms of any order', () => {
  const lengthOf = (ord: number, numbers: readonly number[]) =>
    numbers.reduce((total, x) => total + Math.abs(x) ** ord, 0) ** (1 / ord)

  test('agree with their definition', () => {
    fc.assert(
      fc.property(someTrees(1), fc.double({ min: 0.5, max: 9, noNaN: true }), ([a], ord) => {
        const expected = lengthOf(ord, flat(a as Tree))
        // Powers and roots of some dozen numbers, each rounded a few times.
        expect(Math.abs(read(tree.norm(a as Tree, { ord })) - expected)).toBeLessThanOrEqual(1e-13 * expected)
      })
    )
  })

  test('neither overflow nor vanish', () => {
    for (const unit of [1, 2 ** 100, 2 ** 900, 2 ** -100, 2 ** -900]) {
      const t = { a: Float64Array.of(3 * unit, -4 * unit), b: 5 * unit }
      expect(read(tree.norm(t, { ord: 3 })) / unit).toBeCloseTo(6, 12)
    }
    const single = { a: Float32Array.of(3 * 2 ** 100, -4 * 2 ** 100, 5 * 2 ** 100) }
    expect(read(tree.norm(single, { ord: 3 })) / 2 ** 100).toBeCloseTo(6, 12)
  })

  test('of zeros are 0', () => {
    expect(read(tree.norm({ a: new Float32Array(3), b: 0 }, { ord: 3 }))).toBe(0)
  })

  test('the sum of many numbers may overflow where each alone does not', () => {
    expect(read(tree.norm([1e154, 1e154, 1e154, 1e154]))).toBe(2e154)
  })
})

describe('misuse is refused', () => {
  const t = { w: new Float32Array(2) }
  test.each([
    ['vdot: b.w has shape [3], a has [2]', () => tree.vdot(t, { w: new Float32Array(3) })],
    ['vdot: b is null, a has an object', () => tree.vdot(t, null)],
    [
      'max: tree.w is "x"; a leaf must be a number, a Float32Array, a Float64Array or an NdArray',
      () => tree.max({ w: 'x' as never })
    ],
    ['dot: both operands must be arrays, or both numbers', () => tree.vdot(t, { w: 1 })]
  ])('%s', (message, run) => {
    expect(run).toThrow(new InvalidTree(message))
  })

  test.each([
    ['norm: ord must be a finite number > 0 or "inf", got 0', { ord: 0 }],
    ['norm: ord must be a finite number > 0 or "inf", got Infinity', { ord: Infinity }],
    ['norm: ord must be a finite number > 0 or "inf", got "2"', { ord: '2' }],
    ['norm: squared must be true or false, got "yes"', { squared: 'yes' }],
    ['norm: there is no option p; there are ord, squared', { p: 2 }]
  ])('%s', (message, options) => {
    expect(() => tree.norm(t, options as never)).toThrow(new InvalidOption(message))
  })
})
