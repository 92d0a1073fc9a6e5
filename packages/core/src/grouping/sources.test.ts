import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { type Expr, leafOf } from '../expression/expr.js'
import { lift } from '../expression/operations.js'
import { type Structure, structureOf } from './layout.js'
import { sourcesOf } from './sources.js'

const node = (...values: number[]): Expr => lift(Float32Array.from(values)) as Expr

describe('gradients are taken as they are', () => {
  const half = leafOf(2, [1, 3], new Uint16Array(3))
  const places = { w: node(1, 2), n: lift(ndarray([1, 2, 3, 4], [2, 2])), h: half, none: null, list: [node(0)] }
  const structure = structureOf(places) as Structure
  const given = {
    w: Float32Array.of(3, 4),
    n: ndarray([5, 6, 7, 8], [2, 2]),
    h: ndarray(new Uint16Array(3), [1, 3], half.dtype as 'bfloat16'),
    none: null,
    list: [Float32Array.of(9)]
  }

  test('when they fit', () => {
    const into: never[] = []
    expect(sourcesOf(structure, given, into)).toBe(true)
    expect(into).toEqual([given.w, given.n.data, given.h.data, given.list[0]])
    into.forEach((data, i) => {
      expect(data).toBe([given.w, given.n.data, given.h.data, given.list[0]][i])
    })
  })

  test.each<[string, unknown]>([
    ['another length', { ...given, w: new Float32Array(3) }],
    ['another dtype', { ...given, w: new Float64Array(2) }],
    ['another form', { ...given, w: ndarray([1, 2], [2]) }],
    ['a bare array', { ...given, n: new Float32Array(4) }],
    ['another shape', { ...given, n: ndarray([1, 2, 3, 4], [4, 1]) }],
    ['more axes', { ...given, n: ndarray([1, 2, 3, 4], [2, 2, 1]) }],
    ['another dtype of an NdArray', { ...given, n: ndarray(new Float64Array(4), [2, 2]) }],
    ['too few elements', { ...given, n: { dtype: 'float32', shape: [2, 2], data: new Float32Array(3) } }],
    ['another half', { ...given, h: { ...given.h, dtype: half.dtype === 'bfloat16' ? 'float16' : 'bfloat16' } }],
    ['a number', { ...given, w: 1 }],
    ['an expression', { ...given, w: node(1, 2) }],
    ['something for nothing', { ...given, none: given.w }],
    ['a key less', { w: given.w }],
    ['a key more', { ...given, more: null }],
    ['another order', { n: given.n, w: given.w, h: given.h, none: null, list: given.list }],
    ['a longer list', { ...given, list: [...given.list, null] }],
    ['nothing at all', null],
    [
      'a getter that throws',
      {
        ...given,
        get w(): never {
          throw new Error('no')
        }
      }
    ]
  ])('are left to a closer look with %s', (_what, other) => {
    expect(sourcesOf(structure, other, [])).toBe(false)
  })
})
