import { expect, test } from 'vitest'
import type { Operand } from '../expression/expr.js'
import { mul } from '../expression/operations.js'
import { fillAbsent } from './fillAbsent.js'
import { transformation } from './transformation.js'
import type { Tree } from './types.js'

/** What `fillAbsent` gives inside an update that takes `null`. */
const filled = (updates: unknown, params: unknown, fill?: number | ((leaf: Operand) => Operand | null)): unknown => {
  const tx = transformation<{ readonly kept: Tree }>({
    init: (like) => ({ kept: like }),
    update: (given, _state, like) => [given, { kept: fillAbsent(given, like, ...(fill === undefined ? [] : [fill])) }],
    takesNull: true
  })
  return tx.update(updates as never, tx.init(params as never), params as never)[1].kept
}

test('−0 stands for what is absent, in the form of the param', () => {
  expect(filled({ a: 3, b: null }, { a: 0, b: 5 })).toStrictEqual({ a: 3, b: -0 })
  expect(filled([null, Float32Array.of(1)], [Float32Array.of(7, 8), Float32Array.of(9)])).toStrictEqual([
    Float32Array.of(-0, -0),
    Float32Array.of(1)
  ])
})

test('another number, or what a function makes of the leaf, stands there when it is asked for', () => {
  expect(filled({ a: 3, b: null }, { a: 0, b: 5 }, 1)).toStrictEqual({ a: 3, b: 1 })
  expect(filled({ a: 3, b: null }, { a: 0, b: 5 }, (leaf) => mul(leaf, 2))).toStrictEqual({ a: 3, b: 10 })
})

test('outside of a step it is the tree itself', () => {
  const updates = { a: 1 }
  expect(fillAbsent(updates, { a: 2 })).toBe(updates)
})
