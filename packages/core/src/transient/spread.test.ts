// What does not fit one memory, in several: by memories that hold little.
import { describe, expect, test } from 'vitest'
import * as tree from '../algebra/index.js'
import { Kind, widened } from '../array/dtype.js'
import { ndarray } from '../array/ndarray.js'
import { withEngine } from '../engine/evaluate.js'
import { reference } from '../engine/reference.js'
import { footprint } from '../engine/resident/arena.js'
import { Expr, type Operand } from '../expression/expr.js'
import { add, cast, div, dot, lift, mul, norm, opaque, sub, type Value } from '../expression/operations.js'
import { matmul } from '../matrix/matmul.js'
import { dequantize } from '../packing/dequantize.js'
import { quantize } from '../packing/quantize.js'
import { chain } from '../transformation/chain.js'
import { stateless } from '../transformation/stateless.js'
import { clipped, remembering, scaled, traced } from '../transformation/testing.js'
import { transformation } from '../transformation/transformation.js'
import type { AnyGradientTransformation, Tree } from '../transformation/types.js'
import { leaves, map } from '../tree/tree.js'
import { spread } from './spread.js'
import { race, residentOf, started } from './transientTesting.js'

describe('arrays are dealt out', () => {
  /** An array of so many lines of 64 bytes; an arena keeps one more behind it. */
  const array = (lines: number): Expr => lift(new Float32Array(16 * lines)) as Expr
  const half = (lines: number): Expr => lift(ndarray(new Uint16Array(32 * lines), [32 * lines], 'bfloat16')) as Expr
  const [kindItself, noRoom] = [(kind: Kind): Kind => kind, (): number => 0]
  const contents = (params: number, grads: number, state: number, scratch: number) => ({
    ...{ params: 64 * params, grads: 64 * grads, state: 64 * state },
    scratch
  })

  test('in order, with gradients of their own dtype and with what the state has of each', () => {
    const nodes = { a: array(1), b: half(3), s: 2, c: array(2) }
    const mu = { a: array(1), b: array(6), s: 0, c: array(2) }
    const rest = array(9)
    const dealt = spread(nodes as never, widened, { count: 1, rest, mu, seen: nodes.a }, 64 * 18, noRoom, 7)
    expect(dealt.contents).toStrictEqual([
      contents(2, 2, 2, 7),
      contents(4, 7, 7, 7),
      contents(3, 3, 3, 7),
      contents(0, 0, 10, 7)
    ])
    expect([nodes.a, mu.a, nodes.b, mu.b, nodes.c, mu.c, rest].map((node) => dealt.memories.get(node))).toStrictEqual([
      0, 0, 1, 1, 2, 2, 3
    ])
  })

  test('so that there is room beside them, for all of a memory and for the largest', () => {
    const roomFor = (params: number, largest: number, count: number) => params + 2 * largest + 64 * count
    const nodes = [3, 1, 1, 1, 1, 1].map(array)
    const dealt = spread(nodes as never, kindItself, {}, 64 * 40, roomFor, 7)
    // In units of 64 bytes: 8 + 8 + 19 are 35, and 10 + 10 + 22 with one more are 42.
    expect(dealt.contents).toStrictEqual([contents(8, 8, 0, 64 * 19), contents(6, 6, 0, 64 * 13)])
    const large = spread([array(9)] as never, kindItself, {}, 64 * 21, roomFor, 7)
    expect(large.contents).toStrictEqual([contents(10, 10, 0, 64)])
    const larger = spread([array(1), array(9)] as never, kindItself, {}, 64 * 20, roomFor, 7)
    expect(larger.contents).toStrictEqual([contents(2, 2, 0, 64 * 7), contents(10, 10, 0, 7)])
  })

  test('to where the param is whose path is the longest that one in the state ends with', () => {
    const memoriesOf = (nodes: unknown, state: unknown, arrays: readonly Expr[]) => {
      const { memories } = spread(nodes as never, kindItself, state, 0, noRoom, 0)
      return arrays.map((node) => memories.get(node))
    }
    const [w, b, bw, deep, other] = [array(1), array(1), array(1), array(1), array(1)] as const
    const state = { w: b, mu: { w, b: { w: bw } }, deep: [{ b: { w: deep } }], no: { ww: other } }
    const all = [w, b, bw, deep, other]
    expect(memoriesOf({ w: array(1), b: { w: array(1) } }, state, all)).toStrictEqual([0, 0, 1, 1, 2])
    expect(memoriesOf(array(1), { mu: w, nu: [b] }, [w, b])).toStrictEqual([0, 0])
    expect(memoriesOf([array(1), array(1)], { mu: [w, b] }, [w, b])).toStrictEqual([0, 1])
  })
})

const SIZE = 16_000
const numbers = (seed: number): Float32Array =>
  Float32Array.from({ length: SIZE }, (_, i) => ((i * 7919 + seed) % 1000) / 500 - 1)
const params = {
  a: ndarray(numbers(1), [160, 100]),
  layers: [numbers(2), ndarray(numbers(3), [100, 160]), numbers(4)],
  none: new Float32Array(0),
  s: 0.5,
  wide: Float64Array.from(numbers(5)),
  last: ndarray(numbers(6), [160, 100])
}

/** Leaf i of the result stands where leaf i + 1 of its size stood. */
const shifted = (x: Tree): Tree => {
  const [a, b, c, d, ...rest] = leaves<Operand>(x as never)
  const flat = (one: Operand | undefined, like: Operand | undefined): Value =>
    opaque(({ data }) => data.slice(), [one as Operand], { like: like as Operand })
  return tree.unflatten(x, [flat(d, a), flat(a, b), flat(b, c), flat(c, d), ...rest]) as Tree
}

/** Each vector from another, fused: what is in one memory is read in another, before a step and in the middle of it. */
const crossing = (): AnyGradientTransformation =>
  transformation<{ readonly m: Tree }>({
    init: (all) => ({ m: map((p) => mul(p, 2), all) }),
    update: (updates, { m }) => {
      const all = leaves<Operand>(updates as never)
      const kept = leaves<Operand>(m as never)
      const [first, third] = [all[1] as Operand, all[3] as Operand]
      const half = mul(add(first, kept[3] as Operand), 0.5)
      const total = norm(half)
      const made = [...all]
      made[1] = sub(mul(third, total), half)
      made[3] = add(half, mul(kept[1] as Operand, total))
      const next = [...kept]
      next[1] = add(kept[3] as Operand, half)
      next[3] = kept[1] as Operand
      return [tree.unflatten(updates, made), { m: tree.unflatten(m, next) }] as never
    }
  })

/** Products of matrices of several memories, and of what is computed from them there. */
const multiplied = (): AnyGradientTransformation =>
  stateless((updates, all) => {
    const { a, last, layers } = all as unknown as { a: Operand; last: Operand; layers: readonly Operand[] }
    const g = updates as unknown as Readonly<Record<string, Operand>>
    const [between, total] = [layers[1] as Operand, dot(a, last)]
    const square = matmul(mul(a, 2), between)
    const product = matmul(square, mul(last, div(total, SIZE)))
    const other = matmul(matmul(mul(last, norm(a)), between), last)
    return { ...g, a: add(g['a'] as Operand, product), last: add(mul(g['last'] as Operand, total), other) } as never
  })

/** What one memory reads of another before a step, it reads again when the step has written there. */
const meeting = (): AnyGradientTransformation =>
  transformation<{ readonly m: Tree }>({
    init: (all) => ({ m: map((p) => mul(p, 2), all) }),
    update: (updates, { m }) => {
      const all = leaves<Operand>(updates as never)
      const kept = leaves<Operand>(m as never)
      const [first, third] = [kept[1] as Operand, kept[3] as Operand]
      const made = add(mul(first, div(dot(third, first), SIZE)), all[1] as Operand)
      const next = [...kept]
      next[1] = made
      next[3] = add(third, div(made, norm(made)))
      return [updates, { m: tree.unflatten(m, next) }] as never
    }
  })

/** Moments that are kept packed. */
const packed = (): AnyGradientTransformation =>
  transformation<{ readonly m: Tree }>({
    init: (all) => ({ m: map((p) => (isLarge(p) ? quantize(cast(mul(p, 2), 'float32'), 'dynamic8') : 0), all) }),
    update: (updates, { m }) => {
      const next = map((g, q) => (isLarge(g) ? add(g, dequantize(q, 'dynamic8', cast(g, 'float32'))) : g), updates, m)
      return [next, { m: map((x) => (isLarge(x) ? quantize(cast(x, 'float32'), 'dynamic8') : 0), next) }]
    }
  })

const isLarge = (x: Operand): x is Expr => x instanceof Expr && x.size > 1

const transformations: Readonly<Record<string, () => AnyGradientTransformation>> = {
  'a moment': () => traced(0.9),
  'a norm over all, arrays that are handed on': () => chain(clipped(1), traced(0.9), remembering(), scaled(-0.1)),
  'leaves that change places': () => chain(stateless(shifted), traced(0.5)),
  'leaves computed from one another': () => chain(crossing(), clipped(2)),
  'what is read before and after it is written': () => chain(meeting(), clipped(2)),
  'products of matrices': () => chain(multiplied(), clipped(1), traced(0.9)),
  'packed moments': () => chain(clipped(1), packed(), traced(0.9)),
  'a pair of functions on raw arrays': () =>
    chain(traced(0.9), {
      init: () => ({ n: 0 }),
      update: (updates: unknown, { n }: { n: number }) => [updates, { n: n + 1 }]
    } as never)
}

// Three arrays of 64 kB for each param, and scratch, half of which is for what packing looks up.
const scratchBytes = 2 ** 21
const most = 2 ** 17 + scratchBytes + 2 ** 19
const options = { steps: 4, scratchBytes, most }

describe.each(Object.entries(transformations))('several memories: %s', (_, make) => {
  test.each([1, 3])('has the bits of step, with threads: %s', async (threads) => {
    const run = residentOf(make(), params, { ...options, threads, pool: { worthSharing: 1 } })
    await started(run)
    // Each memory has scratch of its own.
    const { params: own, grads, state, scratch, total } = run.bytes
    expect(scratch).toBeGreaterThanOrEqual(2 * scratchBytes)
    expect(total).toBeGreaterThan(own + grads + state + scratch)
    expect(race(make(), params, options, run)).toBe('')
  })

  test('has them on the reference engine', () => {
    withEngine(reference, () => expect(race(make(), params, { ...options, steps: 2 })).toBe(''))
  })
})

test('products are packed in the memory where they are computed', () => {
  const squares = stateless((updates, all) => {
    const { few, many } = all as unknown as Readonly<Record<'few' | 'many', Operand>>
    const { few: f, many: g } = updates as unknown as Readonly<Record<'few' | 'many', Operand>>
    return {
      few: add(f, matmul(few, few)),
      many: add(g, matmul(matmul(many, many, { transposeB: true }), many))
    } as never
  })
  const some = { few: ndarray(numbers(1).slice(0, 64), [8, 8]), many: params.a }
  // The larger one fits with its gradient and its moment, and no more does: where one memory has scratch the other has arrays.
  const filled = { ...options, most: 2 ** 17 + scratchBytes + 3 * footprint(Kind.F32, SIZE) }
  expect(race(chain(squares, clipped(1), traced(0.9)), some, filled)).toBe('')
})

test('what fits one memory is in one', () => {
  const { bytes } = residentOf(traced(0.9), params, { ...options, most: 2 ** 23 })
  expect(bytes.scratch).toBe(scratchBytes)
})

test('goes on from a state, and takes another one', () => {
  const tx = chain(traced(0.9), remembering())
  const run = residentOf(tx, params, options)
  run.step(params as never)
  const { params: now, state } = run.snapshot()
  expect(race(tx, now, { ...options, state })).toBe('')
  const other = residentOf(tx, now, options)
  other.setState(state)
  expect(other.snapshot()).toStrictEqual({ params: now, state })
  run.dispose()
  other.dispose()
})

test('an array that does not fit one with what belongs to it is refused', () => {
  for (const w of [numbers(1), 1]) {
    expect(() => residentOf(scaled(1), { w }, { scratchBytes: 2 ** 32 })).toThrow(
      'and one WebAssembly memory, which an array shares with its gradient and its state, holds 4096 MiB'
    )
  }
})
