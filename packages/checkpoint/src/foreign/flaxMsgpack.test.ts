import { ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeFlaxMsgpack, encodeFlaxMsgpack, type Tensor, type TensorTree } from '../index.js'
import { readBeginnings, survivors } from '../internal/mutateTesting.js'
import { byteLengthOf, tensorOf } from '../internal/tensors.js'
import { fixture, rightOf, sentenceOf } from './fixtureTesting.js'
import { writeMsgpack } from './flaxMsgpack.js'

const decoded = (name: string): TensorTree => rightOf(decodeFlaxMsgpack(fixture(name)))

/** What Python's tuple or list is in flax. */
const listed = (...values: readonly TensorTree[]): TensorTree => Object.fromEntries(values.entries())

const arange = (...shape: readonly number[]): Float32Array =>
  Float32Array.from({ length: shape.reduce((size, length) => size * length, 1) }, (_, i) => i)

describe('what flax wrote', () => {
  test('values of every kind are read', () => {
    const dtypes = {
      float32: ndarray(Float32Array.of(0, 1, 1), [3]),
      float64: ndarray(Float64Array.of(0, 1, 1), [3]),
      float16: ndarray([0, 1, 1], [3], 'float16'),
      int8: { dtype: 'int8', shape: [3], data: Int8Array.of(0, 1, 1) },
      uint8: { dtype: 'uint8', shape: [3], data: Uint8Array.of(0, 1, 1) },
      int16: { dtype: 'int16', shape: [3], data: Int16Array.of(0, 1, 1) },
      uint16: { dtype: 'uint16', shape: [3], data: Uint16Array.of(0, 1, 1) },
      int32: { dtype: 'int32', shape: [3], data: Int32Array.of(0, 1, 1) },
      uint32: { dtype: 'uint32', shape: [3], data: Uint32Array.of(0, 1, 1) },
      int64: { dtype: 'int64', shape: [3], data: BigInt64Array.of(0n, 1n, 1n) },
      uint64: { dtype: 'uint64', shape: [3], data: BigUint64Array.of(0n, 1n, 1n) },
      bool: { dtype: 'bool', shape: [3], data: Uint8Array.of(0, 1, 1) }
    } as const
    const big = 2n ** 53n + 1n
    expect(decoded('flax/kinds.msgpack')).toStrictEqual({
      dtypes,
      bfloat16: ndarray([1.5, -2], [2], 'bfloat16'),
      scalar: ndarray(Float32Array.of(7.25), []),
      empty: ndarray(new Float32Array(), [0, 3]),
      transposed: ndarray(Float32Array.of(0, 3, 1, 4, 2, 5), [3, 2]),
      number: ndarray(Float32Array.of(0.5), []),
      numbers: listed(0, 127, 128, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2n ** 53n, big, 2n ** 64n - 1n),
      negative: listed(-1, -32, -33, -128, -129, -32768, -32769, -(2 ** 31), -(2 ** 31) - 1, -big, -(2n ** 63n)),
      floats: listed(0.5, -0, Infinity, -Infinity),
      none: null,
      truth: { yes: true, no: false },
      text: 'ü😀'.repeat(20),
      bytes: Uint8Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 0 : 255)),
      nothing: {},
      many: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key${i}`, i]))
    })
  })

  test('arrays in chunks are whole again', () => {
    expect(decoded('flax/chunked.msgpack')).toStrictEqual({
      a: { kernel: ndarray(arange(5, 7), [5, 7]) },
      b: { dtype: 'int64', shape: [3], data: BigInt64Array.of(0n, 1n, 2n) }
    })
  })

  test('a state of Optax is one of objects, its empty parts too', () => {
    const state = decoded('optax/optax_opt_only.msgpack')
    expect(state).toMatchObject({
      0: {},
      1: { 0: { count: { dtype: 'int32', shape: [], data: Int32Array.of(3) } }, 1: {}, 2: {} }
    })
    expect(state).toHaveProperty(['1', '0', 'mu', 'body', 'kernel', 'shape'], [3, 4])
  })

  test.each([
    ['complex', 'a/z in the file must be of floats of 16 to 64 bits, whole numbers or bool, got "complex64"'],
    ['complex_number', 'a/z in the file must be of real numbers, got a complex one'],
    ['float8', 'a in the file must be of floats of 16 to 64 bits, whole numbers or bool, got "float8_e4m3fn"'],
    ['int4', 'a in the file must be of floats of 16 to 64 bits, whole numbers or bool, got "int4"']
  ])('%s is refused by its place', (name, sentence) => {
    expect(sentenceOf(decodeFlaxMsgpack(fixture(`flax/${name}.msgpack`)))).toBe(`decodeFlaxMsgpack: ${sentence}`)
  })
})

describe('what we write', () => {
  test.each(['optax/optax_chain', 'optax/optax_opt_only', 'optax/optax_bf16', 'flax/chunked'])(
    '%s, read and written again, has the same bytes',
    (name) => {
      const bytes = fixture(`${name}.msgpack`)
      const chunkBytes = name === 'flax/chunked' ? 64 : 2 ** 30
      expect(writeMsgpack('write', rightOf(decodeFlaxMsgpack(bytes)), chunkBytes)).toStrictEqual(bytes)
    }
  )

  test('comes back as it was', () => {
    const tensor = fc
      .tuple(fc.constantFrom('float32', 'float64', 'bfloat16', 'int64', 'bool'), fc.array(fc.nat(3), { maxLength: 3 }))
      .map(([dtype, shape]) => filled(dtype, shape))
    const whole = fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n).map((x) => (Number.isSafeInteger(Number(x)) ? Number(x) : x))
    const plain = fc.oneof(
      tensor,
      fc.double({ noNaN: true }),
      whole,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.string()
    )
    const { tree } = fc.letrec<{ tree: TensorTree }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        plain,
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          tie('tree'),
          { maxKeys: 20, noNullPrototype: true }
        )
      )
    }))
    fc.assert(
      fc.property(tree, fc.constantFrom(2 ** 30, 16, 1), (given, chunkBytes) => {
        expect(rightOf(decodeFlaxMsgpack(writeMsgpack('write', given, chunkBytes)))).toStrictEqual(given)
      })
    )
  })

  test('an array is a map, as flax writes lists, and a typed array a vector', () => {
    expect(rightOf(decodeFlaxMsgpack(encodeFlaxMsgpack([1, [Float32Array.of(2)]])))).toStrictEqual({
      0: 1,
      1: { 0: ndarray(Float32Array.of(2), [1]) }
    })
    expect(rightOf(decodeFlaxMsgpack(encodeFlaxMsgpack({ x: Number.NaN })))).toStrictEqual({ x: Number.NaN })
  })

  test.each<[string, object, string]>([
    ['a function', { a: { b: () => 1 } }, 'a/b must be a tensor, a plain value, an object or an array, got a function'],
    ['undefined', { a: undefined }, 'a must be a tensor, a plain value, an object or an array, got undefined'],
    ['a view without elements', { a: new DataView(new ArrayBuffer(1)) }, 'a must be a tensor'],
    ['a map', { a: new Map([['b', 1]]) }, 'a must be a tensor, a plain value, an object or an array, got a Map'],
    ['half a letter', { a: '\ud83d' }, 'a text must be one that UTF-8 can hold, got half of a surrogate pair'],
    ['half a letter in a key', { '\ud83d': 1 }, 'a text must be one that UTF-8 can hold, got half of a surrogate pair'],
    ['a number beyond 64 bits', { a: 2n ** 64n }, 'a must be a whole number of 64 bits, got 18446744073709551616n'],
    ['__proto__', JSON.parse('{"__proto__": 1}'), 'a key must not be __proto__']
  ])('%s is refused', (_, tree, sentence) => {
    expect(() => encodeFlaxMsgpack(tree)).toThrow(`encodeFlaxMsgpack: ${sentence}`)
  })
})

describe('bad files', () => {
  const bytes = (...values: (number | string)[]): Uint8Array =>
    Uint8Array.from(
      values.flatMap((value) => (typeof value === 'number' ? [value] : [...new TextEncoder().encode(value)]))
    )
  const array = (...inner: (number | string)[]): Uint8Array => {
    const content = bytes(...inner)
    return bytes(0x81, 0xa1, 'w', 0xc7, content.length, 1, ...content)
  }

  test.each<[string, Uint8Array, string]>([
    ['nothing', bytes(), 'the file must be 1 bytes long at the least, got 0 bytes'],
    ['two values', bytes(1, 2), 'the file must be one value, got 1 more bytes'],
    ['a byte that begins no value', bytes(0xc1), 'the file must be a value of msgpack, got the byte 193'],
    ['a list of four thousand million', bytes(0xdd, 0xff, 0xff, 0xff, 0xff, 1), '1 in the file must be 7 bytes long'],
    ['a map of as many', bytes(0xdf, 0xff, 0xff, 0xff, 0xff), 'a key in the file must be 6 bytes long'],
    [
      'a text of as many',
      bytes(0xdb, 0xff, 0xff, 0xff, 0xff),
      'the file must be 4294967300 bytes long at the least, got 5 bytes'
    ],
    ['lists in lists', new Uint8Array(2000).fill(0x91), 'the file must be at most 1000 levels deep, got more'],
    ['a broken text', bytes(0xa1, 0xff), 'the file must be text in UTF-8, got other bytes'],
    ['a number as a key', bytes(0x81, 1, 2), 'the file must be with texts as keys, got 1'],
    ['a key twice', bytes(0x82, 0xa1, 'a', 1, 0xa1, 'a', 2), 'the file must be without a key twice, got "a" twice'],
    ['__proto__', bytes(0x81, 0xa9, '__proto__', 0x80), 'the file must be without a key __proto__, got one'],
    ['a time', bytes(0xd6, 0xff, 0, 0, 0, 0), 'the file must be an array or a number, got extension -1'],
    [
      'an array that is none',
      array(0x92, 1, 2),
      'w in the file must be an array of a shape, a dtype and bytes, got other things'
    ],
    ['an array and more', array(0x93, 0x90, 0xa4, 'int8', 0xc4, 1, 7, 7), 'w in the file must be an array of a shape'],
    [
      'a shape that is none',
      array(0x93, 0x91, 0xff, 0xa4, 'int8', 0xc4, 1, 7),
      'w in the file must be an array of a shape'
    ],
    ['a dtype of Object', array(0x93, 0x90, 0xab, 'constructor', 0xc4, 0), 'whole numbers or bool, got "constructor"'],
    [
      'too few bytes',
      array(0x93, 0x91, 2, 0xa4, 'int8', 0xc4, 1, 7),
      'w in the file must be 2 bytes, as int8[2] are, got 1'
    ],
    [
      'too many bytes',
      array(0x93, 0x90, 0xa4, 'int8', 0xc4, 2, 7, 7),
      'w in the file must be 1 bytes, as int8[] are, got 2'
    ]
  ])('%s', (_, file, sentence) => {
    expect(sentenceOf(decodeFlaxMsgpack(file))).toContain(`: ${sentence}`.slice(sentence.startsWith('whole') ? 2 : 0))
  })

  const chunk = ndarray(Float32Array.of(1, 2), [2])
  test.each<[string, object, string]>([
    ['without chunks', { shape: { 0: 2 } }, 'chunks of an array of one dtype, and its shape, got other things'],
    ['of numbers', { shape: { 0: 2 }, chunks: { 0: 1, 1: 2 } }, 'chunks of an array of one dtype'],
    [
      'of two dtypes',
      { shape: { 0: 4 }, chunks: { 0: chunk, 1: Float64Array.of(1) } },
      'chunks of an array of one dtype'
    ],
    ['of another size', { shape: { 0: 5 }, chunks: { 0: chunk, 1: chunk } }, '20 bytes, as float32[5] are, got 16'],
    ['that are not numbered', { shape: { 0: 2 }, chunks: { 1: chunk } }, 'chunks of an array of one dtype']
  ])('chunks %s are refused', (_, parts, sentence) => {
    const file = encodeFlaxMsgpack({ w: { __msgpack_chunked_array__: true, ...parts } })
    expect(sentenceOf(decodeFlaxMsgpack(file))).toContain(`decodeFlaxMsgpack: w in the file must be ${sentence}`)
  })

  test('no beginning of a file is read, and what is damaged is read or refused', () => {
    const files = ['optax/optax_opt_only.msgpack', 'flax/chunked.msgpack', 'flax/kinds.msgpack'].map(fixture)
    for (const file of files) expect(readBeginnings(decodeFlaxMsgpack, file)).toStrictEqual([])
    expect(survivors(decodeFlaxMsgpack, files, { runs: 600, seed: 3 }).length).toBeGreaterThan(0)
  })
})

function filled(dtype: Tensor['dtype'], shape: readonly number[]): Tensor {
  const size = byteLengthOf(dtype, shape) ?? 0
  return tensorOf(
    dtype,
    shape,
    Uint8Array.from({ length: size }, (_, i) => (dtype === 'bool' ? i & 1 : i))
  )
}
