// What may go wrong when arrays are written where they stand: every case against `step`, in more than one grouping.
import { describe, expect, test } from 'vitest'
import * as tree from '../algebra/index.js'
import type { NdArray } from '../array/ndarray.js'
import { read, withEngine } from '../engine/evaluate.js'
import { reference } from '../engine/reference.js'
import { createWasmEngine } from '../engine/wasm/engine.js'
import type { Expr, Operand } from '../expression/expr.js'
import {
  add,
  broadcast,
  castLike,
  mul,
  neg,
  norm,
  opaque,
  sqrt,
  sub,
  sum,
  type Value
} from '../expression/operations.js'
import { chain } from '../transformation/chain.js'
import { force } from '../transformation/force.js'
import { stateless } from '../transformation/stateless.js'
import { clipped, remembering, scaled, traced } from '../transformation/testing.js'
import { transformation } from '../transformation/transformation.js'
import type { AnyGradientTransformation, Tree } from '../transformation/types.js'
import { leaves, map } from '../tree/tree.js'
import { race, residentOf } from './transientTesting.js'

type State = Readonly<Record<string, Tree>>
type Rule = (g: Tree, state: State, p: Tree) => readonly [updates: Tree, state: State]

/** A transformation with the given arrays of state, which start as the params times 1, 2, 3, … */
const withState = (names: readonly string[], rule: Rule): AnyGradientTransformation =>
  transformation<State>({
    init: (params) => Object.fromEntries(names.map((name, i) => [name, map((p) => mul(p, i + 1), params)])),
    update: rule
  })

const zip = (f: (x: Operand, y: Operand) => Value, x: Tree, y: Tree): Tree => map(f, x, y)
const each = (f: (x: Operand) => Value, x: Tree): Tree => map(f, x)

/** Leaf i of the result stands where leaf i + 1 stood. */
const shifted = (x: Tree): Tree => {
  const all = leaves(x)
  return tree.unflatten(x, [...all.slice(1), all[0] as Operand])
}

/** Along the first axis, and back to the shape. */
const spread = (x: Operand): Value => {
  if (typeof x === 'number') return x
  const { shape } = x as NdArray
  return broadcast(sum(x, [0]), [...shape])
}

const reversed = (x: Operand): Value => {
  const { shape } = x as NdArray
  return opaque((a) => a.data.slice().reverse() as Float32Array, [x], { dtype: 'float32', shape: [...shape] })
}

/** A computation that is cut in several passes. */
const long = (x: Operand): Value => {
  let y = x
  for (let i = 0; i < 300; i++) y = i % 2 === 0 ? add(y, 0.01) : mul(y, 0.999)
  return y as Value
}

const HAZARDS: Readonly<Record<string, AnyGradientTransformation>> = {
  'a history moves on': withState(['a', 'b', 'c'], (g, { a, b }, _p) => [
    zip(add, g, b as Tree),
    { a: g, b: a as Tree, c: b as Tree }
  ]),
  'a history moves the other way': withState(['a', 'b', 'c'], (g, { b, c }) => [
    zip(sub, g, c as Tree),
    { a: b as Tree, b: c as Tree, c: g }
  ]),
  'two leaves of state change places': withState(['a', 'b'], (g, { a, b }) => [g, { a: b as Tree, b: a as Tree }]),
  'two leaves of state change places and are computed with': withState(['a', 'b'], (g, { a, b }) => [
    zip(sub, a as Tree, b as Tree),
    { a: zip(add, b as Tree, g), b: each(neg, a as Tree) }
  ]),
  'three leaves go round': withState(['a', 'b', 'c'], (g, { a, b, c }) => [
    g,
    { a: b as Tree, b: c as Tree, c: a as Tree }
  ]),
  'the gradient is kept': withState(['prev'], (g, { prev }) => [zip(sub, g, prev as Tree), { prev: g }]),
  'the params are kept': withState(['slow'], (g, { slow }, p) => [zip(add, g, zip(sub, slow as Tree, p)), { slow: p }]),
  'params and gradients are kept twice': remembering(),
  'updates and state are the same nodes': traced(0.9),
  'one node stands in the state twice': withState(['a', 'b'], (g, { a, b }) => {
    const m = zip(add, g, zip(mul, a as Tree, b as Tree))
    return [m, { a: m, b: m }]
  }),
  'the state is what the updates were computed from': withState(['a'], (g, { a }) => {
    const m = zip(add, g, a as Tree)
    return [
      each(
        sqrt,
        each((x) => mul(x, x), m)
      ),
      { a: m }
    ]
  }),
  'a leaf reads the old state of another': withState(['a'], (g, { a }) => [
    zip(add, g, shifted(a as Tree)),
    { a: zip(add, shifted(a as Tree), g) }
  ]),
  'a leaf takes the old state of another': withState(['a'], (g, { a }) => [g, { a: shifted(a as Tree) }]),
  'a leaf reads the old params of another': withState(['a'], (g, { a }, p) => [
    zip(add, g, shifted(p)),
    { a: zip(sub, a as Tree, shifted(p)) }
  ]),
  'a leaf takes the gradient of another': withState(['a'], (g) => [shifted(g), { a: shifted(shifted(g)) }]),
  'a sum reads what another pass overwrites': withState(['a', 'b'], (g, { a, b }) => [
    each((x) => mul(x, tree.sum(a as Tree)), g),
    { a: each(neg, b as Tree), b: each((x) => add(x, tree.sum(b as Tree)), a as Tree) }
  ]),
  'a sum of what was computed, used after': withState(['a'], (g, { a }) => {
    const m = zip(add, g, a as Tree)
    const size = tree.norm(m)
    return [each((x) => mul(x, size), zip(add, a as Tree, g)), { a: each((x) => sub(x, mul(size, 0.01)), m) }]
  }),
  'a sum of what is stored, used on what it was computed from': withState(['a', 'b'], (g, { a, b }) => {
    const m = zip(mul, a as Tree, g)
    const n = each((x) => mul(x, sum(x)), m)
    return [
      zip(add, a as Tree, n),
      {
        a: m,
        b: zip(
          add,
          b as Tree,
          each((x) => mul(x, norm(x)), n)
        )
      }
    ]
  }),
  'a sum of the scaled old state, which is not stored': withState(['a'], (g, { a }) => {
    const twice = each((x) => mul(x, 2), a as Tree)
    const total = tree.sum(twice)
    return [each((x) => mul(x, total), twice), { a: each((x) => sub(x, total), g) }]
  }),
  'axis reductions of the old state': withState(['a'], (g, { a }) => [
    each(spread, a as Tree),
    { a: zip(add, g, each(spread, a as Tree)) }
  ]),
  'axis reductions of the new state': withState(['a'], (g, { a }) => {
    const m = zip(add, g, a as Tree)
    return [zip(sub, a as Tree, each(spread, m)), { a: each(spread, m) }]
  }),
  'an opaque node reads the old state and stands in it': withState(['a', 'b'], (g, { a, b }) => [
    zip(add, each(reversed, a as Tree), g),
    { a: each(reversed, b as Tree), b: each(reversed, a as Tree) }
  ]),
  'an opaque node after a sum': withState(['a'], (g, { a }) => {
    const m = each((x) => mul(x, tree.norm(a as Tree)), g)
    return [each(reversed, m), { a: zip(add, a as Tree, each(reversed, m)) }]
  }),
  'what is overwritten is read by a function that captured it': withState(['a'], (g, { a }) => {
    const total = tree.norm(a as Tree)
    const m = zip(
      add,
      g,
      each((x) => mul(x, 0.5), a as Tree)
    )
    const after = sum(leaves(m)[0] as Operand)
    const peek = (x: Operand): Value =>
      opaque(
        (y) => {
          const [old] = leaves(force(a as Tree)) as unknown as [{ data: Float32Array } | Float32Array]
          const first = (ArrayBuffer.isView(old) ? old : old.data)[0] as number
          return y.data.map((v) => v + read(total) + first) as Float32Array
        },
        [mul(x, after)],
        { dtype: 'float32', shape: [...(x as NdArray).shape] }
      )
    const [first, ...others] = leaves(g)
    return [tree.unflatten(g, [peek(first as Operand), ...others]), { a: m }]
  }),
  'what is computed later is evaluated before by a function that captured it': withState(['a'], (g, { a }) => {
    const m = zip(add, g, a as Tree)
    const size = tree.norm(m)
    const later = each((x) => mul(x, size), m)
    const peek = (x: Operand): Value =>
      opaque((y) => y.data.map((v) => v + read(add(size, sum(leaves(later)[0] as Operand)))) as Float32Array, [x], {
        dtype: 'float32',
        shape: [...(x as NdArray).shape]
      })
    const [first, ...others] = leaves(g)
    return [tree.unflatten(g, [peek(first as Operand), ...others]), { a: later }]
  }),
  'computations that are cut': withState(['a', 'b'], (g, { a, b }) => [
    each(long, zip(add, g, b as Tree)),
    { a: each(long, b as Tree), b: each(long, zip(add, a as Tree, g)) }
  ]),
  'a state that stays, beside one that takes it': withState(['a', 'b'], (g, { a }) => [
    zip(add, g, a as Tree),
    { a: a as Tree, b: a as Tree }
  ]),
  'a state of zeros, and one that takes what it was': withState(['a', 'b'], (g, { a }) => [
    g,
    { a: tree.zerosLike(a as Tree), b: a as Tree }
  ]),
  'a value read in the middle, and used before and after': withState(['a', 'b'], (g, { a, b }) => {
    const m = zip(add, g, a as Tree)
    const size = read(tree.norm(m))
    const n = each((x) => mul(x, size > 1 ? 1 / size : size), m)
    const again = read(tree.sum(n))
    return [n, { a: m, b: each((x) => castLike(sub(x, again), x), b as Tree) }]
  }),
  'arrays computed in the middle are kept': withState(['a', 'b'], (g, { a, b }) => {
    const m = zip(add, g, a as Tree)
    force(m)
    const n = zip(mul, m, b as Tree)
    force({ n, m })
    return [n, { a: n, b: m }]
  })
}

/** Arrays of which now these, now those, are computed in the middle: one by one, in either order, or in one go. */
const inTurn = transformation<{ readonly count: number; readonly a: Tree }>({
  init: (params) => ({ count: 0, a: params }),
  update: (updates, { count, a }) => {
    const m = zip(add, updates, a)
    // Passes of their own, so that as much memory is taken in whatever way they are computed.
    const [x, y] = leaves(m) as [Operand, Operand]
    const courses = [[[x]], [[y]], [[x], [y]], [[x, y]], [[y], [x]], [[y, x]], []]
    for (const together of courses[count % courses.length] as Tree[][]) force(together)
    const n = each((z) => mul(z, 0.5), m)
    return [zip(mul, m, n), { count: count + 1, a: n }]
  }
})

const matrix = (rows: number, columns: number, start: number) => ({
  dtype: 'float32' as const,
  shape: [rows, columns],
  data: Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(start + i))
})

// Leaves of one shape, so that each may read any other.
const TREES: Readonly<Record<string, Tree>> = {
  'one leaf': { w: matrix(3, 5, 1) },
  'two leaves': { w: matrix(4, 4, 1), v: matrix(4, 4, 2) },
  'five leaves': Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`p${i}`, matrix(1, 7, i)])),
  'leaves of two blocks': [matrix(2, 4098, 1), matrix(2, 4098, 2)]
}

// What stands before and after makes other passes of the same computation.
const GROUPINGS: Readonly<Record<string, (tx: AnyGradientTransformation) => AnyGradientTransformation>> = {
  alone: (tx) => tx,
  'between clips': (tx) => chain(clipped(0.5), tx, clipped(0.1)),
  'after momentum, before decay': (tx) =>
    chain(
      traced(0.5),
      tx,
      stateless((updates, params) => map((u, p) => sub(mul(u, 0.1), mul(p, 0.01)), updates, params))
    ),
  'after a long computation': (tx) =>
    chain(
      stateless((updates) => each(long, updates)),
      tx,
      scaled(0.01)
    ),
  'after a value read on the host': (tx) =>
    chain(
      stateless((updates) => each((g) => mul(g, 1 / (1 + read(tree.norm(updates)))), updates)),
      tx
    )
}

// More results than one kernel gives: once is enough, as it takes its time.
const MANY: Tree = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`p${i}`, matrix(1, 7, i)]))

// In company, what is one leaf and what is five tells no more than two do.
const FEW: readonly string[] = ['two leaves', 'leaves of two blocks']
const inCompany = Object.entries(TREES).filter(([name]) => FEW.includes(name))
const alone = Object.entries({ ...TREES, many: MANY })

describe.each(Object.entries(HAZARDS))('%s', (_hazard, tx) => {
  test.each(Object.entries(GROUPINGS))('%s', (grouping, wrap) => {
    for (const [name, params] of grouping === 'alone' ? alone : inCompany) {
      expect(race(wrap(tx), params, { steps: 5, scratchBytes: 2 ** 24 }), name).toBe('')
    }
  })
})

test('arrays are computed in the middle, now these, now those', () => {
  expect(race(inTurn, { w: matrix(3, 5, 1), v: matrix(3, 5, 2) }, { steps: 40 })).toBe('')
})

test('an expression that belongs to no step may get its value in between', () => {
  const constant = mul(Float32Array.of(1, 2, 3), 2) as Expr
  const rate = sum(mul(constant, 0.25))
  const tx = stateless((updates) => each((g) => mul(mul(g, constant), rate), updates))
  const run = residentOf(tx, new Float32Array(3))
  for (let i = 1; i <= 6; i++) {
    if (i === 3) withEngine(createWasmEngine(), () => force(constant))
    if (i === 5) withEngine(reference, () => read(rate))
    run.step(Float32Array.of(1, 1, 1) as never)
    expect(run.snapshot().params).toStrictEqual(Float32Array.of(2, 4, 6).map((x) => 3 * i * x))
  }
})
