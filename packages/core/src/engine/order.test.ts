import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LazyValue } from '../errors.js'
import { type Expr, eachChild } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { add, lift, mul, opaque, sum, where } from '../expression/operations.js'
import { newPass, pendingOrder } from './order.js'

const leaf = () => lift(Float32Array.of(1, 2)) as Expr

/** A graph in which each node uses some of those before it: out of a list of pairs of places. */
const graph = (edges: readonly (readonly [number, number])[]): Expr[] => {
  const nodes = [leaf()]
  for (const [a, b] of edges) nodes.push(add(nodes[a % nodes.length] as Expr, nodes[b % nodes.length] as Expr) as Expr)
  return nodes
}

const edges = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { maxLength: 40 })

test('every pending node below the roots stands there once, after its operands', () => {
  fc.assert(
    fc.property(edges, fc.array(fc.nat(50), { minLength: 1, maxLength: 3 }), (drawn, picked) => {
      const nodes = graph(drawn)
      const roots = picked.map((i) => nodes[i % nodes.length] as Expr)
      const order = pendingOrder(roots)
      const place = new Map(order.map((node, i) => [node, i]))
      expect(place.size).toBe(order.length)
      for (const node of [...roots, ...order]) {
        if (node.op !== Op.Leaf) expect(place.has(node)).toBe(true)
        eachChild(node, (child) => {
          if (child.op === Op.Leaf) expect(place.has(child)).toBe(false)
          else expect(place.get(child)).toBeLessThan(place.get(node) ?? -1)
        })
      }
      // And nothing beside: what no root uses is not there.
      const below = new Set<Expr>()
      const visit = (node: Expr): void => {
        if (node.op === Op.Leaf || below.has(node)) return
        below.add(node)
        eachChild(node, visit)
      }
      roots.forEach(visit)
      expect(order.length).toBe(below.size)
    })
  )
})

test('three operands count, and come in order', () => {
  const [a, b, c] = [1, 2, 3].map((x) => mul(leaf(), x) as Expr) as [Expr, Expr, Expr]
  const node = where(a, b, c) as Expr
  expect(pendingOrder([node])).toStrictEqual([a, b, c, node])
})

test('operands beyond three count, and come in order', () => {
  const parts = [1, 2, 3, 4, 5].map((x) => mul(leaf(), x) as Expr)
  const node = opaque(({ data }) => data.slice(), parts, { like: parts[0] as Expr })
  expect(pendingOrder([node])).toStrictEqual([...parts, node])
})

test('leaves and known scalars are not pending', () => {
  expect(pendingOrder([leaf(), leaf()])).toStrictEqual([])
  const total = sum(leaf()) as Expr
  const scaled = mul(leaf(), total) as Expr
  expect(pendingOrder([scaled, scaled])).toStrictEqual([total, scaled])
})

test('a graph may be a hundred thousand operations deep', () => {
  let node = leaf()
  for (let i = 0; i < 100_000; i++) node = add(node, 1) as Expr
  expect(pendingOrder([node])).toHaveLength(100_000)
})

test('a node whose elements were taken back is refused by name, and the next order is as good as ever', () => {
  const gone = mul(leaf(), 2) as Expr
  const user = add(gone, 1) as Expr
  gone.op = Op.Leaf
  expect(() => pendingOrder([user])).toThrow(LazyValue)
  const other = add(leaf(), 1) as Expr
  expect(pendingOrder([other])).toStrictEqual([other])
})

test('every pass has a number of its own', () => {
  const [first, second] = [newPass(), newPass()]
  expect(second).toBeGreaterThan(first)
})
