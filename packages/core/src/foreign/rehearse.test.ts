import { expect, test } from 'vitest'
import { read } from '../engine/evaluate.js'
import { nodeOf } from '../engine/node.js'
import { Expr } from '../expression/expr.js'
import { add, maxOf, mul, type Value } from '../expression/operations.js'
import { transformation } from '../transformation/transformation.js'
import type { Tree } from '../transformation/types.js'
import { map } from '../tree/tree.js'
import { rehearse, standIn } from './rehearse.js'

const decaying = transformation<{ count: number; last: Tree }>({
  init: (params) => ({ count: 0, last: params }),
  update: (updates, { count, last }) => [
    map((g, l) => add(mul(1 / (1 + count), g), l), updates, last),
    { count: count + 1, last: updates }
  ]
})

test('tells the numbers of a step and what is done with them', () => {
  const [g, w, last] = [0, 0, 0].map(() => standIn({ dtype: 'float32', shape: [2] }))
  const first = rehearse(decaying, { w: g }, { count: 0, last: { w: last } }, { w })
  const fourth = rehearse(decaying, { w: g }, { count: 3, last: { w: last } }, { w })
  const other = rehearse(decaying, { w: g }, { count: 3, last: { w: g } }, { w })
  expect([first.numbers, fourth.numbers]).toStrictEqual([[1], [0.25]])
  expect(fourth.pattern).toBe(first.pattern)
  expect(other.pattern).not.toBe(first.pattern)
  expect((fourth.next as { count: number }).count).toBe(4)
  expect((fourth.next as { last: { w: unknown } }).last.w).toBe(g)
})

test('every element that is read is 1', () => {
  const reading = transformation({
    init: () => ({}),
    update: (updates: Tree, state: unknown) => {
      const top = read(maxOf((updates as { w: Value }).w))
      return [map((g) => mul(g, top + 1), updates), state] as const
    }
  })
  const g = standIn({ dtype: 'float32', shape: [2] })
  expect(rehearse(reading, { w: g }, {}, { w: g }).numbers).toStrictEqual([2])
})

test('a number that is not known stands for a lazy one', () => {
  const { dtype, shape } = nodeOf(standIn({ dtype: 'number', shape: [] }))
  expect([dtype, shape]).toStrictEqual(['number', []])
  expect(standIn({ dtype: 'bfloat16', shape: [3] })).toBeInstanceOf(Expr)
})
