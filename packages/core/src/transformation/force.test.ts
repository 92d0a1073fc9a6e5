import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { withEngine } from '../engine/evaluate.js'
import { add, lift, mul, sum, type Value } from '../expression/operations.js'
import { viewsOf } from './edge.js'
import { force } from './force.js'
import { areApart, counting } from './testing.js'

test('force evaluates a whole tree at once, and gives arrays that are nobody else’s', () => {
  const { engine, evaluations } = counting()
  const x = Float32Array.of(1, 2)
  const shared = mul(x, 2)
  const tree = { a: shared, b: [shared, add(shared, 1)], c: sum(x), d: null, e: 3, f: lift(x) }
  const forced = withEngine(engine, () => force(tree))
  expect(forced).toStrictEqual({
    a: Float32Array.of(2, 4),
    b: [Float32Array.of(2, 4), Float32Array.of(3, 5)],
    c: 3,
    d: null,
    e: 3,
    f: Float32Array.of(1, 2)
  })
  expect(evaluations).toHaveLength(1)
  expect(areApart(x, forced)).toBe(true)
  expect(areApart(x, forced, force(tree))).toBe(true)
})

test('force keeps shapes', () => {
  const column = ndarray([1, 2], [2, 1])
  expect(force(mul(column, 3))).toStrictEqual(ndarray([3, 6], [2, 1]))
  expect(force(column)).toStrictEqual(column)
})

test('viewsOf evaluates, and copies nothing', () => {
  const x = Float32Array.of(1, 2)
  const column = ndarray([1, 2], [2, 1])
  const lazy = mul(x, 2) as Value
  const views = viewsOf({ a: lift(x), b: [lazy, lazy], c: lift(column), d: 4, e: sum(x), f: null }) as {
    a: unknown
    b: unknown[]
    c: { data: unknown }
  }
  expect(views).toStrictEqual({
    a: x,
    b: [Float32Array.of(2, 4), Float32Array.of(2, 4)],
    c: column,
    d: 4,
    e: 3,
    f: null
  })
  expect(views.a).toBe(x)
  expect(views.b[0]).toBe(views.b[1])
  expect(views.c.data).toBe(column.data)
  // Seen is not taken: what force gives now is a copy of nothing that was looked at.
  const forced = force({ a: lazy, b: lazy })
  expect(areApart(forced)).toBe(true)
})
