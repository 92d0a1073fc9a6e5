import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import { Expr } from '../expression/expr.js'
import { force } from '../transformation/force.js'
import type { Tree } from '../transformation/types.js'
import { map } from '../tree/tree.js'
import * as tree from './index.js'
import { flat, formOf, someTrees } from './testing.js'

const { fround } = Math

describe('is the same on the flattened vector, in the structure, shapes and dtypes of the tree', () => {
  const pairs = {
    add: [tree.add, (x: number, y: number) => x + y],
    sub: [tree.sub, (x: number, y: number) => x - y],
    mul: [tree.mul, (x: number, y: number) => x * y],
    addScale: [(a: Tree, b: Tree) => tree.addScale(a, 0.5, b), (x: number, y: number) => x + 0.5 * y]
  } as const

  test.each(Object.entries(pairs))('%s', (_, [onTrees, onNumbers]) => {
    fc.assert(
      fc.property(someTrees(2), ([a, b]) => {
        const result = onTrees(a as Tree, b as Tree)
        const others = flat(b as Tree)
        expect(flat(result)).toEqual(flat(a as Tree).map((x, i) => onNumbers(x, others[i] as number)))
        expect(formOf(result)).toStrictEqual(formOf(a as Tree))
      })
    )
  })

  test('div', () => {
    fc.assert(
      fc.property(someTrees(2), ([a, b]) => {
        // Divided by powers of 2 all is exact.
        const divisors = map((leaf: unknown) => (typeof leaf === 'number' ? 4 : 2), b as Tree)
        const expected = flat(
          tree.mul(
            a as Tree,
            map((d: number) => 1 / d, divisors)
          )
        )
        expect(flat(tree.div(a as Tree, divisors))).toEqual(expected)
      })
    )
    expect(force(tree.div({ w: Float32Array.of(1, 0) }, { w: Float32Array.of(3, 0) }))).toStrictEqual({
      w: Float32Array.of(fround(1 / 3), Number.NaN)
    })
  })

  test('add of several is added up from the left', () => {
    fc.assert(
      fc.property(someTrees(4), ([a, b, c, d]) => {
        const all = [a, b, c, d] as [Tree, Tree, Tree, Tree]
        expect(flat(tree.add(...all))).toEqual(flat(tree.add(tree.add(tree.add(all[0], all[1]), all[2]), all[3])))
      })
    )
    const w = () => ({ w: Float32Array.of(1, -2) })
    expect(force(tree.add(w(), w(), w()))).toStrictEqual(force(tree.scale(3, w())))
  })

  test('scale', () => {
    fc.assert(
      fc.property(someTrees(1), fc.integer({ min: -8, max: 8 }), ([a], s) => {
        const result = tree.scale(s / 4, a as Tree)
        expect(flat(result)).toEqual(flat(a as Tree).map((x) => (s / 4) * x))
        expect(formOf(result)).toStrictEqual(formOf(a as Tree))
      })
    )
  })

  test('clip', () => {
    fc.assert(
      fc.property(someTrees(1), fc.integer({ min: -8, max: 0 }), fc.integer({ min: 0, max: 8 }), ([a], low, high) => {
        const clipped = (minValue: number | undefined, maxValue: number | undefined) =>
          flat(tree.clip(a as Tree, { minValue, maxValue }))
        const numbers = flat(a as Tree)
        expect(clipped(low, high)).toEqual(numbers.map((x) => Math.min(Math.max(x, low), high)))
        expect(clipped(low, undefined)).toEqual(numbers.map((x) => Math.max(x, low)))
        expect(clipped(undefined, high)).toEqual(numbers.map((x) => Math.min(x, high)))
        expect(clipped(undefined, undefined)).toEqual(numbers)
        expect(formOf(tree.clip(a as Tree, { minValue: low }))).toStrictEqual(formOf(a as Tree))
      })
    )
  })

  test('where', () => {
    fc.assert(
      fc.property(someTrees(3), ([c, x, y]) => {
        const [first, second] = [flat(x as Tree), flat(y as Tree)]
        const expected = flat(c as Tree).map((on, i) => (on === 0 ? second[i] : first[i]))
        expect(flat(tree.where(c as Tree, x as Tree, y as Tree))).toEqual(expected)
        expect(flat(tree.where(true, x as Tree, y as Tree))).toEqual(first)
        expect(flat(tree.where(0, x as Tree, y as Tree))).toEqual(second)
        expect(flat(tree.where(tree.sum([0]), x as Tree, y as Tree))).toEqual(second)
      })
    )
  })
})

test('null is null on both sides, and an empty tree stays one', () => {
  const a = { w: null, list: [] }
  for (const result of [tree.add(a, a), tree.mul(a, a), tree.addScale(a, 2, a), tree.where(true, a, a), tree.clip(a)]) {
    expect(result).toStrictEqual(a)
  }
  expect(tree.scale(2, null)).toBeNull()
})

test('results are lazy, and of numbers alone they are numbers', () => {
  expect((tree.add({ w: new Float32Array(1) }, { w: new Float32Array(1) }) as { w: unknown }).w).toBeInstanceOf(Expr)
  expect(tree.add({ b: 1 }, { b: 2 })).toStrictEqual({ b: 3 })
})

test('a scalar may be lazy, and is rounded once where it meets an array', () => {
  const grads = { w: Float32Array.of(3, 4) }
  expect(force(tree.scale(tree.norm(grads), grads))).toStrictEqual({ w: Float32Array.of(15, 20) })
  expect(force(tree.clip(grads, { maxValue: tree.min(grads) }))).toStrictEqual({ w: Float32Array.of(3, 3) })
  expect(force(tree.addScale(grads, tree.sum(grads), grads))).toStrictEqual({ w: Float32Array.of(24, 32) })
})

test('a number goes with an array of any shape, keys in any order', () => {
  expect(force(tree.mul({ w: Float32Array.of(1, 2), b: 3 }, { b: 4, w: 10 }))).toStrictEqual({
    w: Float32Array.of(10, 20),
    b: 12
  })
})

test('where takes one condition for a subtree, and does not look at what is not taken', () => {
  const x = { dense: [Float32Array.of(1, Number.NaN), 2], b: 3 }
  const y = { dense: [Float32Array.of(5, 6), 7], b: 8 }
  expect(force(tree.where({ dense: [Float32Array.of(1, 0), false], b: true }, x, y))).toStrictEqual({
    dense: [Float32Array.of(1, 6), 7],
    b: 3
  })
  expect(force(tree.where({ dense: false, b: 1 }, x, y))).toStrictEqual({ dense: [Float32Array.of(5, 6), 7], b: 3 })
})

test('clip keeps NaN', () => {
  expect(force(tree.clip([Float32Array.of(Number.NaN, 9)], { minValue: 0, maxValue: 1 }))).toStrictEqual([
    Float32Array.of(Number.NaN, 1)
  ])
})

describe('allClose', () => {
  test('is true of a tree and itself, and false when one element is off by more than the tolerance', () => {
    fc.assert(
      fc.property(someTrees(1), fc.nat(), ([a], place) => {
        expect(tree.allClose(a as Tree, a as Tree)).toBe(true)
        const count = flat(a as Tree).length
        if (count === 0) return
        let at = 0
        const moved = (by: number) => {
          at = 0
          return map((leaf: unknown) => {
            const shift = (x: number) => (at++ === place % count ? x + by : x)
            if (typeof leaf === 'number') return shift(leaf)
            if (leaf instanceof Float32Array || leaf instanceof Float64Array) return leaf.map(shift)
            const array = leaf as { data: Float32Array }
            return { ...array, data: array.data.map(shift) }
          }, a as Tree) as Tree
        }
        expect(tree.allClose(moved(1e-2), a as Tree, { rtol: 0, atol: 1e-3 })).toBe(false)
        expect(tree.allClose(moved(1e-4), a as Tree, { rtol: 0, atol: 1e-3 })).toBe(true)
      })
    )
  })

  const v = (...numbers: number[]) => ({ w: Float64Array.from(numbers) })
  const { NaN: nan } = Number
  test.each([
    [v(1), v(1.0001), {}, false],
    [v(1), v(1.000001), {}, true],
    [v(100.5), v(100), { rtol: 0.005, atol: 0 }, true],
    // The tolerance is a share of the second.
    [v(1), v(2), { rtol: 0.5, atol: 0 }, true],
    [v(2), v(1), { rtol: 0.5, atol: 0 }, false],
    [v(Infinity, 1), v(Infinity, 1), {}, true],
    [v(Infinity), v(-Infinity), {}, false],
    [v(1), v(Infinity), {}, false],
    [v(Infinity), v(1), {}, false],
    [v(nan), v(nan), {}, false],
    [v(nan), v(nan), { equalNan: true }, true],
    [v(nan), v(1), { equalNan: true }, false],
    [v(1), v(nan), { equalNan: true }, false],
    [{ b: nan }, { b: nan }, { equalNan: true }, true],
    [{ b: 1, n: null }, { n: null, b: 1 }, {}, true],
    [{}, {}, {}, true]
  ])('%o and %o with %o: %s', (a, b, options, expected) => {
    expect(tree.allClose(a as Tree, b as Tree, options)).toBe(expected)
  })
})

describe('misuse is refused', () => {
  const array = new Float32Array(2)
  const text = 'no leaf' as never
  const leaf = 'a leaf must be a number, a Float32Array, a Float64Array or an NdArray'
  test.each([
    ['add: b.w is null, a has a Float32Array', () => tree.add({ w: array }, { w: null })],
    ['sub: b has no "w", a has it', () => tree.sub({ w: array }, {})],
    ['mul: b has "v", a has not', () => tree.mul({ w: array }, { w: array, v: 1 })],
    ['div: b.l has 1 items, a has 2', () => tree.div({ l: [1, 2] }, { l: [1] })],
    ['add: tree 3.w has shape [3], a has [2]', () => tree.add({ w: array }, { w: array }, { w: new Float32Array(3) })],
    ['add: tree 4[0] is null, a has 1', () => tree.add([1], [1], [1], [null])],
    [
      'mul: b["a b"][0] has shape [2, 1], a has [2]',
      () => tree.mul({ 'a b': [array] }, { 'a b': [ndarray(new Float32Array(2), [2, 1])] })
    ],
    [`scale: tree.w is "no leaf"; ${leaf}`, () => tree.scale(1, { w: text })],
    [`addScale: b.w is "no leaf"; ${leaf}`, () => tree.addScale({ w: array }, 1, { w: text })],
    ['where: y.w has shape [3], condition has [2]', () => tree.where(array, { w: array }, { w: new Float32Array(3) })],
    ['where: x.w has shape [3], condition has [2]', () => tree.where(array, { w: new Float32Array(3) }, { w: 1 })],
    ['where: x has no "v", condition has it', () => tree.where({ v: true }, { w: 1 }, { w: 1 })],
    ['allClose: b.w has shape [3], a has [2]', () => tree.allClose({ w: array }, { w: new Float32Array(3) })],
    ['allClose: b is [], a has 1', () => tree.allClose(1, [])]
  ])('%s', (message, run) => {
    expect(run).toThrow(new InvalidTree(message))
  })

  test.each([
    ['scale: scalar must be a number or a lazy scalar, got an array', () => tree.scale(array as never, {})],
    ['addScale: scalar must be a number or a lazy scalar, got an array', () => tree.addScale({}, array as never, {})],
    [
      'clip: minValue must be a number or a lazy scalar, got an array',
      () => tree.clip({}, { minValue: array as never })
    ],
    [
      'clip: maxValue must be a number or a lazy scalar, got an array',
      () => tree.clip({}, { maxValue: array as never })
    ],
    ['clip: minValue must be at most maxValue, got 2 and 1', () => tree.clip({}, { minValue: 2, maxValue: 1 })],
    ['clip: there is no option min; there are minValue, maxValue', () => tree.clip({}, { min: 1 } as never)],
    ['allClose: rtol must be a finite number ≥ 0, got -1', () => tree.allClose({}, {}, { rtol: -1 })],
    ['allClose: atol must be a finite number ≥ 0, got NaN', () => tree.allClose({}, {}, { atol: Number.NaN })],
    ['allClose: equalNan must be true or false, got 1', () => tree.allClose({}, {}, { equalNan: 1 as never })]
  ])('%s', (message, run) => {
    expect(run).toThrow(new InvalidOption(message))
  })
})
