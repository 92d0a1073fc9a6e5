import { expect, test } from 'vitest'
import { Kind } from '../array/dtype.js'
import { LazyValue } from '../errors.js'
import { type Expr, eachChild, leafOf, settle, shapeOf } from './expr.js'
import { Op } from './op.js'
import { add, lift, mul, opaque, sum, where } from './operations.js'

const leaf = (x: number) => lift(Float32Array.of(x)) as Expr

const childrenOf = (node: Expr): readonly Expr[] => {
  const found: Expr[] = []
  eachChild(node, (child) => found.push(child))
  return found
}

test('every operand that is a node is called back for, in order; numbers are none', () => {
  const [a, b, c, d] = [leaf(1), leaf(2), leaf(3), leaf(4)]
  expect(childrenOf(mul(a, 2) as Expr)).toStrictEqual([a])
  expect(childrenOf(add(a, b) as Expr)).toStrictEqual([a, b])
  expect(childrenOf(where(a, b, c) as Expr)).toStrictEqual([a, b, c])
  expect(childrenOf(opaque(({ data }) => data.slice(), [a, b, c, d], { like: a }))).toStrictEqual([a, b, c, d])
  expect(childrenOf(a)).toStrictEqual([])
})

test('a node that is settled has its elements, and lets go of its operands', () => {
  const node = add(leaf(1), leaf(2)) as Expr
  settle(node, Float32Array.of(3))
  expect([node.op, node.isFresh, childrenOf(node)]).toStrictEqual([Op.Leaf, true, []])
  expect(node.data).toStrictEqual(Float32Array.of(3))
  const scalar = sum(leaf(1)) as Expr
  settle(scalar, -0)
  expect([scalar.op, scalar.value, childrenOf(scalar)]).toStrictEqual([Op.Leaf, -0, []])
})

test('a bare vector has the shape of its length, and no node has a value to compute with', () => {
  const bare = leafOf(Kind.F32, null, new Float32Array(3))
  expect([shapeOf(bare), shapeOf(leafOf(Kind.F32, [3, 1], new Float32Array(3)))]).toStrictEqual([[3], [3, 1]])
  expect([bare.dtype, bare.isScalar, (sum(bare) as Expr).isScalar]).toStrictEqual(['float32', false, true])
  expect(() => Number(bare)).toThrow(LazyValue)
  expect(() => JSON.stringify({ bare })).toThrow(LazyValue)
})
