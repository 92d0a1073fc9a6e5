import { readFileSync } from 'node:fs'
import { ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBeginnings, survivors } from '../internal/mutateTesting.js'
import { byteLengthOf, tensorOf } from '../internal/tensors.js'
import type { Tensor, TensorDType } from '../tensor.js'
import { decodeSafetensors } from './decodeSafetensors.js'
import { encodeSafetensors } from './encodeSafetensors.js'

const DTYPES = 'float32 float64 bfloat16 float16 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool'.split(
  ' '
) as readonly TensorDType[]

const tensor = fc
  .tuple(fc.constantFrom(...DTYPES), fc.array(fc.nat(3), { maxLength: 3 }), fc.infiniteStream(fc.nat(255)))
  .map(([dtype, shape, bytes]): Tensor => {
    const length = byteLengthOf(dtype, shape) as number
    return tensorOf(
      dtype,
      shape,
      Uint8Array.from({ length }, () => bytes.next().value as number)
    )
  })
const name = fc.string({ unit: 'grapheme', maxLength: 6 }).filter((name) => !name.startsWith('__'))

const read = (bytes: Uint8Array) => {
  const result = decodeSafetensors(bytes)
  if (result._tag === 'Left') throw result.left
  return result.right
}

/** A file with this header, as it stands, and so many bytes of data. */
const fileOf = (header: string, data = 0): Uint8Array => {
  const text = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + text.length + data)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}

const header = (said: object): string => JSON.stringify(said)
const f32 = (begin: number, end: number, shape: unknown = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end]
})

describe('decodeSafetensors and encodeSafetensors', () => {
  test('decoding gives back what was encoded, whatever the order of the fields', () => {
    fc.assert(
      fc.property(fc.dictionary(name, tensor, { maxKeys: 6 }), fc.string(), (tensors, note) => {
        const bytes = encodeSafetensors(tensors, { metadata: { note } })
        const { tensors: found, metadata } = read(bytes)
        expect(metadata).toStrictEqual({ note })
        expect({ ...found }).toStrictEqual({ ...tensors })
        const reversed = Object.fromEntries(Object.entries(tensors).reverse())
        expect(encodeSafetensors(reversed, { metadata: { note } })).toStrictEqual(bytes)
      })
    )
  })

  test('names stand in the order of their bytes in UTF-8, as Rust sorts texts', () => {
    const letter = fc.constantFrom('a', 'é', '퟿', '\ue000', '\uffee', '😀', '\u{10ffff}')
    const words = fc.uniqueArray(fc.string({ unit: letter, maxLength: 4 }), { maxLength: 8 })
    fc.assert(
      fc.property(words, (names) => {
        const bytes = encodeSafetensors(Object.fromEntries(names.map((key) => [key, ndarray([1], [1])])))
        const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        expect(Object.keys(read(bytes).tensors)).toStrictEqual(sorted)
      })
    )
  })

  test('tensors lie aligned, in memory of their own, and so do those that were read from an odd place', () => {
    const bytes = encodeSafetensors({
      a: tensorOf('int8', [3], Uint8Array.of(1, 2, 3)),
      b: tensorOf('float64', [1], new Uint8Array(8))
    })
    const moved = new Uint8Array(bytes.length + 1)
    moved.set(bytes, 1)
    const { tensors } = read(moved.subarray(1))
    expect(Object.keys(tensors)).toEqual(['b', 'a'])
    moved.fill(9)
    expect(tensors['a']).toStrictEqual(tensorOf('int8', [3], Uint8Array.of(1, 2, 3)))
  })

  test.each([
    ['no bytes', new Uint8Array(0), 'truncated', 'the file must be at least 8 bytes long, got 0 bytes'],
    [
      'a header beyond the end',
      fileOf('{}').slice(0, 9),
      'truncated',
      'the file must be 10 bytes long at the least, got 9 bytes'
    ],
    [
      'a huge header',
      Uint8Array.of(255, 255, 255, 255, 255, 0, 0, 0),
      'tooLarge',
      'the header must be at most 100000000 bytes long, got 1099511627775'
    ],
    [
      'a header beyond all numbers',
      new Uint8Array(8).fill(255),
      'tooLarge',
      'the header must be of sizes below 2⁵³, got 18446744073709551615'
    ],
    ['no JSON', fileOf('{"a":'), 'malformed', 'the header must be JSON'],
    ['zeros after the header', fileOf('{}\0\0'), 'malformed', 'the header must be JSON'],
    ['a list', fileOf('[]'), 'malformed', 'the header must be an object, got []'],
    [
      'bytes that are no text',
      fileOf('{"\uffff":1}').map((byte) => (byte === 0xef ? 0xff : byte)),
      'malformed',
      'the header must be text in UTF-8'
    ],
    ['deep nesting', fileOf('[[[[]]]]'), 'tooLarge', 'the header must be nested at most 3 deep, got more'],
    ['a name twice', fileOf('{"a":{},"a":{}}'), 'malformed', 'the header must be without a key twice, got "a" twice'],
    ['a name __proto__', fileOf('{"__proto__":{}}'), 'refused', 'the header must be without a key __proto__, got one'],
    [
      'an unknown dtype',
      fileOf(header({ w: { dtype: 'F8_E4M3', shape: [1], data_offsets: [0, 1] } }), 1),
      'unsupported',
      'tensor "w" must be of dtype U64, I64, F64, F32, U32, I32, BF16, F16, U16, I16, I8, U8, BOOL, got "F8_E4M3"'
    ],
    ['no dtype', fileOf(header({ w: {} })), 'malformed', 'tensor "w" must be of dtype'],
    ['an entry that is none', fileOf(header({ w: 1 })), 'malformed', 'tensor "w" must be an object, got 1'],
    [
      'a shape of halves',
      fileOf(header({ w: f32(0, 4, [0.5]) }), 4),
      'malformed',
      'tensor "w" must be of a shape of whole numbers ≥ 0, got [0.5]'
    ],
    [
      'a negative length',
      fileOf(header({ w: f32(0, 4, [-1, -1]) }), 4),
      'malformed',
      'tensor "w" must be of a shape of whole numbers ≥ 0, got [-1, -1]'
    ],
    [
      'many axes',
      fileOf(header({ w: f32(0, 4, Array(33).fill(1)) }), 4),
      'tooLarge',
      'tensor "w" must be of at most 32 axes, got 33'
    ],
    [
      'an absurd shape',
      fileOf(header({ w: f32(0, 0, [0, 2 ** 50, 2 ** 50]) })),
      'tooLarge',
      'tensor "w" must be of fewer than 2⁵³ bytes, got shape [0, 1125899906842624, 1125899906842624]'
    ],
    [
      'no offsets',
      fileOf(header({ w: { dtype: 'F32', shape: [] } })),
      'malformed',
      'tensor "w" must be at data_offsets [begin, end], got undefined'
    ],
    [
      'offsets of another kind',
      fileOf(header({ w: { ...f32(0, 4), data_offsets: [0, '4'] } }), 4),
      'malformed',
      'tensor "w" must be at data_offsets [begin, end], got [0, "4"]'
    ],
    [
      'a shape that does not fit',
      fileOf(header({ w: f32(0, 8, [1]) }), 8),
      'malformed',
      'tensor "w" must be 4 bytes long, as its dtype and shape say, got 8'
    ],
    [
      'offsets backwards',
      fileOf(header({ w: f32(4, 0, [1]) }), 4),
      'malformed',
      'tensor "w" must be 4 bytes long, as its dtype and shape say, got -4'
    ],
    [
      'a hole',
      fileOf(header({ a: f32(0, 4), b: f32(8, 12) }), 12),
      'malformed',
      'tensor "b" must be at byte 4, where what is before it ends, got byte 8'
    ],
    [
      'a hole at the start',
      fileOf(header({ a: f32(4, 8) }), 8),
      'malformed',
      'tensor "a" must be at byte 0, where what is before it ends, got byte 4'
    ],
    [
      'an overlap',
      fileOf(header({ a: f32(0, 8), b: f32(4, 12) }), 12),
      'malformed',
      'tensor "b" must be at byte 8, where what is before it ends, got byte 4'
    ],
    [
      'one range twice',
      fileOf(header({ a: f32(0, 4), b: f32(0, 4) }), 4),
      'malformed',
      'must be at byte 4, where what is before it ends, got byte 0'
    ],
    [
      'nothing inside of something',
      fileOf(header({ a: f32(0, 8), b: f32(4, 4) }), 8),
      'malformed',
      'tensor "b" must be at byte 8, where what is before it ends, got byte 4'
    ],
    ['data without an owner', fileOf(header({ a: f32(0, 4) }), 5), 'malformed', 'the data must be 4 bytes long, got 5'],
    ['too little data', fileOf(header({ a: f32(0, 4) }), 3), 'truncated', 'the data must be 4 bytes long, got 3'],
    [
      'metadata that is no text',
      fileOf(header({ __metadata__: { a: 1 } })),
      'malformed',
      '__metadata__ "a" must be a text, got 1'
    ],
    [
      'metadata that is none',
      fileOf(header({ __metadata__: [1] })),
      'malformed',
      '__metadata__ must be an object, got [1]'
    ]
  ] as const)('refuses %s', (_, bytes, kind, sentence) => {
    const result = decodeSafetensors(bytes)
    expect(result).toMatchObject({ _tag: 'Left', left: { kind } })
    expect(result._tag === 'Left' && result.left.message).toContain(sentence)
  })

  test.each([
    ['nothing at all', fileOf('{}'), []],
    ['spaces before and after', fileOf(` ${header({ w: f32(0, 4) })}   `, 4), ['w']],
    ['no metadata', fileOf(header({ __metadata__: null, w: f32(0, 4) }), 4), ['w']],
    ['more fields', fileOf(header({ w: { ...f32(0, 4), more: 1 } }), 4), ['w']],
    ['names in another order than bytes', fileOf(header({ b: f32(4, 8), a: f32(0, 4) }), 8), ['a', 'b']],
    ['an empty name', fileOf(header({ '': f32(0, 4) }), 4), ['']]
  ] as const)('reads %s', (_, bytes, names) => {
    expect(Object.keys(read(bytes).tensors)).toEqual(names)
  })

  test.each([
    [
      'a name that files cannot have',
      () => encodeSafetensors({ __metadata__: tensorOf('bool', [], new Uint8Array(1)) }),
      'encodeSafetensors: tensor "__metadata__" has the name __metadata__, with which no other program could read the file'
    ],
    [
      'half a character',
      () => encodeSafetensors({ '\ud800': tensorOf('bool', [], new Uint8Array(1)) }),
      'has a name with half a character'
    ],
    [
      'what is no tensor',
      () => encodeSafetensors({ w: new Float32Array(1) as never }),
      'encodeSafetensors: tensor "w" must be { dtype, shape, data } that fit, got a Float32Array'
    ],
    [
      'metadata of numbers',
      () => encodeSafetensors({}, { metadata: { a: 1 as never } }),
      'encodeSafetensors: metadata "a" must be a text, got 1'
    ],
    ['an option that is none', () => encodeSafetensors({}, { meta: {} } as never), 'there is no option meta']
  ])('does not write %s', (_, write, sentence) => {
    expect(write).toThrow(sentence)
  })

  test('no beginning of a file is read, and no mutation does more than be refused or read', () => {
    const file = encodeSafetensors(
      { a: tensorOf('float32', [2, 1], new Uint8Array(8)), b: tensorOf('int8', [], Uint8Array.of(7)) },
      { metadata: { note: 'x' } }
    )
    expect(readBeginnings(decodeSafetensors, file)).toEqual([])
    for (const { bytes, value } of survivors(decodeSafetensors, [file], { runs: 600, seed: 1 })) {
      const size = Object.values(value.tensors).reduce((sum, { data }) => sum + data.byteLength, 0)
      expect(size).toBeLessThanOrEqual(bytes.length)
    }
  })
})

const fixture = (path: string) => new Uint8Array(readFileSync(new URL(`fixtures/${path}`, import.meta.url)))

describe("Python's safetensors", () => {
  const tensors: Readonly<Record<string, Tensor>> = {
    'z.f32': { dtype: 'float32', shape: [2, 3], data: Float32Array.of(1.5, -2.25, 2 ** -148, Infinity, -Infinity, -0) },
    'a.f64': { dtype: 'float64', shape: [2], data: Float64Array.of(0.1, 1e-310) },
    'b.bf16': { dtype: 'bfloat16', shape: [3], data: Uint16Array.of(0x3f80, 0xc049, 0x477f) },
    'c.f16': { dtype: 'float16', shape: [3], data: Uint16Array.of(0x3c00, 0x7bff, 1) },
    'd.i64': { dtype: 'int64', shape: [2], data: BigInt64Array.of(2n ** 53n + 1n, -(2n ** 63n)) },
    'd.u64': { dtype: 'uint64', shape: [], data: BigUint64Array.of(2n ** 64n - 1n) },
    'e.bool': { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
    f: { dtype: 'float32', shape: [], data: Float32Array.of(0.5) },
    'g.empty': { dtype: 'float32', shape: [0, 3], data: new Float32Array(0) },
    'h.u8': { dtype: 'uint8', shape: [2], data: Uint8Array.of(0, 255) },
    'h.i8': { dtype: 'int8', shape: [2], data: Int8Array.of(-128, 127) },
    'h.u16': { dtype: 'uint16', shape: [1], data: Uint16Array.of(65535) },
    'h.i16': { dtype: 'int16', shape: [1], data: Int16Array.of(-2) },
    'h.u32': { dtype: 'uint32', shape: [1], data: Uint32Array.of(2 ** 32 - 1) },
    'i.i32': { dtype: 'int32', shape: [], data: Int32Array.of(-3) },
    'ünï/😀': { dtype: 'float32', shape: [1], data: Float32Array.of(1) },
    'quote " \\ \n \u0001 \u007f \u2028': { dtype: 'float32', shape: [1], data: Float32Array.of(2) }
  }

  test('writes the same bytes for the same tensors', () => {
    const file = fixture('python.safetensors')
    expect(encodeSafetensors(tensors, { metadata: { note: 'one text, "quoted"' } })).toStrictEqual(file)
    const { metadata, tensors: found } = read(file)
    expect(metadata).toStrictEqual({ note: 'one text, "quoted"' })
    expect(found).toStrictEqual(Object.fromEntries(Object.keys(found).map((name) => [name, tensors[name]])))
  })
})
