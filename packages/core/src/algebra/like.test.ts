import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DType } from '../array/dtype.js'
import { ndarray } from '../array/ndarray.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import { sum } from '../expression/operations.js'
import { force } from '../transformation/force.js'
import type { Tree } from '../transformation/types.js'
import * as tree from './index.js'
import { flat, formOf, someTrees } from './testing.js'

test('zerosLike, onesLike and fullLike have the form of the tree, and one value everywhere', () => {
  fc.assert(
    fc.property(someTrees(1), ([a]) => {
      const size = tree.size(a as Tree)
      for (const [made, value] of [
        [tree.zerosLike(a as Tree), 0],
        [tree.onesLike(a as Tree), 1],
        [tree.fullLike(a as Tree, -2.5), -2.5]
      ] as const) {
        expect(formOf(made)).toStrictEqual(formOf(a as Tree))
        expect(flat(made)).toEqual(new Array(size).fill(value))
      }
    })
  )
})

test('cast keeps everything where no dtype is asked for', () => {
  fc.assert(
    fc.property(someTrees(1), ([a]) => {
      expect(formOf(tree.cast(a as Tree, undefined))).toStrictEqual(formOf(a as Tree))
      expect(flat(tree.cast(a as Tree, undefined))).toEqual(flat(a as Tree))
    })
  )
})

test('castLike does not look at shapes, and where structures differ says so', () => {
  expect(force(tree.castLike({ w: Float64Array.of(0.5) }, { w: new Float32Array(7) }))).toStrictEqual({
    w: Float32Array.of(0.5)
  })
  expect(() => tree.castLike({ w: new Float32Array(2), b: 1 }, { w: new Float32Array(3), b: null })).toThrow(
    new InvalidTree('castLike: like.b is null, tree has 1')
  )
})

describe('dtype', () => {
  const of = (...dtypes: DType[]) => dtypes.map((dtype) => ndarray([0], [1], dtype))
  const [f16, b16, f32, f64] = ['float16', 'bfloat16', 'float32', 'float64'] as const
  test.each([
    [of(f32, f32), {}, f32],
    [of(b16), {}, b16],
    [{ a: new Float64Array(0), b: 3, c: null }, {}, f64],
    [{ a: new Float32Array(1), b: sum(new Float32Array(1)) }, {}, f32],
    [{ b: 3 }, {}, f64],
    [{ b: 3 }, { mixedDtypeHandler: 'lowest' }, f64],
    [{}, {}, f32],
    [[null], { mixedDtypeHandler: 'promote' }, f32],
    [of(f32, f64), { mixedDtypeHandler: 'promote' }, f64],
    [of(b16, f16), { mixedDtypeHandler: 'promote' }, f32],
    [of(b16, b16), { mixedDtypeHandler: 'promote' }, b16],
    [of(f16, f32), { mixedDtypeHandler: 'promote' }, f32],
    [of(f16, f64, f32), { mixedDtypeHandler: 'highest' }, f64],
    [of(f16, f64, f32), { mixedDtypeHandler: 'lowest' }, f16],
    [of(f64, f32), { mixedDtypeHandler: 'lowest' }, f32],
    [of(b16, f32), { mixedDtypeHandler: 'lowest' }, b16]
  ] as const)('of %o with %o is %s', (values, options, expected) => {
    expect(tree.dtype(values as unknown as Tree, options)).toBe(expected)
  })

  test('refuses several without being told what to do, and what has no order', () => {
    const mixed = of(f32, f64)
    expect(() => tree.dtype(mixed)).toThrow(new InvalidTree('dtype: the tree has arrays of float32 and float64'))
    const halves = of(b16, f32, f16)
    for (const mixedDtypeHandler of ['highest', 'lowest'] as const) {
      expect(() => tree.dtype(halves, { mixedDtypeHandler })).toThrow(
        new InvalidTree('dtype: neither of bfloat16 and float16 can be promoted to the other')
      )
    }
    expect(() => tree.dtype({}, { mixedDtypeHandler: 'any' as never })).toThrow(
      new InvalidOption('dtype: mixedDtypeHandler must be one of "promote", "highest", "lowest", got "any"')
    )
  })
})

describe('batchShape', () => {
  test('puts a copy of every leaf at each place of the batch', () => {
    fc.assert(
      fc.property(someTrees(1), fc.array(fc.nat(3), { minLength: 1, maxLength: 2 }), ([a], shape) => {
        const count = shape.reduce((n, length) => n * length, 1)
        const batch = force(tree.batchShape(a as Tree, shape))
        expect(tree.size(batch)).toBe(count * tree.size(a as Tree))
        const leavesBefore = tree.leaves(a as Tree)
        tree.leaves(batch).forEach((leaf, i) => {
          const before = leavesBefore[i] as Tree
          expect(flat(leaf as Tree)).toEqual(new Array(count).fill(flat(before)).flat())
        })
      })
    )
  })

  test('prepends to the shapes, keeps dtypes, and makes float64 arrays of numbers', () => {
    const given = { w: ndarray([1, 2], [1, 2], 'bfloat16'), v: Float32Array.of(3), b: 4, n: null }
    expect(force(tree.batchShape(given, [2, 1]))).toStrictEqual({
      w: ndarray([1, 2, 1, 2], [2, 1, 1, 2], 'bfloat16'),
      v: ndarray(Float32Array.of(3, 3), [2, 1, 1]),
      b: ndarray(Float64Array.of(4, 4), [2, 1]),
      n: null
    })
    expect(force(tree.batchShape({ b: 4, v: Float32Array.of(3) }))).toStrictEqual({ b: 4, v: Float32Array.of(3) })
    expect(force(tree.batchShape({ v: Float32Array.of(3) }, [0]))).toStrictEqual({
      v: ndarray(new Float32Array(0), [0, 1])
    })
    expect(force(tree.batchShape([sum(Float32Array.of(1, 2))], [2]))).toStrictEqual([
      ndarray(Float64Array.of(3, 3), [2])
    ])
  })

  test('refuses what is no shape', () => {
    expect(() => tree.batchShape({}, [-1])).toThrow(
      new InvalidOption('batchShape: shape must be an array of whole numbers ≥ 0, got [-1]')
    )
    expect(() => tree.batchShape({}, 3 as never)).toThrow(
      new InvalidOption('batchShape: shape must be an array of whole numbers ≥ 0, got 3')
    )
  })
})

describe('widen', () => {
  test('casts 16-bit arrays to float32, and leaves all else as it is', () => {
    const given = { b: ndarray([1.5, -0], [1, 2], 'bfloat16'), h: ndarray([2], [1], 'float16'), n: null, x: 3 }
    const wide = { v: Float32Array.of(0.1), d: [Float64Array.of(0.1)] }
    expect(force(tree.widen({ ...given, ...wide }))).toStrictEqual({
      ...{ b: ndarray([1.5, -0], [1, 2]), h: ndarray([2], [1]), n: null, x: 3 },
      ...wide
    })
  })

  test('refuses what is no leaf, with the path', () => {
    expect(() => tree.widen({ a: ['x'] } as never)).toThrow(
      new InvalidTree('widen: tree.a[0] is "x"; a leaf must be a number, a Float32Array, a Float64Array or an NdArray')
    )
  })
})
