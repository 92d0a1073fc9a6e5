import { expect, test } from 'vitest'
import { InvalidOption } from '../errors.js'
import type { Expr } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { derivativeOf } from '../expression/operations/rules.js'
import { add, fullLike, lift, mul, opaque, reshape, sum, transpose, where } from '../expression/operations.js'
import { matmul } from '../matrix/matmul.js'
import { isNode, nodeOf, settleNode } from './node.js'
import { nodeNameOf, nodes } from './nodes.js'

test('the table has every kind of node that an engine is given', () => {
  const names = Object.values(Op).flatMap((op) => nodeNameOf(op) ?? [])
  // What puts arrays together that lie side by side is between the engines that know of such.
  expect(nodeNameOf(Op.Fold)).toBe(undefined)
  expect(names.length).toBe(Object.keys(Op).length - 1)
  expect([...names].sort()).toEqual(Object.keys(nodes).sort())
})

test('what the table says has a derivative has a rule, with a pull for each operand', () => {
  for (const [key, op] of Object.entries(Op)) {
    const name = nodeNameOf(op)
    if (name === undefined || name === 'leaf' || name === 'opaque') continue
    const { derivative, arity } = nodes[name]
    const pulls = derivativeOf(op)?.pulls ?? []
    expect([key, pulls.length]).toStrictEqual([key, derivative === null ? 0 : arity])
  }
})

const f32 = (...values: number[]): Float32Array => Float32Array.from(values)
const matrix = { dtype: 'float32', shape: [2, 2], data: f32(1, 2, 3, 4) } as const

test('a node is told by its name, operands, dtype and shape, and what else belongs to it', () => {
  const x = lift(f32(1, 2, 3)) as Expr
  expect(nodeOf(x)).toMatchObject({ name: 'leaf', dtype: 'float32', shape: [3], operands: [] })
  expect(nodeOf(add(x, 2) as Expr)).toStrictEqual({ name: 'add', dtype: 'float32', shape: [3], operands: [x, 2] })
  expect(nodeOf(where(1, x, 0) as Expr)).toMatchObject({ name: 'where', operands: [1, x, 0] })
  expect(nodeOf(sum(x) as Expr)).toStrictEqual({ name: 'sum', dtype: 'number', shape: [], operands: [x] })
  expect(nodeOf(mul(sum(x), 2) as Expr)).toMatchObject({ name: 'mul', dtype: 'number', shape: [] })
  expect(nodeOf(fullLike(x, 7) as Expr)).toMatchObject({ name: 'fill', shape: [3], operands: [7] })
  expect(nodeOf(reshape(x, [3, 1]))).toMatchObject({ name: 'reshape', shape: [3, 1] })
  expect(nodeOf(transpose(matrix))).toMatchObject({ name: 'permute', order: [1, 0] })
  expect(nodeOf(sum(matrix, [1]) as Expr)).toMatchObject({ name: 'reduce', by: 'sum', axes: [1], shape: [2, 1] })
  const product = nodeOf(matmul(matrix, matrix, { transposeB: true }))
  expect(product).toMatchObject({ name: 'matmul', transposeA: false, transposeB: true })
  expect(product.operands.length).toBe(2)
  const f = () => f32(1)
  expect(nodeOf(opaque(f, [x], { dtype: 'float32', shape: [1] }))).toMatchObject({ name: 'opaque', f, operands: [x] })
  expect([isNode(x), isNode(2), isNode(f32(1))]).toStrictEqual([true, false, false])
})

test('a node takes the value that fits it, and no other', () => {
  const doubled = mul(f32(1, 2), 2) as Expr
  expect(() => settleNode(doubled, f32(1))).toThrow(
    new InvalidOption('settleNode: value has shape [2], that is 2 elements, and 1 in its data')
  )
  expect(() => settleNode(doubled, 3)).toThrow(new InvalidOption('settleNode: value must be elements, got 3'))
  const total = sum(doubled) as Expr
  expect(() => settleNode(total, f32(1))).toThrow(
    new InvalidOption('settleNode: value must be a number, got a Float32Array')
  )
  settleNode(doubled, f32(2, 4))
  settleNode(total, 6)
  expect(nodeOf(doubled)).toMatchObject({ name: 'leaf', value: { data: f32(2, 4) } })
  expect(nodeOf(total)).toMatchObject({ name: 'leaf', value: 6 })
  // What has its value keeps it.
  settleNode(total, 7)
  expect(nodeOf(total)).toMatchObject({ value: 6 })
})
