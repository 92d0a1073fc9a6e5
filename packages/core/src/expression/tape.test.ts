import { describe, expect, test } from 'vitest'
import { Kind } from '../array/dtype.js'
import { ndarray } from '../array/ndarray.js'
import { type Call, type Expr, leafOf, settle } from './expr.js'
import { KeepingTape } from './keepingTape.js'
import { Op } from './op.js'
import { add, cast, lift, mul, neg, opaque, sqrt, sub, sum, type Value, where } from './operations.js'
import { Originals } from './originals.js'
import { type Tape, withTape } from './tape.js'

const leaf = (...values: number[]): Expr => leafOf(Kind.F32, null, Float32Array.from(values))

const x = leaf(1, 2, 3)
const y = leaf(4, 5, 6)

/** One step after another with one tape; what each of them made. */
const stepsOf = <T>(tape: Tape, steps: readonly (() => T)[]): T[] =>
  steps.map((step) => {
    tape.rewind()
    return withTape(tape, step)
  })

describe('the same operation on the same operands at the same place', () => {
  test('is the same node', () => {
    const build = () => add(mul(x, y), sqrt(x))
    const [first, second, third] = stepsOf(new KeepingTape(), [build, build, build])
    expect(second).toBe(first)
    expect(third).toBe(first)
  })

  test('has the numbers of its own step, also after a step that did something else', () => {
    const build = (n: number) => () => mul(x, n) as Expr
    const other = () => mul(y, 7) as Expr
    const tape = new KeepingTape()
    const [first, , again] = stepsOf(tape, [build(2), other, build(3)])
    expect(again).toBe(first)
    expect(again?.b).toBe(3)
    expect(stepsOf(tape, [other])[0]?.b).toBe(7)
  })

  test('has a zero of the sign of its own step, and what is no number', () => {
    const tape = new KeepingTape()
    const numberOf = (n: number): unknown => {
      tape.rewind()
      return (withTape(tape, () => mul(x, n)) as Expr).b
    }
    for (const n of [0, -0, 0, Number.NaN, 1, Number.NaN, -0]) expect(numberOf(n)).toBe(n)
    expect(tape.size).toBe(1)
  })

  test('stands for the same on either side of an operator, a number where a number was', () => {
    const tape = new KeepingTape()
    const [a] = stepsOf(tape, [() => sub(2, x) as Expr])
    const [b] = stepsOf(tape, [() => sub(x, 2) as Expr])
    const [c] = stepsOf(tape, [() => sub(5, x) as Expr])
    expect(b).not.toBe(a)
    expect(c).toBe(a)
    expect([c?.a, c?.b]).toStrictEqual([5, x])
  })

  test('does not touch the numbers of a node that does not match to the end', () => {
    const tape = new KeepingTape()
    const [kept] = stepsOf(tape, [() => where(x, 2, y) as Expr])
    stepsOf(tape, [() => where(x, 3, x)])
    expect(kept?.b).toBe(2)
  })

  test.each<[string, () => Value, () => Value]>([
    ['another operation', () => add(x, y), () => sub(x, y)],
    ['another operand', () => add(x, y), () => add(x, x)],
    ['another order', () => sub(x, y), () => sub(y, x)],
    ['another dtype', () => cast(x, 'float64'), () => cast(x, 'bfloat16')],
    ['another shape', () => neg(leafIn([1, 3])), () => neg(leafIn([3, 1]))],
    [
      'another function between the same operands',
      () => opaque((a) => a.data, [x, y], F32),
      () => opaque((a) => a.data, [y, x], F32)
    ],
    ['more operands', () => opaque((a) => a.data, [x], F32), () => opaque((a) => a.data, [x, x], F32)]
  ])('is another node for %s', (_what, one, other) => {
    const [first, second, third, fourth] = stepsOf(new KeepingTape(), [one, other, one, other])
    expect(second).not.toBe(first)
    expect([third, fourth]).toEqual([first, second])
    expect(third).toBe(first)
    expect(fourth).toBe(second)
  })

  test('has the function and the axes of its own step', () => {
    const build = (scale: number) => () => opaque((a) => a.data.map((v) => v * scale), [x], F32)
    const [first, second] = stepsOf(new KeepingTape(), [build(1), build(2)]) as [Expr, Expr]
    expect(second).toBe(first)
    expect((second.detail as Call).f(ndarray([3], [1]))).toStrictEqual(Float32Array.of(6))
    const matrix = leafIn([1, 1])
    const [, along] = stepsOf(new KeepingTape(), [() => sum(matrix, [0]) as Expr, () => sum(matrix, [1]) as Expr])
    expect(along?.detail).toMatchObject({ axes: [1] })
  })
})

const F32 = { dtype: 'float32', shape: [3] } as const
const leafIn = (() => {
  const known = new Map<string, Expr>()
  return (shape: readonly number[]): Expr => {
    const key = shape.join()
    const data = new Float32Array(shape.reduce((n, length) => n * length, 1))
    if (!known.has(key)) known.set(key, leafOf(Kind.F32, shape, data))
    return known.get(key) as Expr
  }
})()

describe('where steps take different courses', () => {
  const course = (kind: number) => () => {
    const common = add(x, y)
    const own = kind === 0 ? mul(common, 2) : kind === 1 ? neg(common) : sqrt(common)
    return [common, own, add(own, 1)]
  }

  test('each course has its own nodes after the place at which it leaves', () => {
    const steps = [0, 1, 2, 0, 2, 1, 0].map(course)
    const made = stepsOf(new KeepingTape(), steps)
    for (const nodes of made) expect(nodes[0]).toBe(made[0]?.[0])
    expect(made[3]).toEqual(made[0])
    for (const [again, first] of [
      [3, 0],
      [4, 2],
      [5, 1],
      [6, 0]
    ] as const) {
      made[again]?.forEach((node, i) => expect(node).toBe(made[first]?.[i]))
    }
    expect(new Set([0, 1, 2].map((i) => made[i]?.[1])).size).toBe(3)
  })

  test('a step that ends early, and one that goes on, are the same as far as they go', () => {
    const long = () => [neg(x), neg(neg(x)), neg(neg(neg(x)))]
    const short = () => [neg(x)]
    const [a, b, c] = stepsOf(new KeepingTape(), [short, long, short])
    expect(b?.[0]).toBe(a?.[0])
    expect(c?.[0]).toBe(a?.[0])
  })

  test('without a pattern the tape starts afresh, and does not grow', () => {
    const tape = new KeepingTape()
    for (let i = 0; i < 10_000; i++) {
      tape.rewind()
      // No two steps have the same operands.
      withTape(tape, () => add(leaf(i, i, i), neg(neg(x))))
      expect(tape.size).toBeLessThan(64 * 5)
    }
  })

  test('nor does it when every step is long', () => {
    const tape = new KeepingTape()
    const step = (n: number) => () => {
      let node: Value = leafIn([1, 3])
      for (let i = 0; i < 100_000; i++) node = add(node, i % 2 === n % 2 ? 1 : leafIn([1, 3]))
    }
    stepsOf(
      tape,
      Array.from({ length: 20 }, (_, i) => step(i))
    )
    expect(tape.size).toBeLessThanOrEqual(9 * 100_000)
    const before = tape.size
    stepsOf(
      tape,
      Array.from({ length: 4 }, (_, i) => step(i))
    )
    expect(tape.size).toBe(before)
  })
})

describe('arrays that are lifted while it runs', () => {
  test('the same array at the same place has one leaf, over the array itself', () => {
    const data = Float32Array.of(1, 2)
    const build = () => mul(data, 2) as Expr
    const [first, second] = stepsOf(new KeepingTape(), [build, build]) as [Expr, Expr]
    expect(second).toBe(first)
    expect((first.a as Expr).data).toBe(data)
  })

  test('another array each time has a leaf that stays, with a copy', () => {
    const arrays = [1, 2, 3, 4].map((v) => Float32Array.of(v, v))
    const made = stepsOf(
      new KeepingTape(),
      arrays.map((data) => () => {
        const node = mul(data, 2) as Expr
        return { node, seen: [...((node.a as Expr).data as Float32Array)] }
      })
    )
    expect(made.map(({ seen }) => seen)).toStrictEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4]
    ])
    expect(made[2]?.node).toBe(made[1]?.node)
    expect(made[3]?.node).toBe(made[1]?.node)
    // What was handed over is never written to.
    expect(arrays.map((data) => [...data])).toStrictEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4]
    ])
  })

  test('arrays of another shape, length or dtype are apart', () => {
    const bits = Uint16Array.of(1, 2)
    const given = [
      Float32Array.of(1, 2),
      Float64Array.of(1, 2),
      Float32Array.of(1, 2, 3),
      { dtype: 'float32', shape: [2, 1], data: Float32Array.of(1, 2) },
      { dtype: 'bfloat16', shape: [2], data: bits },
      { dtype: 'float16', shape: [2], data: bits }
    ] as const
    const leaves = stepsOf(
      new KeepingTape(),
      [...given, ...given].map((array) => () => lift(array) as Expr)
    )
    expect(new Set(leaves).size).toBe(6)
    leaves.forEach((node, i) => expect(node).toBe(leaves[i % 6]))
    expect(leaves.map(({ dtype }) => dtype).slice(0, 6)).toEqual([
      'float32',
      'float64',
      'float32',
      'float32',
      'bfloat16',
      'float16'
    ])
  })

  test('two arrays at two places do not share a leaf, though they take turns', () => {
    const [a, b] = [Float32Array.of(1), Float32Array.of(2)]
    const build = (one: Float32Array, other: Float32Array) => () => {
      const node = sub(one, other) as Expr
      return [(node.a as Expr).data?.[0], (node.b as Expr).data?.[0]]
    }
    expect(stepsOf(new KeepingTape(), [build(a, b), build(b, a), build(a, a), build(b, b), build(a, b)])).toStrictEqual(
      [
        [1, 2],
        [2, 1],
        [1, 1],
        [2, 2],
        [1, 2]
      ]
    )
  })
})

describe('what runs when', () => {
  test('without a tape every node is new, and inside of a tape one may do without', () => {
    expect(add(x, y)).not.toBe(add(x, y))
    const tape = new KeepingTape()
    const [[first, aside], [second, other]] = stepsOf(
      tape,
      [0, 1].map(() => () => [add(x, y), withTape(null, () => add(x, y))])
    ) as [Value[], Value[]]
    expect(second).toBe(first)
    expect(other).not.toBe(aside)
  })

  test('a step that throws leaves the tape in order', () => {
    const tape = new KeepingTape()
    const build = () => neg(add(x, y))
    const [first] = stepsOf(tape, [build])
    expect(() =>
      stepsOf(tape, [
        () => {
          add(x, y)
          mul(x, x)
          throw new RangeError('not today')
        }
      ])
    ).toThrow('not today')
    expect(stepsOf(tape, [build])[0]).toBe(first)
    expect(add(x, y)).not.toBe(add(x, y))
  })

  test('nodes that got their values in a step are pending again in the next', () => {
    const tape = new KeepingTape()
    const build = () => mul(x, 2) as Expr
    const [node] = stepsOf(tape, [build]) as [Expr]
    tape.settled.keep(node)
    settle(node, Float32Array.of(2, 4, 6))
    expect(node.op).toBe(Op.Leaf)
    const [again] = stepsOf(tape, [build])
    expect(again).toBe(node)
    expect(node).toMatchObject({ op: Op.Mul, a: x, b: 2, data: null, isFresh: false })
  })

  test('a node that got its value for good is not taken for pending', () => {
    const tape = new KeepingTape()
    const build = () => mul(x, 2) as Expr
    const [node] = stepsOf(tape, [build]) as [Expr]
    settle(node, Float32Array.of(2, 4, 6))
    const [again] = stepsOf(tape, [build])
    expect(again).not.toBe(node)
    expect(again?.op).toBe(Op.Mul)
  })
})

test('originals are restored whole, and forgotten', () => {
  const originals = new Originals()
  const node = opaque((a) => a.data, [x, y], F32)
  const { detail, more } = node
  originals.keep(node)
  expect(originals.nodes).toEqual([node])
  settle(node, Float32Array.of(1, 2, 3))
  originals.restore()
  expect(node).toMatchObject({ op: Op.Opaque, a: null, b: null, c: null, data: null })
  expect([node.detail, node.more]).toEqual([detail, more])
  expect(originals.nodes).toEqual([])
})
