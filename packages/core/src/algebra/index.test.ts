import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { read } from '../engine/evaluate.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import { Expr } from '../expression/expr.js'
import { mul, sqrt, sum } from '../expression/operations.js'
import { force } from '../transformation/force.js'
import type { Tree } from '../transformation/types.js'
import * as tree from './index.js'

const params = () => ({
  dense: { kernel: ndarray(new Float32Array([1, 2, 3, 4, 5, 6]), [2, 3]), bias: Float64Array.of(-1, 2) },
  scale: 3,
  frozen: null,
  half: ndarray([1, -2], [2], 'bfloat16')
})

test('zerosLike, onesLike and fullLike keep structure, shapes and dtypes', () => {
  expect(force(tree.zerosLike(params()))).toStrictEqual({
    dense: { kernel: ndarray(new Float32Array(6), [2, 3]), bias: new Float64Array(2) },
    scale: 0,
    frozen: null,
    half: ndarray([0, 0], [2], 'bfloat16')
  })
  expect(force(tree.onesLike(params()))).toStrictEqual({
    dense: { kernel: ndarray(new Float32Array(6).fill(1), [2, 3]), bias: Float64Array.of(1, 1) },
    scale: 1,
    frozen: null,
    half: ndarray([1, 1], [2], 'bfloat16')
  })
  expect(force(tree.fullLike({ w: new Float32Array(2), b: 1 }, 0.1))).toStrictEqual({
    w: Float32Array.of(0.1, 0.1),
    b: 0.1
  })
  expect(force(tree.zerosLike({ w: new Float32Array(1) }, 'float64'))).toStrictEqual({ w: new Float64Array(1) })
})

test('a tree may be filled with a value that is still lazy', () => {
  const total = sum(Float32Array.of(1, 2))
  expect(force(tree.fullLike({ w: new Float32Array(2), b: 1 }, total))).toStrictEqual({
    w: Float32Array.of(3, 3),
    b: 3
  })
})

test('cast and castLike round arrays and leave numbers alone', () => {
  expect(force(tree.cast({ w: Float64Array.of(0.1), b: 0.1 }, 'float32'))).toStrictEqual({
    w: Float32Array.of(0.1),
    b: 0.1
  })
  const like = { w: new Float64Array(1), b: 1, c: ndarray([0], [1], 'float16') }
  const given = { c: Float32Array.of(1 / 3), b: 0.5, w: Float32Array.of(0.5) }
  expect(force(tree.castLike(given, like))).toStrictEqual({
    c: ndarray([1 / 3], [1], 'float16'),
    b: 0.5,
    w: Float64Array.of(0.5)
  })
})

test('a bare vector that is cast to 16 bits comes back as an array that is a leaf again', () => {
  const halves = force(tree.cast({ w: Float32Array.of(1, 2) }, 'bfloat16'))
  expect(halves).toStrictEqual({ w: ndarray([1, 2], [2], 'bfloat16') })
  expect(force(tree.cast(halves, 'float32'))).toStrictEqual({ w: ndarray(Float32Array.of(1, 2), [2]) })
  expect(tree.size(halves)).toBe(2)
})

test('sum, norm and size are over all elements of all leaves', () => {
  expect(read(tree.sum(params()))).toBe(21 + 1 + 3 - 1)
  expect(read(tree.squaredNorm(params()))).toBe(91 + 5 + 9 + 5)
  expect(read(tree.norm(params()))).toBe(Math.sqrt(110))
  expect(tree.size(params())).toBe(6 + 2 + 1 + 2)
  for (const empty of [{}, [], null, { a: null, b: [{}] }, { w: new Float32Array(0) }]) {
    expect([tree.sum, tree.squaredNorm, tree.norm].map((f) => read(f(empty)))).toStrictEqual([0, 0, 0])
    expect(tree.size(empty)).toBe(0)
  }
})

test('a norm of a lazy tree is lazy, and is added up leaf by leaf in tree order', () => {
  const lazy = { a: mul(Float32Array.of(3), 1), b: [sqrt(Float32Array.of(16))] }
  expect(tree.norm(lazy)).toBeInstanceOf(Expr)
  expect(read(tree.norm(lazy))).toBe(5)
  const uneven = { b: Float64Array.of(1e16), a: [Float64Array.of(1), Float64Array.of(-1e16)] }
  expect(read(tree.sum(uneven))).toBe(1e16 + 1 - 1e16)
})

test('numbers are added at once', () => {
  expect(tree.sum({ a: 1, b: [2, 3] })).toBe(6)
  expect(tree.norm([3, 4])).toBe(5)
})

test('a deep tree has a size, a sum and paths', () => {
  let deep: Tree = { w: 1 }
  for (let i = 0; i < 20_000; i++) deep = [deep]
  expect(tree.size(deep)).toBe(1)
  expect(read(tree.sum(deep))).toBe(1)
  expect(tree.paths(deep)[0]).toHaveLength(3 * 20_000 + 2)
})

describe('what is no leaf is refused with its place', () => {
  const wrong = [
    ['text', '"text"'],
    [undefined, 'undefined'],
    [new Int32Array(2), 'an Int32Array']
  ] as const
  const functions = {
    zerosLike: tree.zerosLike,
    onesLike: tree.onesLike,
    fullLike: (t: never) => tree.fullLike(t, 1),
    cast: (t: never) => tree.cast(t, 'float32'),
    castLike: (t: never) => tree.castLike(t, t),
    sum: tree.sum,
    squaredNorm: tree.squaredNorm,
    norm: tree.norm,
    size: tree.size
  }
  const rows = Object.entries(functions).flatMap(([name, f]) =>
    wrong.map(([leaf, shown]) => [name, f, leaf, shown] as const)
  )
  test.each(rows)('by %s', (name, f, leaf, shown) => {
    expect(() => f({ a: [1, leaf] } as never)).toThrow(
      new InvalidTree(
        `${name}: tree.a[1] is ${shown}; a leaf must be a number, a Float32Array, a Float64Array or an NdArray`
      )
    )
  })

  test('castLike says which tree and where', () => {
    expect(() => tree.castLike({ a: 1 }, { b: 1 })).toThrow(new InvalidTree('castLike: like has no "a", tree has it'))
  })

  test('a dtype that there is not is refused', () => {
    const message = 'cast: dtype must be one of "float32", "float64", "bfloat16", "float16", got "int8"'
    expect(() => tree.cast({ w: new Float32Array(1) }, 'int8' as never)).toThrow(new InvalidOption(message))
  })
})
