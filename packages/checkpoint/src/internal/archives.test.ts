import { strToU8, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { refuseFor } from './attempt.js'
import { named, nested } from './names.js'
import { gathered, inRowMajorOrder, swapped } from './reorder.js'
import { tensorFrom } from './tensorFrom.js'
import { checkFits, readZip, unpackedLimit } from './zip.js'

const refuse = refuseFor('read')
const read = (archive: Uint8Array, limit = unpackedLimit(archive.length)) => readZip(refuse, 'the file', archive, limit)

test('checkFits refuses what 16 or 32 bits cannot count', () => {
  expect(() => checkFits('write', 65_534, 2 ** 32 - 2 ** 25)).not.toThrow()
  expect(() => checkFits('write', 65_535, 0)).toThrow('write: tree must fit a file of 65534 entries, got 65535')
  expect(() => checkFits('write', 1, 2 ** 32)).toThrow('write: tree must fit a file of 4 GiB, got 4294967296 bytes')
})

describe('readZip', () => {
  const text = strToU8('abc'.repeat(50))
  const files = { 'a.txt': text, 'b/ü.txt': new Uint8Array(), 'c.txt': strToU8('c') }
  const stored = zipSync(files, { level: 0 })
  const deflated = zipSync(files, { level: 9, comment: 'made here' })

  test.each([
    ['stored', stored],
    ['deflated', deflated]
  ])('gives the files, %s, in their order', (_, archive) => {
    const entries = [...read(archive).values()]
    expect(entries.map(({ name, size }) => [name, size])).toStrictEqual([
      ['a.txt', 150],
      ['b/ü.txt', 0],
      ['c.txt', 1]
    ])
    expect(entries.map((entry) => entry.read())).toStrictEqual(Object.values(files))
  })

  test('an archive of nothing holds nothing', () => {
    expect(read(zipSync({})).size).toBe(0)
  })

  /** An archive with bytes written over those that follow a signature: `(2, 5)` is the second entry of the directory. */
  const patched = (signature: number, occurrence: number, offset: number, ...bytes: number[]): Uint8Array => {
    const out = stored.slice()
    const view = new DataView(out.buffer)
    let seen = 0
    for (let at = 0; at + 4 <= out.length; at++) {
      if (view.getUint32(at, true) === signature && ++seen === occurrence) out.set(bytes, at + offset)
    }
    return out
  }
  const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50]

  test.each<[string, Uint8Array, string]>([
    ['no archive', strToU8('not one'), 'the file must be a zip archive, got something else'],
    [
      'half an archive',
      stored.slice(0, 200),
      'the file must be a zip archive with its directory, got one without an end'
    ],
    ['encrypted', patched(CENTRAL, 1, 8, 1), 'a.txt in the file must be a file that is not encrypted, got one that is'],
    [
      'another method',
      patched(CENTRAL, 1, 10, 12),
      'a.txt in the file must be stored or deflated, got packed by method 12'
    ],
    ['another size', patched(CENTRAL, 1, 24, 9), 'a.txt in the file must be 9 bytes long, got 150'],
    ['another name in the directory', patched(CENTRAL, 3, 46, 0x61), 'a.txt in the file must be under the same name'],
    [
      'another name in its place',
      patched(LOCAL, 3, 30, 0x61),
      'c.txt in the file must be under the same name in its place, got "a.txt"'
    ],
    [
      'one over another',
      patched(CENTRAL, 3, 42, 1),
      'c.txt in the file must be beside the other files, got one over another'
    ],
    [
      'nothing in its place',
      patched(LOCAL, 1, 0, 0),
      'a.txt in the file must be a file of the archive, got something else'
    ],
    [
      'beyond the directory',
      patched(CENTRAL, 3, 42, 0xff, 0xff),
      'c.txt in the file must be long enough to hold byte 65535'
    ],
    [
      'a directory beyond the end',
      patched(END, 1, 12, 0xff, 0xff),
      'the directory of the file must be before its end, got 65535 bytes at'
    ],
    ['more files than there are', patched(END, 1, 10, 9), 'the directory of the file must be'],
    [
      'a long size without its field',
      patched(CENTRAL, 1, 24, 255, 255, 255, 255),
      'the sizes of a.txt in the file must be 2 bytes long'
    ]
  ])('refuses %s', (_, archive, sentence) => {
    const all = () => [...read(archive).values()].map((entry) => entry.read())
    expect(all).toThrow(`read: ${sentence}`)
  })

  test('a place beyond 32 bits is read where it stands', () => {
    const two = zipSync({ a: strToU8('one'), b: strToU8('other') }, { level: 0 })
    const end = two.length - 22
    const { buffer } = two
    const start = new DataView(buffer).getUint32(end + 16, true)
    // Each of the directory takes 46 bytes and its name; what the second has besides goes to its end.
    const second = start + 47
    const offset = new DataView(buffer).getUint32(second + 42, true)
    const field = new Uint8Array(12)
    field.set([1, 0, 8, 0])
    const archive = new Uint8Array([...two.subarray(0, end), ...field, ...two.subarray(end)])
    const view = new DataView(archive.buffer)
    view.setUint16(second + 30, field.length, true)
    view.setUint32(second + 42, 0xffffffff, true)
    view.setUint32(end + field.length + 12, end - start + field.length, true)
    const at = (place: bigint) => {
      view.setBigUint64(end + 4, place, true)
      return read(archive).get('b')?.read()
    }
    expect(at(BigInt(offset))).toStrictEqual(strToU8('other'))
    expect(() => at(2n ** 40n)).toThrow('read: b in the file must be long enough to hold byte 1099511627776')
  })

  test('refuses a name twice', () => {
    const twice = stored.map((byte, i) => (byte === 0x63 && stored[i + 1] === 0x2e ? 0x61 : byte))
    expect(() => read(twice)).toThrow('read: the file must be without a name twice, got "a.txt" twice')
  })

  test('refuses other bytes than its checksum says, when they are read', () => {
    const at = stored.findIndex((_, i) => stored[i] === 0x61 && stored[i + 1] === 0x62 && stored[i + 2] === 0x63)
    const entries = read(stored.map((byte, i) => (i === at ? 0x7a : byte)))
    expect(() => entries.get('a.txt')?.read()).toThrow(
      'read: a.txt in the file must be what its checksum says, got other bytes'
    )
    expect(entries.get('c.txt')?.read()).toStrictEqual(strToU8('c'))
  })

  test('refuses what is larger unpacked than it may be, and what claims what cannot be', () => {
    expect(() => read(deflated, 150)).toThrow('read: the file must be at most 150 bytes when unpacked, got 151')
    const claims = patched(CENTRAL, 1, 24, 0, 0, 16)
    const at = new DataView(claims.buffer)
    for (let i = 0; i + 4 <= claims.length; i++) if (at.getUint32(i, true) === CENTRAL) claims[i + 10] = 8
    expect(() => read(claims)).toThrow('read: a.txt in the file must be unpacked out of 150 bytes, got 1048576 bytes')
  })
})

test('nested takes names apart, and named puts them together', () => {
  const values = [
    ['a/b', 1],
    ['a/c/d', 2],
    ['', 3]
  ] as const
  expect(nested(refuse, 'it', values)).toStrictEqual({ a: { b: 1, c: { d: 2 } }, '': 3 })
  expect(named('save', { a: { b: 1 }, c: null }).map(([name]) => name)).toStrictEqual(['a/b'])
})

test('swapped turns the bytes of each element around', () => {
  expect(swapped(Uint8Array.of(1, 2, 3, 4), 2)).toStrictEqual(Uint8Array.of(2, 1, 4, 3))
  expect(swapped(Uint8Array.of(1, 2, 3, 4), 4)).toStrictEqual(Uint8Array.of(4, 3, 2, 1))
})

test('inRowMajorOrder and gathered put elements in their places', () => {
  // [[[1, 3], [5, 7]], [[2, 4], [6, 8]]] as Fortran has it: the first axis is the nearest.
  const columns = Uint8Array.of(1, 2, 5, 6, 3, 4, 7, 8)
  expect(inRowMajorOrder(columns, [2, 2, 2], 1)).toStrictEqual(Uint8Array.of(1, 3, 5, 7, 2, 4, 6, 8))
  expect(gathered(Uint8Array.of(1, 0, 2, 0), [2, 2], [0, 2], 2)).toStrictEqual(Uint8Array.of(1, 0, 2, 0, 1, 0, 2, 0))
  expect(inRowMajorOrder(new Uint8Array(), [0, 3], 4)).toStrictEqual(new Uint8Array())
})

test('tensorFrom knows leaves of a tree', () => {
  expect(tensorFrom(1)).toStrictEqual({ dtype: 'float64', shape: [], data: Float64Array.of(1) })
  expect(tensorFrom(Uint32Array.of(1, 2))).toStrictEqual({ dtype: 'uint32', shape: [2], data: Uint32Array.of(1, 2) })
  expect(tensorFrom(new Uint8Array(4).subarray(1, 3))).toStrictEqual({
    dtype: 'uint8',
    shape: [2],
    data: new Uint8Array(2)
  })
  expect(['1', null, undefined, {}, [], 2n ** 63n, new DataView(new ArrayBuffer(1))].map(tensorFrom)).toStrictEqual(
    new Array(7).fill(undefined)
  )
})
