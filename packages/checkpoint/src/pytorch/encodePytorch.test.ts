import { type DType, InvalidTree, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fixture, rightOf } from '../foreign/fixtureTesting.js'
import { refuseFor } from '../internal/attempt.js'
import { tensorOf } from '../internal/tensors.js'
import { readZip } from '../internal/zip.js'
import type { TensorDType, TensorTree } from '../tensor.js'
import { decodePytorch } from './decodePytorch.js'
import { encodePytorch } from './encodePytorch.js'

const DTYPES: readonly TensorDType[] = [
  'float32',
  'float64',
  'bfloat16',
  'float16',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool'
]

const tensor = fc
  .tuple(
    fc.constantFrom(...DTYPES),
    fc.array(fc.nat(3), { maxLength: 3 }),
    fc.uint8Array({ minLength: 216, maxLength: 216 })
  )
  .map(([dtype, shape, bytes]) => {
    const length = tensorOf(dtype, [], bytes.slice(0, 8)).data.BYTES_PER_ELEMENT
    return tensorOf(
      dtype,
      shape,
      bytes.slice(
        0,
        shape.reduce((size, n) => size * n, length)
      )
    )
  })

const key = fc.oneof(fc.string(), fc.nat(1e6).map(String)).filter((name) => name !== '__proto__')

const { tree } = fc.letrec<{ tree: TensorTree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    tensor,
    fc.double().filter((x) => !(Number.isInteger(x) && !Number.isSafeInteger(x))),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.bigInt({ max: -(2n ** 60n) }),
    fc.bigInt({ min: 2n ** 60n, max: 2n ** 900n }),
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 5 }),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true })
  )
}))

describe('what is written is read', () => {
  test('decoding gives the tree back', () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(rightOf(decodePytorch(encodePytorch(value)))).toStrictEqual(value)
      })
    )
  })

  test('the same tree gives the same bytes', () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(encodePytorch(value)).toStrictEqual(encodePytorch(value))
      })
    )
  })

  test.each(['values', 'adamw_groups', 'nadam'])('%s.pt, decoded and written again, is the same', (name) => {
    const value = rightOf(decodePytorch(fixture(`pytorch/${name}.pt`)))
    expect(rightOf(decodePytorch(encodePytorch(value)))).toStrictEqual(value)
  })

  test('what PyTorch has read of ours is what we write', () => {
    const value = rightOf(decodePytorch(fixture('pytorch/values.pt')))
    expect(encodePytorch(value)).toStrictEqual(fixture('pytorch/back/values.pt'))
  })

  test('typed arrays and numbers of arrays are tensors', () => {
    const written = encodePytorch({
      a: Float64Array.of(1),
      b: Int32Array.of(2),
      c: ndarray([3], [], 'float16' as DType)
    })
    expect(rightOf(decodePytorch(written))).toStrictEqual({
      a: { dtype: 'float64', shape: [1], data: Float64Array.of(1) },
      b: { dtype: 'int32', shape: [1], data: Int32Array.of(2) },
      c: { dtype: 'float16', shape: [], data: Uint16Array.of(0x4200) }
    })
  })

  test('-0 and whole numbers beyond 2⁵³ are floats', () => {
    expect(rightOf(decodePytorch(encodePytorch([-0, 2 ** 60])))).toStrictEqual([-0, 2 ** 60])
  })

  test('the keys of a Map stay what they are', () => {
    const pickled = (value: unknown): Uint8Array | undefined =>
      readZip(refuseFor('test'), 'the file', encodePytorch(value), 0).get('archive/data.pkl')?.read()
    expect(pickled(new Map([['0', 1]]))).toStrictEqual(
      Uint8Array.from(Buffer.from('\x80\x02}(X\x01\0\0\x000K\x01u.', 'latin1'))
    )
    expect(pickled({ 0: 1 })).toStrictEqual(Uint8Array.from(Buffer.from('\x80\x02}(K\x00K\x01u.', 'latin1')))
    expect(pickled(new Map([[0, 1]]))).toStrictEqual(pickled({ 0: 1 }))
  })

  test('the contents of every entry begin at a multiple of 64', () => {
    const file = encodePytorch({ a: new Float32Array(5), longer: new Float64Array(1), c: new Uint8Array(3) })
    const entries = [...readZip(refuseFor('test'), 'the file', file, 0).values()]
    expect(entries.map(({ read }) => (read().byteOffset - file.byteOffset) % 64)).toStrictEqual(entries.map(() => 0))
    expect(entries.map(({ name }) => name)).toStrictEqual([
      'archive/data.pkl',
      'archive/.format_version',
      'archive/.storage_alignment',
      'archive/byteorder',
      'archive/data/0',
      'archive/data/1',
      'archive/version'
    ])
  })
})

describe('what has no place in a file', () => {
  const itself: unknown[] = []
  itself.push([itself])

  test.each<[string, unknown, string]>([
    ['a function', { a: { b: () => 1 } }, 'encodePytorch: tree.a.b must be an array, a number'],
    ['undefined', [undefined], 'tree[0] must be'],
    ['a date', { when: new Date(0) }, 'tree.when must be'],
    ['half a letter', ['\ud83d'], 'tree[0] must be text that UTF-8 can hold'],
    [
      'a Map by objects',
      new Map([[{}, 1]]),
      'tree must be a Map whose keys are texts and whole numbers, got an object'
    ],
    ['a huge number', [2n ** 2100n], 'tree[0] must be a whole number of at most 255 bytes, got one of 263'],
    [
      'more than an archive can count',
      Array.from({ length: 65_530 }, () => new Float32Array(0)),
      'encodePytorch: tree must fit a file of 65534 entries, got 65535'
    ],
    ['itself', itself, 'or a tree that contains itself']
  ])('%s is refused', (_, value, sentence) => {
    expect(() => encodePytorch(value)).toThrow(InvalidTree)
    expect(() => encodePytorch(value)).toThrow(sentence)
  })
})
