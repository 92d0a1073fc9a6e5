import { add, mul, neg, type Operand, sum, transpose, type Value } from '@gradchain/core'
import { type Expr, lift } from '@gradchain/core/engine'
import { expect, test } from 'vitest'
import { meet, takeApart } from './graph.js'
import { type Staged, stagesOf } from './stages.js'

const buffer = { size: 0, usage: 0, mapState: '', mapAsync: async () => {}, getMappedRange: () => new ArrayBuffer(0) }
const to = {
  buffer: { ...buffer, unmap: () => {}, destroy: () => {} },
  offset: 0,
  dtype: 'float32',
  length: 1
} as const
const givens = { slotOf: () => undefined, idOf: () => 1 }

const staged = (...values: readonly Value[]): Staged => {
  const assignments = values.map((value) => ({ node: value as Expr, to }))
  return stagesOf(takeApart(assignments, meet(assignments, givens), givens))
}

const counts = ({ stages }: Staged) =>
  stages.map(({ numbers, wholes, outputs, reductions }) => [
    numbers.flat().length,
    wholes.length,
    outputs.length,
    reductions.length
  ])

const x = new Float32Array(8)

test('what needs a sum comes a stage later, what is elementwise is one pass', () => {
  expect(counts(staged(add(mul(neg(x), 2), 1)))).toStrictEqual([[0, 0, 1, 0]])
  expect(counts(staged(mul(x, add(sum(x), 1))))).toStrictEqual([
    [0, 0, 0, 1],
    [1, 0, 1, 0]
  ])
})

test('what works on whole arrays has its operands stored before it', () => {
  const matrix = { dtype: 'float32', shape: [2, 4], data: x } as const
  expect(counts(staged(neg(transpose(add(matrix, 1)))))).toStrictEqual([
    [0, 0, 1, 0],
    [0, 1, 1, 0]
  ])
})

test('a sum over many leaves is one loop, also where each leaf has numbers of its own', () => {
  const leaves: Operand[] = Array.from({ length: 30 }, () => new Float32Array(3))
  const total = leaves.reduce((all: Value, leaf) => add(all, mul(sum(leaf), 2)), 0)
  const { chains, stages } = staged(mul(x, total))
  expect([...chains.values()].map(({ terms }) => terms.length)).toStrictEqual([30])
  expect(stages[1]?.numbers.map((level) => level.length)).toStrictEqual([30, 1])
})

test('a long computation is cut', () => {
  let y: Value = add(x, 0)
  for (let i = 0; i < 300; i++) y = add(y, 1)
  expect(staged(y).stages).toHaveLength(3)
})

test('a graph is told from others by all but its numbers', () => {
  const signature = (value: Value) => meet([{ node: value as Expr, to }], givens).signature
  expect(signature(mul(x, 2))).toStrictEqual(signature(mul(new Float32Array(8), 3)))
  expect(signature(mul(x, 2))).not.toStrictEqual(signature(mul(new Float32Array(9), 2)))
  const leaf = lift(x)
  expect(signature(mul(leaf, leaf))).not.toStrictEqual(signature(mul(leaf, new Float32Array(8))))
  expect(signature(add(x, 2))).not.toStrictEqual(signature(mul(x, 2)))
})
