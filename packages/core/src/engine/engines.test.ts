import { laws } from '@gradchain/laws'
import { describe, expect, test } from 'vitest'
import { differenceOf, valuesOf } from '../../../laws/src/engine/graph.js'
import { InvalidOption } from '../errors.js'
import { type Expr, leafOf } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { add, cast, exp, lift, maxOf, mul, neg, opaque, sqrt, sub, sum, sumSquares } from '../expression/operations.js'
import type { Engine } from './engine.js'
import { LONGEST } from './plan.js'
import { reference } from './reference.js'
import { createWasmEngine } from './wasm/engine.js'

const engines: readonly (readonly [string, () => Engine])[] = [
  ['reference', () => reference],
  ['wasm', createWasmEngine]
]

const f32 = (...values: number[]): Expr => lift(Float32Array.from(values)) as Expr

describe.each(engines)('%s', (_name, create) => {
  const engine = create()
  // Of the reference itself they say that a graph has one value.
  laws.engine(engine, { test, runs: engine === reference ? 2 : 50 })

  const evaluate = (...roots: unknown[]): void => engine.evaluate(roots as Expr[])

  test('computes in the dtype: float32 rounds after every operation', () => {
    const x = mul(add(Float32Array.of(16777216), Float32Array.of(1)), 3) as Expr
    evaluate(x)
    expect(valuesOf(x)).toStrictEqual([50331648])
  })

  test('gives a value to roots that are below other roots, or named twice, or known already', () => {
    const below = add(f32(1, 2, 3), 1) as Expr
    const above = mul(below, 2) as Expr
    const total = sum(below) as Expr
    const leaf = f32(7)
    evaluate(above, below, above, total, below, total, leaf)
    evaluate(above, total, leaf)
    expect([above, below, total, leaf].map(valuesOf)).toStrictEqual([[4, 6, 8], [2, 3, 4], [9], [7]])
  })

  test('an evaluated node lets go of its operands, and stays usable', () => {
    const x = f32(1, 4, 9)
    const root = sqrt(x) as Expr
    const total = sum(root) as Expr
    const opaqueNode = opaque((a) => (a as { data: Float32Array }).data, [root], { dtype: 'float32', shape: [3] })
    evaluate(root, total, opaqueNode)
    for (const node of [root, total, opaqueNode]) {
      expect(node).toMatchObject({ op: Op.Leaf, a: null, b: null, c: null, more: null, detail: null })
    }
    const later = add(root, total) as Expr
    evaluate(later)
    expect(valuesOf(later)).toStrictEqual([7, 8, 9])
  })

  test('a graph 100 000 operations deep is computed', () => {
    let x = f32(0, 1, 2, 3, 4)
    for (let i = 0; i < 100_000; i++) x = add(x, 1) as Expr
    evaluate(x)
    expect(valuesOf(x)).toStrictEqual([100_000, 100_001, 100_002, 100_003, 100_004])
  }, 30_000)

  test('a chain of 1 000 reductions, each of what the one before it made, is computed', () => {
    let x = f32(1, 2, 3)
    for (let i = 0; i < 1000; i++) x = sub(x, sub(maxOf(x), 3)) as Expr
    evaluate(x)
    expect(valuesOf(x)).toStrictEqual([1, 2, 3])
  }, 30_000)

  test('5 000 outputs of one input are computed', () => {
    const x = f32(1, 2, 3, 4, 5)
    const outputs = Array.from({ length: 5000 }, (_, i) => add(x, i) as Expr)
    evaluate(...outputs)
    expect(outputs.flatMap(valuesOf)).toEqual(outputs.flatMap((_, i) => [1 + i, 2 + i, 3 + i, 4 + i, 5 + i]))
  }, 30_000)

  test('1 000 sums over one computed array, and as many outputs that need them, are computed', () => {
    const x = mul(f32(1, 2, 3), 2) as Expr
    const outputs = Array.from({ length: 1000 }, (_, i) => mul(x, sum(add(x, i))) as Expr)
    evaluate(...outputs)
    expect(outputs.flatMap(valuesOf)).toEqual(outputs.flatMap((_, i) => [2, 4, 6].map((a) => a * (12 + 3 * i))))
  }, 30_000)

  test('one output of 3 000 inputs is computed', () => {
    const inputs = Array.from({ length: 3000 }, (_, i) => f32(i, -i))
    const balanced = (nodes: Expr[]): Expr => {
      if (nodes.length === 1) return nodes[0] as Expr
      const half = nodes.length >> 1
      return add(balanced(nodes.slice(0, half)), balanced(nodes.slice(half))) as Expr
    }
    const chained = inputs.reduce((a, b) => add(a, b) as Expr)
    const tree = balanced(inputs)
    evaluate(chained, tree)
    expect([chained, tree].map(valuesOf)).toStrictEqual([
      [4_498_500, -4_498_500],
      [4_498_500, -4_498_500]
    ])
  }, 30_000)

  test('a pass beyond what one WebAssembly function may hold is computed, at every sight', () => {
    for (let sight = 0; sight < 3; sight++) {
      const x = lift(Float64Array.of(1, 2, 3)) as Expr
      const roots: Expr[] = [sum(x) as Expr, sumSquares(x) as Expr]
      for (let i = 0; i < 62; i++) {
        let y = x
        for (let j = 0; j < LONGEST - 1; j++) y = add(y, Float64Array.of(i, j, 1)) as Expr
        roots.push(y)
      }
      evaluate(...roots)
      expect(roots.slice(0, 2).map(valuesOf)).toStrictEqual([[6], [14]])
      const times = LONGEST - 1
      roots.slice(2).forEach((root, i) => {
        expect(valuesOf(root)).toStrictEqual([1 + i * times, 2 + (times * (times - 1)) / 2, 3 + times])
      })
    }
  }, 60_000)

  test.each([LONGEST - 1, LONGEST, LONGEST + 1, 2 * LONGEST, 1000])(
    'computations of %i operations are the same bits whole and cut',
    (length) => {
      const start = Float32Array.of(0.1, -3, 1e-40, 5)
      const grow = (x: Expr, i: number) =>
        (i % 3 === 0 ? mul(x, 1.01) : i % 3 === 1 ? add(x, 0.1) : sqrt(mul(x, x))) as Expr
      let whole = lift(start) as Expr
      for (let i = 0; i < length; i++) whole = grow(whole, i)
      let cut = lift(start) as Expr
      for (let i = 0; i < length; i++) {
        cut = grow(cut, i)
        if (i % 7 === 0) evaluate(cut)
      }
      evaluate(whole, cut)
      expect(differenceOf(valuesOf(whole), valuesOf(cut))).toBe(-1)
    }
  )

  test('the same array under two dtypes is read as each of them', () => {
    const bits = Uint16Array.of(0x3c00, 0x4000, 0x3f80)
    const ofType = (dtype: 'bfloat16' | 'float16') => lift({ dtype, shape: [3], data: bits }) as Expr
    for (let sight = 0; sight < 3; sight++) {
      const roots = [ofType('bfloat16'), ofType('float16'), ofType('bfloat16')].map((x) => cast(x, 'float32') as Expr)
      const both = sub(ofType('bfloat16'), ofType('float16')) as Expr
      evaluate(...roots, both)
      expect(roots.map(valuesOf)).toStrictEqual([
        [0.0078125, 2, 1],
        [1, 2, 1.875],
        [0.0078125, 2, 1]
      ])
      expect(valuesOf(both)).toStrictEqual([0.0078125 - 1, 0, 1 - 1.875])
    }
  })

  test('overlapping views of one buffer are told apart', () => {
    const buffer = Float32Array.of(1, 2, 3, 4).buffer
    for (let sight = 0; sight < 3; sight++) {
      const x = add(new Float32Array(buffer, 0, 3), new Float32Array(buffer, 4, 3)) as Expr
      evaluate(x)
      expect(valuesOf(x)).toStrictEqual([3, 5, 7])
    }
  })

  test('what it computes shares no memory with what it was given', () => {
    const data = Float32Array.of(1, 2, 3)
    const own = opaque((a) => (a as { data: Float32Array }).data, [data], { dtype: 'float32', shape: [3] })
    const sums = sum({ dtype: 'float32', shape: [3, 1], data }, [1]) as Expr
    evaluate(own, sums)
    data.fill(9)
    expect([own, sums].map(valuesOf)).toStrictEqual([
      [1, 2, 3],
      [1, 2, 3]
    ])
  })

  test('an opaque function that throws leaves everything usable', () => {
    const x = f32(1, 2, 3)
    const before = add(x, 1) as Expr
    const broken = opaque(
      () => {
        throw new RangeError('not today')
      },
      [before],
      { dtype: 'float32', shape: [3] }
    )
    const after = mul(add(broken, before), sum(broken)) as Expr
    const aside = neg(before) as Expr
    expect(() => evaluate(aside, after, broken)).toThrow(RangeError)
    expect(() => evaluate(after)).toThrow('not today')
    evaluate(aside, before)
    expect([aside, before].map(valuesOf)).toStrictEqual([
      [-2, -3, -4],
      [2, 3, 4]
    ])
    const other = exp(mul(x, 0)) as Expr
    evaluate(other)
    expect(valuesOf(other)).toStrictEqual([1, 1, 1])
  })

  test('an opaque function that gives back something else is refused', () => {
    const make = (f: () => never) => opaque(f, [f32(1, 2)], { dtype: 'float32', shape: [2] })
    const cases: [unknown, string][] = [
      [new Float32Array(3), 'opaque: the result of the function has shape [2], that is 2 elements, and 3 in its data'],
      [new Float64Array(2), 'opaque: the result of the function has dtype float32, and its data is a Float64Array'],
      [[1, 2], 'opaque: the result of the function has dtype float32, and its data is [1, 2]'],
      [undefined, 'opaque: the result of the function has dtype float32, and its data is undefined']
    ]
    for (const [result, message] of cases) {
      const node = make(() => result as never)
      expect(() => evaluate(node)).toThrow(new InvalidOption(message))
    }
  })

  test('an opaque function may evaluate what it likes, also nodes of the graph it is in', () => {
    for (let sight = 0; sight < 3; sight++) {
      const x = f32(1, 2, 3)
      const shared = mul(x, 10) as Expr
      const deeper = add(shared, 1) as Expr
      const node = opaque(
        (a) => {
          const total = sum(neg(neg(neg(deeper)))) as Expr
          engine.evaluate([total])
          return (a as { data: Float32Array }).data.map((e) => e + total.value)
        },
        [x],
        { dtype: 'float32', shape: [3] }
      )
      const total = sum(deeper) as Expr
      const reader = opaque(
        (a) => {
          engine.evaluate([total])
          return (a as { data: Float32Array }).data.map((e) => e + total.value)
        },
        [x],
        { dtype: 'float32', shape: [3] }
      )
      const first = sqrt(square4(x)) as Expr
      const result = add(first, add(deeper, node)) as Expr
      const other = mul(reader, total) as Expr
      evaluate(first, result, other)
      expect(valuesOf(result)).toStrictEqual([1 + 1 - 63 + 11, 4 + 2 - 63 + 21, 9 + 3 - 63 + 31])
      expect(valuesOf(other)).toStrictEqual([64 * 63, 65 * 63, 66 * 63])
    }
  })
})

const square4 = (x: Expr) => mul(mul(x, x), mul(x, x))

test('two engines do not disturb each other', () => {
  const [one, two] = [createWasmEngine(), createWasmEngine()]
  const shared = add(f32(1, 2, 3, 4, 5), 1) as Expr
  const results: number[][] = []
  for (let i = 0; i < 4; i++) {
    const a = mul(shared, 2) as Expr
    const b = mul(shared, 3) as Expr
    const c = sum(sub(a, b)) as Expr
    one.evaluate([a])
    two.evaluate([c, b])
    results.push([...valuesOf(a), ...valuesOf(b), ...valuesOf(c)])
  }
  const expected = [4, 6, 8, 10, 12, 6, 9, 12, 15, 18, -20]
  expect(results).toEqual([expected, expected, expected, expected])
})

test('an engine that has grown its memory for a large array computes small ones as before, and large ones again', () => {
  const engine = createWasmEngine()
  const run = (length: number): boolean => {
    const arrays = Array.from({ length: 40 }, (_, i) => new Float64Array(length).fill(i))
    const roots = arrays.map((x) => add(x, arrays[39] as Float64Array) as Expr)
    const total = arrays.map((x) => lift(x)).reduce((a, b) => add(a, b)) as Expr
    engine.evaluate([...roots, total])
    return (
      roots.every((root, i) => valuesOf(root).every((x) => x === 39 + i)) && valuesOf(total).every((x) => x === 780)
    )
  }
  expect([3, 3, 50_000, 3, 50_000, 200_000, 5].map(run)).toEqual([true, true, true, true, true, true, true])
}, 30_000)

test('an empty set of roots, and roots without elements, are evaluated', () => {
  for (const engine of [reference, createWasmEngine()]) {
    engine.evaluate([])
    const empty = leafOf(0, null, new Float32Array(0))
    const [a, total, least] = [add(empty, 1) as Expr, sum(mul(empty, 2)) as Expr, maxOf(empty) as Expr]
    engine.evaluate([a, total, least])
    expect([a.data?.length, total.value, least.value]).toStrictEqual([0, 0, -Infinity])
  }
})
