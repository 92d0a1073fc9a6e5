import { ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { decodeNpy, decodeNpz, encodeNpy, encodeNpz, type Tensor, type TensorDType, type TensorTree } from '../index.js'
import { readBeginnings, survivors } from '../internal/mutateTesting.js'
import { byteLengthOf, tensorOf } from '../internal/tensors.js'
import { fixture, rightOf, sentenceOf } from './fixtureTesting.js'

const float32 = (shape: readonly number[], ...values: number[]): Tensor => ndarray(Float32Array.from(values), shape)

/** The fixture `mixed.npz` but for its complex numbers, as `mixed.json` has it. */
const MIXED: Readonly<Record<string, Tensor>> = {
  c_f32: float32([2, 3], 0, 1, 2, 3, 4, 5),
  fortran_f64: { dtype: 'float64', shape: [2, 3], data: Float64Array.of(0, 1, 2, 3, 4, 5) },
  f16: ndarray([1.5, -2, 2 ** -24], [3], 'float16'),
  big_endian: float32([3], 0.5, 1.5, 2.5),
  scalar: { dtype: 'float64', shape: [], data: Float64Array.of(7.25) },
  i64: { dtype: 'int64', shape: [2], data: BigInt64Array.of(2n ** 53n + 1n, -1n) },
  bool: { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
  empty: float32([0, 3]),
  u8: { dtype: 'uint8', shape: [3], data: Uint8Array.of(0, 1, 2) },
  noncontig: { dtype: 'float64', shape: [6], data: Float64Array.of(0, 2, 4, 6, 8, 10) },
  fortran_1d: { dtype: 'float64', shape: [3], data: Float64Array.of(0, 1, 2) },
  transposed: { dtype: 'float64', shape: [3, 2], data: Float64Array.of(0, 3, 1, 4, 2, 5) }
}

describe('what NumPy wrote', () => {
  test.each(['c_f32', 'fortran_f64', 'f16', 'big_endian', 'scalar', 'i64', 'bool', 'empty'])(
    '%s.npy is read',
    (name) => {
      expect(rightOf(decodeNpy(fixture(`npz/${name}.npy`)))).toStrictEqual(MIXED[name])
    }
  )

  test.each(['v1', 'v2', 'v3'])('version %s is read', (name) => {
    expect(rightOf(decodeNpy(fixture(`npz/${name}.npy`)))).toStrictEqual(float32([2, 3], 0, 1, 2, 3, 4, 5))
  })

  test('two bytes without a meaning are read as bfloat16, and written so', () => {
    const bytes = fixture('npz/bf16.npy')
    const tensor = rightOf(decodeNpy(bytes))
    expect(tensor.dtype).toBe('bfloat16')
    expect(encodeNpy(tensor)).toStrictEqual(bytes)
  })

  test.each(['mixed', 'mixed_compressed'])('%s.npz is refused for its complex numbers, by name', (name) => {
    expect(sentenceOf(decodeNpz(fixture(`npz/${name}.npz`)))).toBe(
      'decodeNpz: c64 must be of floats of 16 to 64 bits, whole numbers or bool, got the dtype <c8'
    )
  })

  test.each([0, 8] as const)('the rest of it is read, packed by method %s', (method) => {
    const { 'c64.npy': _, ...files } = unzipSync(fixture('npz/mixed.npz'))
    expect(rightOf(decodeNpz(zipSync(files, { level: method === 0 ? 0 : 6 })))).toStrictEqual(MIXED)
  })

  test('names with slashes are paths, those with dots are not; arrays without a name have numbers', () => {
    expect(rightOf(decodeNpz(fixture('npz/slash.npz')))).toStrictEqual({
      body: { kernel: { dtype: 'float64', shape: [2], data: Float64Array.of(1, 1) } },
      'body.bias': { dtype: 'float64', shape: [1], data: Float64Array.of(1) }
    })
    expect(Object.keys(rightOf(decodeNpz(fixture('npz/positional.npz'))))).toStrictEqual(['arr_0', 'arr_1'])
  })
})

describe('what we write', () => {
  test('comes back as it was', () => {
    const dtypes = ['float32', 'float64', 'float16', 'bfloat16', 'int8', 'uint8', 'int16', 'uint16'] as const
    const more = ['int32', 'uint32', 'int64', 'uint64', 'bool'] as const
    const name = fc.string({ unit: fc.constantFrom('a', 'ü', '😀', '.', '_', '0', ' ') })
    const tensor = fc
      .tuple(fc.constantFrom(...dtypes, ...more), fc.array(fc.nat(3), { maxLength: 4 }))
      .map(([dtype, shape]) => filled(dtype, shape))
    const { tree } = fc.letrec<{ tree: { [key: string]: TensorTree }; inner: TensorTree }>((tie) => ({
      tree: fc.dictionary(name, fc.oneof({ maxDepth: 3 }, tensor, tie('inner')), { maxKeys: 4, noNullPrototype: true }),
      inner: fc.dictionary(name, fc.oneof({ maxDepth: 3 }, tensor, tie('inner')), {
        minKeys: 1,
        maxKeys: 3,
        noNullPrototype: true
      })
    }))
    fc.assert(
      fc.property(tree, (given) => {
        expect(rightOf(decodeNpz(encodeNpz(given)))).toStrictEqual(given)
      })
    )
  })

  test('is the same for the same tree, and numbers are arrays without axes', () => {
    const given = { w: Float32Array.of(1, 2), count: 3, on: true, big: 2n ** 60n, none: null, list: [Int8Array.of(1)] }
    expect(encodeNpz(given)).toStrictEqual(encodeNpz(structuredClone(given)))
    expect(rightOf(decodeNpz(encodeNpz(given)))).toStrictEqual({
      w: float32([2], 1, 2),
      count: { dtype: 'float64', shape: [], data: Float64Array.of(3) },
      on: { dtype: 'bool', shape: [], data: Uint8Array.of(1) },
      big: { dtype: 'int64', shape: [], data: BigInt64Array.of(2n ** 60n) },
      list: { 0: { dtype: 'int8', shape: [1], data: Int8Array.of(1) } }
    })
  })

  test('a float16 array of the runtime is written as one', () => {
    const { Float16Array } = globalThis as unknown as { readonly Float16Array?: new (values: number[]) => Uint8Array }
    const written = Float16Array === undefined ? undefined : encodeNpz({ w: new Float16Array([1]) })
    if (written !== undefined) expect(rightOf(decodeNpz(written))).toStrictEqual({ w: ndarray([1], [1], 'float16') })
  })

  test.each<[string, object, string]>([
    ['a text', { a: { b: 'x' } }, 'encodeNpz: "a/b" must be a tensor or a number, got "x"'],
    ['a slash', { a: { 'b/c': 1 } }, 'encodeNpz: the keys of "a" must have no slash and not be __proto__, got "b/c"'],
    ['__proto__', JSON.parse('{"__proto__": 1}'), 'encodeNpz: the keys of the tree must have no slash'],
    ['a bare array', float32([1], 1), 'encodeNpz: the tree must be an object of tensors, got an NdArray'],
    [
      'a number beyond 64 bits',
      { a: 2n ** 63n },
      'encodeNpz: "a" must be a tensor or a number, got 9223372036854775808n'
    ],
    ['a map', { a: new Map([['b', 1]]) }, 'encodeNpz: "a" must be a tensor or a number, got a Map'],
    [
      'an array of another kind',
      { a: new Uint8ClampedArray(2) },
      'encodeNpz: "a" must be a tensor or a number, got a Uint8ClampedArray'
    ],
    ['half a letter', { '\ud83d': 1 }, 'encodeNpz: the keys of the tree must be text that UTF-8 can hold, got "'],
    [
      'more than an archive can count',
      Array.from({ length: 65_535 }, () => 1),
      'encodeNpz: tree must fit a file of 65534 entries, got 65535'
    ],
    ['what contains itself', circular(), 'encodeNpz: the tree must be at most 1000 levels deep']
  ])('%s is refused', (_, tree, sentence) => {
    expect(() => encodeNpz(tree)).toThrow(sentence)
  })

  test('what is no array is refused', () => {
    expect(() => encodeNpy({ dtype: 'float32', shape: [3], data: new Float32Array(2) })).toThrow(
      'encodeNpy: the array must be a tensor, got an NdArray'
    )
  })
})

describe('bad files', () => {
  const npy = encodeNpy(float32([2, 3], 0, 1, 2, 3, 4, 5))
  /** The array with another header. */
  const headed = (header: string): Uint8Array =>
    Uint8Array.of(
      ...npy.subarray(0, 8),
      header.length + 1,
      0,
      ...strToU8(`${header}
`),
      ...npy.subarray(128)
    )
  const header = strFromU8(npy.subarray(10, 127))
  const dict = (descr: string, order = 'False', shape = '(2, 3)'): Uint8Array =>
    headed(`{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`)

  test.each<[string, Uint8Array, string]>([
    ['another kind of file', strToU8('PK and more'), 'the array must be a file of NumPy, got something else'],
    ['version 4', npy.map((byte, i) => (i === 6 ? 4 : byte)), 'the array must be of version 1.0, 2.0 or 3.0, got 4.0'],
    ['a pickle', dict("'|O'"), 'the array must be an array of numbers, got objects, which only a pickle holds'],
    ['complex numbers', dict("'<c8'"), 'or bool, got the dtype <c8'],
    ['a record', dict("[('a', '<f4')]"), "or bool, got the dtype [('a', '<f4')]"],
    ['a name of Object', dict("'constructor'"), 'or bool, got the dtype constructor'],
    [
      'more than there is',
      dict("'<f4'", 'False', '(4, 2)'),
      'must be 32 bytes after its header, as float32[4, 2] are, got 24'
    ],
    [
      'less than there is',
      dict("'<f4'", 'False', '(1,)'),
      'must be 4 bytes after its header, as float32[1] are, got 24'
    ],
    [
      'an absurd size',
      dict("'<f4'", 'False', '(9007199254740991, 9)'),
      'must be of a size below 2⁵³, got [9007199254740991, 9]'
    ],
    ['a hollow absurd size', dict("'<f4'", 'False', '(0, 9007199254740991, 9)'), 'must be of a size below 2⁵³'],
    ['many axes', dict("'<f4'", 'False', `(${'1,'.repeat(33)})`), 'must be of at most 32 axes, got 33'],
    [
      'a negative length',
      dict("'<f4'", 'False', '(-2, 3)'),
      'must be with a header of descr, fortran_order and shape, got "{'
    ],
    ['a shape that is none', dict("'<f4'", 'False', '(2 3)'), 'must be with a header of'],
    ['an order that is none', dict("'<f4'", "'C'"), 'must be with a header of'],
    ['a key too few', headed("{'descr': '<f4', 'shape': (6,)}"), 'must be with a header of'],
    ['a key too many', headed(header.trim().replace('}', "'more': True}")), 'must be with a header of'],
    ['a key twice', headed("{'descr': '<f4', 'shape': (6,), 'descr': '<f4'}"), 'must be with a header of'],
    ['code', headed("{'descr': __import__('os')}"), 'must be with a header of'],
    [
      'a long header',
      new Uint8Array([...npy.subarray(0, 8), 0x11, 0x27]),
      'the header of the array must be at most 10000 bytes long, got 10001'
    ]
  ])('%s', (_, bytes, sentence) => {
    expect(sentenceOf(decodeNpy(bytes))).toContain(sentence)
  })

  const file = (name: string, bytes = npy): Uint8Array => zipSync({ [name]: bytes }, { level: 0 })
  const files = (...names: string[]): Uint8Array =>
    zipSync(Object.fromEntries(names.map((name) => [`${name}.npy`, npy])), { level: 0 })

  test.each<[string, Uint8Array, string]>([
    [
      'a file that is no array',
      file('a.txt'),
      'a.txt in the file must be an array, whose name ends in .npy, got other'
    ],
    [
      'a bad array',
      file('a.npy', npy.subarray(0, 140)),
      'a must be 24 bytes after its header, as float32[2, 3] are, got 12'
    ],
    ['__proto__', files('__proto__'), 'the file must be without a key __proto__, got one'],
    ['__proto__ within', files('a/__proto__/polluted'), 'the file must be without a key __proto__, got one'],
    [
      'an array below an array',
      files('a', 'a/b'),
      'the file must be with arrays or names below a name, got both at "a/b"'
    ],
    ['an array above an array', files('a/b', 'a'), 'the file must be without a key twice, got "a" twice'],
    ['depth', files('a/'.repeat(1000)), 'the file must be at most 1000 levels deep, got 1001']
  ])('%s', (_, bytes, sentence) => {
    expect(sentenceOf(decodeNpz(bytes))).toBe(`decodeNpz: ${sentence}`)
  })

  test('a small file does not fill the memory', () => {
    const zeros = zipSync(
      { 'a.npy': encodeNpy({ dtype: 'uint8', shape: [1e6], data: new Uint8Array(1e6) }) },
      { level: 9 }
    )
    expect(zeros.length).toBeLessThan(2000)
    expect(rightOf(decodeNpz(zeros))['a']).toHaveProperty('shape', [1e6])
    expect(sentenceOf(decodeNpz(zeros, { maxBytes: 1e6 }))).toBe(
      'decodeNpz: the file must be at most 1000000 bytes when unpacked, got 1000128'
    )
    expect(() => decodeNpz(zeros, { maxBytes: 0 })).toThrow('decodeNpz: maxBytes must be a whole number ≥ 1, got 0')
  })

  test('no beginning of a file is read, and what is damaged is refused or read as it is', () => {
    const stored = encodeNpz({ a: float32([2], 1, 2), b: { c: filled('int64', [2, 2]) } })
    const packed = zipSync(unzipSync(stored), { level: 9 })
    for (const bytes of [npy]) expect(readBeginnings(decodeNpy, bytes)).toStrictEqual([])
    for (const bytes of [stored, packed]) expect(readBeginnings(decodeNpz, bytes)).toStrictEqual([])
    survivors(decodeNpy, [npy, fixture('npz/fortran_f64.npy')], { runs: 1000, seed: 1 })
    // The data have checksums: what is read has the same arrays, under names that may have changed.
    for (const { value } of survivors(decodeNpz, [stored, packed], { runs: 1000, seed: 2 })) {
      expect(JSON.stringify(value, (_, item) => (ArrayBuffer.isView(item) ? String(item) : item))).toMatch(
        /1,2|0,1,2,3|{}/
      )
    }
  })
})

function filled(dtype: TensorDType, shape: readonly number[]): Tensor {
  const size = byteLengthOf(dtype, shape) ?? 0
  return tensorOf(
    dtype,
    shape,
    Uint8Array.from({ length: size }, (_, i) => (dtype === 'bool' ? i & 1 : i))
  )
}

function circular(): TensorTree {
  const tree: { [key: string]: TensorTree } = {}
  tree['a'] = tree
  return tree
}
