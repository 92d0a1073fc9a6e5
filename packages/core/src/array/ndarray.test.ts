import { describe, expect, test } from 'vitest'
import { InvalidOption, InvalidTree } from '../errors.js'
import { cast } from '../expression/operations.js'
import { force } from '../transformation/force.js'
import { DTYPES, dtypeOf, kindOf, promote } from './dtype.js'
import { checkNdArray, isNdArray, ndarray } from './ndarray.js'

describe('ndarray', () => {
  test('takes a typed array as it is, with its dtype', () => {
    const data = Float32Array.of(1, 2)
    expect(ndarray(data, [2, 1]).data).toBe(data)
    expect(ndarray(data, [2, 1])).toStrictEqual({ dtype: 'float32', shape: [2, 1], data })
    expect(ndarray(Float64Array.of(1), []).dtype).toBe('float64')
    const bits = Uint16Array.of(0x3f80)
    expect(ndarray(bits, [1], 'bfloat16').data).toBe(bits)
  })

  test('stores a list of numbers, rounded to nearest, as float32 unless told otherwise', () => {
    expect(ndarray([0.1], [1])).toStrictEqual({ dtype: 'float32', shape: [1], data: Float32Array.of(0.1) })
    expect(ndarray([0.1], [1], 'float64').data).toStrictEqual(Float64Array.of(0.1))
    expect(ndarray([1, -2, 65504, 1e6, 2 ** -24], [5], 'float16').data).toStrictEqual(
      Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x7c00, 1)
    )
    expect(ndarray([1, -0, Infinity, Number.NaN], [4], 'bfloat16').data).toStrictEqual(
      Uint16Array.of(0x3f80, 0x8000, 0x7f80, 0x7fc0)
    )
    expect(ndarray([], [0, 3]).data).toHaveLength(0)
  })

  test('keeps a copy of the shape', () => {
    const shape = [2]
    const array = ndarray([1, 2], shape)
    shape[0] = 3
    expect(array.shape).toStrictEqual([2])
  })

  test.each<[string, () => unknown, string]>([
    ['too few', () => ndarray([1, 2], [3]), 'ndarray: the array has shape [3], that is 3 elements, and 2 in its data'],
    ['too many', () => ndarray([1, 2], []), 'ndarray: the array has shape [], that is 1 elements, and 2 in its data'],
    [
      'negative',
      () => ndarray([1, 2], [-1, -2]),
      'ndarray: the array has the shape [-1, -2]; lengths are whole numbers ≥ 0'
    ],
    ['half', () => ndarray([1], [0.5, 2]), 'ndarray: the array has the shape [0.5, 2]; lengths are whole numbers ≥ 0'],
    [
      'words',
      () => ndarray([1], ['1'] as never),
      'ndarray: the array has the shape ["1"]; lengths are whole numbers ≥ 0'
    ],
    ['no shape', () => ndarray([1], 1 as never), 'ndarray: shape must be an array of lengths, got 1'],
    [
      'a dtype that is none',
      () => ndarray([1], [1], 'int8' as never),
      'ndarray: dtype must be float32, float64, bfloat16 or float16, got "int8"'
    ],
    [
      'bits without a dtype',
      () => ndarray(new Uint16Array(1) as never, [1]),
      'ndarray: the array has dtype float32, and its data is a Uint16Array'
    ],
    ['texts', () => ndarray([1, '2'] as never, [2]), 'ndarray: data[1] must be a number, got "2"'],
    ['holes', () => ndarray(new Array(1) as never, [1]), 'ndarray: data[0] must be a number, got undefined'],
    [
      'another dtype',
      () => ndarray(new Float32Array(1) as never, [1], 'float64' as never),
      'ndarray: the array has dtype float64, and its data is a Float32Array'
    ],
    [
      'integers',
      () => ndarray(new Int32Array(1) as never, [1]),
      'ndarray: the array has dtype float32, and its data is an Int32Array'
    ],
    [
      'floats for bits',
      () => ndarray(new Float32Array([1]) as never, [1], 'bfloat16'),
      "ndarray: the array has dtype bfloat16, and its data is a Float32Array; force(cast(x, 'bfloat16')) rounds an array x to 16 bits"
    ]
  ])('refuses %s', (_name, make, message) => {
    expect(make).toThrow(new InvalidOption(message))
  })
})

test('an array is recognised by its structure', () => {
  const array = ndarray([1], [1])
  expect(
    [array, structuredClone(array), { ...array, name: 'w' }, Object.assign(Object.create(null), array)].map(isNdArray)
  ).toEqual([true, true, true, true])
  const others = [
    {},
    [],
    new Float32Array(1),
    { ...array, dtype: 'f4' },
    { ...array, shape: 1 },
    { ...array, data: [1] }
  ]
  expect(others.map(isNdArray)).toEqual(others.map(() => false))
})

test('a malformed array is refused with its place', () => {
  expect(() => checkNdArray({ ...ndarray([1], [1]), shape: [2] }, () => 'init: params.w')).toThrow(
    new InvalidTree('init: params.w has shape [2], that is 2 elements, and 1 in its data')
  )
})

test('dtypes have numbers, and meet in the wider one, at least float32', () => {
  expect(DTYPES.map((dtype) => dtypeOf(kindOf(dtype)))).toEqual([...DTYPES])
  const met = DTYPES.map((a) => DTYPES.map((b) => dtypeOf(promote(kindOf(a), kindOf(b)))))
  expect(met).toEqual([
    ['float32', 'float64', 'float32', 'float32'],
    ['float64', 'float64', 'float64', 'float64'],
    ['float32', 'float64', 'float32', 'float32'],
    ['float32', 'float64', 'float32', 'float32']
  ])
})

test('an array is rounded to 16 bits as the refusal says', () => {
  const x = ndarray(new Float32Array([1, 1.001, -0]), [3])
  expect(force(cast(x, 'bfloat16'))).toStrictEqual(ndarray([1, 1.001, -0], [3], 'bfloat16'))
})
