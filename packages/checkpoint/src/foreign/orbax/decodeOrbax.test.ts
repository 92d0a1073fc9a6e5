import { ndarray } from '@gradchain/core'
import { crc32c } from '@gradchain/core/bytes'
import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { decodeOrbax, type TensorTree } from '../../index.js'
import { refuseFor } from '../../internal/attempt.js'
import { dice, mutated } from '../../internal/mutateTesting.js'
import { unzstd } from '../../internal/zstd.js'
import { fixture, rightOf, sentenceOf } from '../fixtureTesting.js'
import { readOcdbt } from './ocdbt.js'
import { isJson, jsonOf, readZarr } from './zarr.js'

const folder = (name: string): Map<string, Uint8Array> =>
  new Map(Object.entries(unzipSync(fixture(`orbax/${name}.zip`))))

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const arange = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => i)

const KINDS: TensorTree = {
  'a.b': { c: ndarray(new Float32Array(6), [2, 3]), half: ndarray([1.5, -2], [2], 'bfloat16') },
  truth: { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
  chunks: ndarray(arange(35), [5, 7]),
  large: ndarray(arange(600), [600]),
  int64: { dtype: 'int64', shape: [2], data: BigInt64Array.of(2n ** 53n + 1n, -1n) },
  whole: 7,
  float: 0.5,
  text: 'ü',
  none: null,
  'no keys': {},
  'no items': [],
  list: [ndarray(Float32Array.of(1, 1), [2]), [ndarray(Float32Array.of(1), []), ndarray([0.5], [1], 'float16')]]
}

describe('what Orbax wrote', () => {
  test.each(['kinds_ocdbt', 'kinds_zarr', 'kinds_zarr3'])('%s is read', (name) => {
    expect(rightOf(decodeOrbax(folder(name)))).toStrictEqual(KINDS)
  })

  test('the state of a chain is a list of objects, and null where it is empty', () => {
    const tree = rightOf(decodeOrbax(Object.fromEntries(folder('state'))))
    expect(tree).toMatchObject({
      opt_state: [null, [{ count: { dtype: 'int32', data: Int32Array.of(3) } }, null, { count: {} }]]
    })
    expect(tree).toHaveProperty(['opt_state', 1, 0, 'mu', 'body', 'kernel', 'shape'], [2, 3])
  })

  test('a step of a CheckpointManager is read from where it is', () => {
    expect(rightOf(decodeOrbax(folder('managed')))).toHaveProperty(['params', 'body', 'bias', 'dtype'], 'float32')
  })
})

describe('bad folders', () => {
  const changed = (
    name: string,
    path: string,
    change: (json: Record<string, unknown>) => unknown
  ): Map<string, Uint8Array> => {
    const files = folder(name)
    const json: Record<string, unknown> = JSON.parse(new TextDecoder().decode(files.get(path)))
    return files.set(path, bytesOf(change(json)))
  }
  const without = (name: string, path: string): Map<string, Uint8Array> => {
    const files = folder(name)
    files.delete(path)
    return files
  }
  const entry = (keys: readonly unknown[], value: unknown): unknown => ({ key_metadata: keys, value_metadata: value })
  const key = (name: unknown, type = 2): unknown => ({ key: name, key_type: type })
  const none = { value_type: 'None', skip_deserialize: true }
  const metadata = (...items: readonly unknown[]): Map<string, Uint8Array> =>
    new Map([['_METADATA', bytesOf({ use_ocdbt: false, tree_metadata: Object.fromEntries(items.entries()) })]])
  const zarray = (fields: object) => changed('kinds_zarr', 'chunks/.zarray', (json) => ({ ...json, ...fields }))

  test.each<[string, Map<string, Uint8Array>, string]>([
    ['no checkpoint', new Map(), 'the folder must be a checkpoint with a file _METADATA, got none of that name'],
    [
      'two checkpoints',
      new Map([...folder('managed'), ['other/_METADATA', new Uint8Array()]]),
      'the folder must be a checkpoint with a file _METADATA, got default/_METADATA, other/_METADATA'
    ],
    [
      'metadata that are none',
      new Map([['_METADATA', bytesOf([])]]),
      '_METADATA must be an object in JSON, got something else'
    ],
    [
      'metadata without a tree',
      new Map([['_METADATA', bytesOf({ use_ocdbt: false })]]),
      '_METADATA must be with tree_metadata'
    ],
    [
      'a key of another kind',
      metadata(entry([key('a', 3)], none)),
      '0 in _METADATA must be with keys of sequences or dictionaries'
    ],
    ['no keys', metadata({}), '0 in _METADATA must be with keys and a value'],
    [
      'a name twice',
      metadata(entry([key('a')], none), entry([key('a')], none)),
      'a must be without another of its name, got two'
    ],
    [
      'a value above a value',
      metadata(entry([key('a')], none), entry([key('a'), key('b')], none)),
      'a.b must be beside the others'
    ],
    [
      'a value below values',
      metadata(entry([key('a'), key('b')], none), entry([key('a')], none)),
      'a must be without another'
    ],
    [
      'a list and a dictionary',
      metadata(entry([key('a')], none), entry([key('0', 1)], none)),
      '0 must be in a list or in a dictionary'
    ],
    [
      'a list with a hole',
      metadata(entry([key('1', 1)], none)),
      '_METADATA must be of lists with all of their items, got ["1"]'
    ],
    [
      '__proto__',
      metadata(entry([key('__proto__'), key('polluted')], none)),
      '_METADATA must be without a key __proto__'
    ],
    ['depth', metadata(entry(new Array(1001).fill(key('a')), none)), '0 in _METADATA must be at most 1000 levels deep'],
    [
      'a text that is missing',
      without('kinds_zarr', '_strings.json'),
      'text must be a text in _strings.json, got none'
    ],
    [
      'an array that is missing',
      without('kinds_zarr', 'chunks/.zarray'),
      'chunks must be an array, with .zarray or zarr.json'
    ],
    [
      'a chunk that is missing',
      without('kinds_zarr', 'chunks/0.3'),
      'chunks/0.3 must be among the files, got none of that name'
    ],
    [
      'another compressor',
      zarray({ compressor: { id: 'blosc' } }),
      'chunks/.zarray must be packed by zstd or not at all, got "blosc"'
    ],
    ['filters', zarray({ filters: [{}] }), 'chunks/.zarray must be without filters'],
    ['another version', zarray({ zarr_format: 1 }), 'chunks/.zarray must be of version 2, got 1'],
    ['another dtype', zarray({ dtype: '<c8' }), 'whole numbers or bool, got the dtype <c8'],
    ['another order', zarray({ order: 'A' }), 'chunks/.zarray must be of the order C or F, got "A"'],
    ['a negative length', zarray({ shape: [-5, 7] }), 'chunks/.zarray must be of lengths and of lengths of chunks'],
    ['chunks of nothing', zarray({ chunks: [5, 0] }), 'chunks/.zarray must be of lengths and of lengths of chunks'],
    ['chunks of other axes', zarray({ chunks: [5] }), 'chunks/.zarray must be of lengths and of lengths of chunks'],
    ['an absurd size', zarray({ shape: [5, 2 ** 40] }), 'chunks must be at most 2684'],
    ['absurd chunks', zarray({ chunks: [2 ** 40, 1] }), 'chunks/.zarray must be of chunks of 2684'],
    ['many chunks', zarray({ shape: [5, 2 ** 20] }), 'chunks must be of 1048576 chunks'],
    ['another size of chunks', zarray({ chunks: [5, 7] }), 'chunks/0.0 must be 140 bytes when unpacked, got 20'],
    [
      'other bytes in a chunk',
      folder('kinds_zarr').set('chunks/0.1', Uint8Array.of(1, 2, 3, 4, 5)),
      'chunks/0.1 must be packed by zstd, got something else'
    ],
    [
      'no manifest',
      without('kinds_ocdbt', 'manifest.ocdbt'),
      'manifest.ocdbt must be among the files, got none of that name'
    ],
    [
      'no data',
      new Map([...folder('kinds_ocdbt')].filter(([path]) => !path.startsWith('d/'))),
      'must be among the files, got none of that name'
    ]
  ])('%s', (_, files, sentence) => {
    expect(sentenceOf(decodeOrbax(files))).toContain(
      `decodeOrbax: ${sentence}`.replace(/^decodeOrbax: (?=must|whole)/, '')
    )
  })

  test('small files do not fill the memory', () => {
    expect(sentenceOf(decodeOrbax(folder('kinds_ocdbt'), { maxBytes: 1000 }))).toContain('bytes when unpacked')
    expect(() => decodeOrbax(new Map(), { maxBytes: 0.5 })).toThrow(
      'decodeOrbax: maxBytes must be a whole number ≥ 1, got 0.5'
    )
  })

  test('OCDBT: every beginning of its files, and every flipped bit of what is read, is refused', () => {
    const files = folder('state')
    const manifest = files.get('manifest.ocdbt') as Uint8Array
    for (let length = 0; length < manifest.length; length++) {
      expect(decodeOrbax(new Map([...files, ['manifest.ocdbt', manifest.slice(0, length)]]))._tag).toBe('Left')
    }
    for (let bit = 0; bit < 8 * manifest.length; bit++) {
      const flipped = manifest.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
      expect(decodeOrbax(new Map([...files, ['manifest.ocdbt', flipped]]))._tag).toBe('Left')
    }
  })

  test.each(['kinds_ocdbt', 'kinds_zarr', 'kinds_zarr3'])('%s: what is damaged is refused or read', (name) => {
    const files = folder(name)
    const paths = [...files.keys()].filter((path) => !path.startsWith('_CHECKPOINT'))
    const roll = dice(4)
    for (let run = 0; run < 100; run++) {
      const path = paths[roll(paths.length)] as string
      const damaged = new Map([...files, [path, mutated(files.get(path) as Uint8Array, roll)]])
      expect(decodeOrbax(damaged)._tag).toMatch(/Left|Right/)
    }
  })
})

describe('the parts', () => {
  const refuse = refuseFor('read')

  test('a node that names itself is refused', () => {
    // A manifest and an inner node of height 1, unpacked; the node names itself as its child, which has another height.
    const part = (magic: number, ...body: number[]): Uint8Array => {
      const bytes = new Uint8Array(12 + 2 + body.length + 4)
      const view = new DataView(bytes.buffer)
      view.setUint32(0, magic)
      view.setUint32(4, bytes.length, true)
      bytes.set(body, 14)
      view.setUint32(bytes.length - 4, crc32c(bytes.subarray(0, -4)), true)
      return bytes
    }
    const uuid = new Array<number>(16).fill(0)
    const files = [1, 1, 0, 0x61]
    const inner = part(0x0cdb20de, 1, ...files, 1, 1, 0, 0x6b, 0, 0, 34, 1, 1, 1)
    const manifest = (height: number) =>
      part(
        0x0cdb3a2a,
        ...uuid,
        0,
        0,
        0,
        4,
        0,
        ...files,
        1,
        1,
        height,
        0,
        0,
        inner.length,
        1,
        1,
        1,
        ...new Array<number>(8).fill(0),
        0
      )
    const read = (height: number) => () =>
      readOcdbt(
        refuse,
        new Map([
          ['manifest.ocdbt', manifest(height)],
          ['a', inner]
        ]),
        { left: 1000 }
      )
    expect(read(1)).toThrow('read: the node at 0 in a must be met once, got one that is met again')
    expect(read(0)).toThrow('read: the node at 0 in a must be of height 0, got 1')
  })

  test('unzstd refuses other frames, before it unpacks', () => {
    const budget = () => ({ left: 100 })
    const frame = (...bytes: number[]) => Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, ...bytes)
    const raw = frame(0x20, 3, 0x19, 0, 0, 7, 8, 9)
    expect(unzstd(refuse, 'it', raw, budget())).toStrictEqual(Uint8Array.of(7, 8, 9))
    // Without a size, and one byte repeated five times.
    expect(unzstd(refuse, 'it', frame(0, 0, 0x2b, 0, 0, 7), budget())).toStrictEqual(new Uint8Array(5).fill(7))
    const cases: [Uint8Array, string][] = [
      [frame(0x20, 101, 0x19, 0, 0, 7, 8, 9), 'it must be at most 100 bytes when unpacked, got 101'],
      [frame(0x20, 4, 0x19, 0, 0, 7, 8, 9), 'it must be 4 bytes when unpacked, got 3'],
      [frame(0x00, 0x00, 0x43, 1, 0, 7, 8), 'it must be one frame of zstd, got 1 more bytes'],
      [frame(0x21, 0, 3), 'it must be packed without a dictionary, got one that needs it'],
      [frame(0x00, 0xff), 'it must be packed with a window of at most 134217728 bytes'],
      [frame(0x20, 3, 0x19, 0, 0, 7), 'it must be 12 bytes long at the least, got 10 bytes'],
      [Uint8Array.of(1, 2, 3, 4, 5), 'it must be packed by zstd, got something else']
    ]
    for (const [bytes, sentence] of cases)
      expect(() => unzstd(refuse, 'it', bytes, budget())).toThrow(`read: ${sentence}`)
    expect(() => unzstd(refuse, 'it', frame(0, 0, 0x43, 6, 0, 7), budget())).toThrow(
      'it must be at most 100 bytes when unpacked'
    )
  })

  test('Zarr: chunks that are in Fortran’s order or big-endian, or were not written', () => {
    const zarray = {
      zarr_format: 2,
      dtype: '>f4',
      shape: [2, 3],
      chunks: [2, 2],
      compressor: null,
      filters: null,
      order: 'F',
      fill_value: null
    }
    const chunk = new Uint8Array(16)
    for (const [i, x] of [0, 3, 1, 4].entries()) new DataView(chunk.buffer).setFloat32(4 * i, x)
    const store = new Map([
      ['w/.zarray', bytesOf(zarray)],
      ['w/0.0', chunk]
    ])
    const context = { refuse, store, budget: { left: 1000 }, isFull: false }
    expect(readZarr(context, 'w')).toStrictEqual(ndarray(Float32Array.of(0, 1, 0, 3, 4, 0), [2, 3]))
    expect(() => readZarr({ ...context, isFull: true }, 'w')).toThrow('read: w/0.1 must be among the files')
    for (const fill_value of [1, -0, 'NaN', '0x3f800000']) {
      store.set('w/.zarray', bytesOf({ ...zarray, fill_value: 'FILL' }))
      const said = new TextDecoder().decode(store.get('w/.zarray'))
      const written = Object.is(fill_value, -0) ? '-0' : JSON.stringify(fill_value)
      store.set('w/.zarray', new TextEncoder().encode(said.replace('"FILL"', written)))
      expect(() => readZarr(context, 'w')).toThrow('read: w/0.1 must be among the files, or filled with 0, got none')
    }
    store.set('w/.zarray', bytesOf({ ...zarray, fill_value: '0x00000000' }))
    expect(readZarr(context, 'w')).toStrictEqual(ndarray(Float32Array.of(0, 1, 0, 3, 4, 0), [2, 3]))
  })

  test('an object in JSON is one', () => {
    expect(isJson({})).toBe(true)
    expect(isJson([])).toBe(false)
    expect(jsonOf(refuse, 'it', bytesOf({ a: 1 }))).toStrictEqual({ a: 1 })
    const text = (json: string) => () => jsonOf(refuse, 'it', new TextEncoder().encode(json))
    expect(text('{"a":1,"a":2}')).toThrow('read: it must be without a key twice, got "a" twice')
    expect(text('{"a":{"__proto__":1}}')).toThrow('read: it must be without a key __proto__')
    expect(text('{"a":1')).toThrow('read: it must be JSON')
    expect(() => jsonOf(refuse, 'it', Uint8Array.of(0xff))).toThrow('read: it must be text in UTF-8')
  })
})
