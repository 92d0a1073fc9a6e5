// What steps that repeat themselves are told by: that they are known again, and that nothing else is taken for them.
import { describe, expect, test } from 'vitest'
import * as tree from '../algebra/index.js'
import { ndarray } from '../array/ndarray.js'
import { read } from '../engine/evaluate.js'
import { InvalidState, InvalidTree } from '../errors.js'
import type { Expr, Leaf } from '../expression/expr.js'
import { add, lift, mul, neg, sum, type Value } from '../expression/operations.js'
import { chain } from '../transformation/chain.js'
import { clipped, scaled, traced } from '../transformation/testing.js'
import { transformation } from '../transformation/transformation.js'
import type { AnyGradientTransformation, Tree } from '../transformation/types.js'
import { map } from '../tree/tree.js'
import { courseOf, type Item, isSame, itemOf, renewed } from './residentReplay.js'
import { race, residentOf } from './transientTesting.js'

const node = (...values: number[]): Expr => lift(Float32Array.from(values)) as Expr
const patternOf = (next: unknown): Item => itemOf(next, next) as Item

describe('a tree is the same', () => {
  const [x, y] = [node(1), node(2, 3)]
  const next = { a: x, b: [y, null, { count: 3, flag: true, more: undefined }], c: {} }
  const item = patternOf(next)

  test('with the same nodes at the same places, whatever its numbers', () => {
    expect(isSame(item, { ...next, b: [y, null, { count: 4, flag: false, more: 1 }], c: {} })).toBe(true)
  })

  test.each<[string, unknown]>([
    ['another node', { ...next, a: node(1) }],
    ['a number for an array', { ...next, a: 1 }],
    ['an array for a number', { ...next, b: [y, null, { count: x, flag: true, more: undefined }] }],
    ['something for nothing', { ...next, b: [y, 0, { count: 3, flag: true, more: undefined }] }],
    ['nothing for a number', { ...next, b: [y, null, { count: null, flag: true, more: undefined }] }],
    ['a key less', { a: next.a, b: next.b }],
    ['a key more', { ...next, d: 1 }],
    ['another key', { a: next.a, b: next.b, d: {} }],
    ['another order of keys', { b: next.b, a: next.a, c: {} }],
    ['a longer list', { ...next, b: [...next.b, null] }],
    ['a shorter list', { ...next, b: next.b.slice(0, 2) }],
    ['a record for a list', { ...next, b: { ...next.b } }],
    ['a list for a record', { ...next, c: [] }],
    ['an array for a record', { ...next, c: ndarray([1], [1]) }],
    ['an object of a class', { ...next, c: new Date(0) }],
    ['a leaf', x],
    ['nothing', null]
  ])('not with %s', (_what, other) => {
    expect(isSame(item, other)).toBe(false)
  })

  test.each<[string, unknown]>([
    ['arrays that are no nodes', { a: x, b: new Float32Array(1) }],
    ['an NdArray', [ndarray([1], [1])]],
    ['an object of a class', { a: new Date(0) }],
    ['a key __proto__', JSON.parse('{ "__proto__": 1 }')],
    ['a list with holes', new Array(2)]
  ])('nothing is known of a tree with %s', (_what, other) => {
    expect(itemOf(other, other)).toBeNull()
  })

  test('nothing is known of keys in another order than they stay in', () => {
    expect(itemOf({ a: 1, b: 2 }, { b: 1, a: 2 })).toBeNull()
  })

  test('nothing is known of steps that add up numbers', () => {
    const after = { outcome: { targets: [], scalars: [] }, params: null, state: {} }
    expect(courseOf({ w: x, b: 1 }, {}, after)).toBeNull()
    expect(courseOf({ w: x, b: sum(x) as Expr }, {}, after)).toBeNull()
    expect(courseOf({ w: x, b: null }, {}, after)).not.toBeNull()
  })

  test('the next tree has the arrays that stay, and its own numbers', () => {
    const total = sum(y) as Expr
    read(total)
    const bare = Object.assign(Object.create(null), { n: 1, x })
    const lazy = { fixed: { x, y }, free: [x, { n: 1, total, none: null }], bare }
    const [p, q] = [node(5), node(6, 7)]
    const placed = { fixed: { x: p, y: q }, free: [p, { n: 0, total: 0, none: null }], bare: { ...bare, x: p } }
    Object.setPrototypeOf(placed.bare, null)
    const made = renewed(patternOf(lazy), { ...lazy, bare: Object.assign(Object.create(null), { n: 2, x }) }, placed)
    expect(made).toStrictEqual({
      ...placed,
      free: [p, { n: 1, total: 5, none: null }],
      bare: Object.assign(Object.create(null), { n: 2, x: p })
    })
    const { fixed, bare: madeBare } = made as typeof placed
    expect(fixed).toBe(placed.fixed)
    expect(Object.getPrototypeOf(madeBare)).toBeNull()
  })
})

const params = { w: Float32Array.from({ length: 9 }, (_, i) => Math.sin(i)), v: [new Float64Array(5), null] }

/** A transformation that counts, and does at each count what is said. */
const counting = (
  update: (updates: Tree, m: Tree, count: number) => readonly [Tree, Tree]
): AnyGradientTransformation =>
  transformation<{ readonly count: number; readonly m: Tree }>({
    init: (p) => ({ count: 0, m: tree.zerosLike(p) }),
    update: (updates, { count, m }) => {
      const [next, moved] = update(updates, m, count)
      return [next, { count: count + 1, m: moved }]
    }
  })

const half = (m: Tree, g: Tree): Tree => map((x, y) => add(mul(x, 0.5), y), m, g)

const TURNS: Readonly<Record<string, AnyGradientTransformation>> = {
  'the same each time': counting((g, m) => [g, half(m, g)]),
  'two in turn': counting((g, m, i) => (i % 2 === 0 ? [g, half(m, g)] : [m, half(g, m)])),
  'three, and one now and then': counting((g, m, i) => [
    i % 7 === 3 ? map((x) => neg(x), g) : g,
    i % 3 === 0 ? m : i % 3 === 1 ? half(m, g) : half(g, m)
  ]),
  'more in turn than are remembered': counting((g, m, i) => {
    let next = g
    for (let j = 0; j < i % 9; j++) next = map((x) => mul(x, 1 + i), next)
    return [next, half(m, next)]
  }),
  'the same updates with another state': counting((g, m, i) => [g, i % 2 === 0 ? half(m, g) : m]),
  'the same state with other updates': counting((g, m, i) => [i % 2 === 0 ? g : m, half(m, g)]),
  'updates in another order of keys': counting((g, m, i) => {
    const { w, v } = g as { readonly w: Tree; readonly v: Tree }
    return [i % 2 === 0 ? { w, v } : { v, w }, half(m, g)]
  }),
  'arrays that are computed in between': counting((g, m, i) => {
    const moved = half(m, g)
    const size = i % 3 === 2 ? 1 : read(tree.norm(moved))
    return [map((x) => mul(x, size), moved), moved]
  }),
  'updates that are arrays at times': counting((g, m, i) => [
    i % 2 === 0 ? g : { w: new Float32Array(9).fill(i), v: [new Float64Array(5).fill(-i), null] },
    half(m, g)
  ])
}

describe('steps have the bits of step, when they do', () => {
  test.each(Object.entries(TURNS))('%s', (_turns, tx) => {
    expect(race(tx, params, { steps: 25 })).toBe('')
    expect(race(chain(clipped(1), tx, traced(0.5)), params, { steps: 25 })).toBe('')
  })

  test('what they did, with a number among the params', () => {
    expect(
      race(
        counting((g, m) => [g, half(m, g)]),
        { ...params, b: 2 },
        { steps: 9 }
      )
    ).toBe('')
  })

  test('what they did, but for a lazy number of the state', () => {
    const tx = transformation<{ readonly size: Value; readonly m: Tree }>({
      init: (p) => ({ size: 0, m: p }),
      update: (updates, { size, m }) => {
        const next = half(m, updates)
        return [map((x) => mul(x, size), next), { size: add(tree.norm(next), 1), m: next }]
      }
    })
    expect(race(tx as AnyGradientTransformation, params, { steps: 12 })).toBe('')
  })
})

describe('after many steps alike', () => {
  test('a state that changes its structure or its shape is refused as ever', () => {
    for (const wrong of [{ m: 1 }, { m: null }, { m: [] }, {}, { m: new Float32Array(2) }, { m: {}, n: 1 }]) {
      let isWrong = false
      const tx = transformation<{ readonly m: Tree }>({
        init: () => ({ m: new Float32Array(9) }),
        update: (updates, { m }) => [updates, isWrong ? (wrong as never) : { m: map((x) => add(x, 1), m) }]
      })
      const run = residentOf(tx, { w: params.w })
      for (let i = 0; i < 5; i++) run.step()
      isWrong = true
      expect(() => run.step(), JSON.stringify(wrong)).toThrow(InvalidState)
      isWrong = false
      run.step()
      expect((run.snapshot().state as { m: Float32Array }).m[0]).toBe(6)
    }
  })

  test('gradients that do not fit are refused as ever, and nothing of them is taken', () => {
    const run = residentOf(scaled(-1), { w: new Float32Array(2), v: new Float32Array(1) })
    const good = { w: Float32Array.of(1, 2), v: Float32Array.of(3) }
    for (let i = 0; i < 3; i++) run.step(good)
    expect(() => run.step({ w: Float32Array.of(7, 7), v: new Float32Array(2) })).toThrow(InvalidTree)
    expect(() => run.step({ w: Float32Array.of(7, 7) })).toThrow(InvalidTree)
    expect(run.grads).toEqual(good)
    run.step()
    expect((run.snapshot().params as { w: Leaf }).w).toStrictEqual(Float32Array.of(-4, -8))
  })
})
