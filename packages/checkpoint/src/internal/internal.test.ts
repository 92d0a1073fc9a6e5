import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CheckpointError } from '../error.js'
import { attempt, attemptAsync, refuseFor } from './attempt.js'
import { crc32, crc32Slicing, hex } from './crc32.js'
import { dice, mutated, readBeginnings, survivors } from './mutateTesting.js'
import { Reader } from './reader.js'
import { setKey } from './setKey.js'

const refuse = refuseFor('read')
const readerOf = (...bytes: number[]) => new Reader(refuse, 'the file', Uint8Array.from(bytes))

describe('Reader', () => {
  test('reads numbers of both orders, bytes and text, one after the other', () => {
    const reader = readerOf(1, 2, 3, 0, 0, 0, 4, 0x80, 0xbf, 0, 0, 0x80, 0x3f, 0xc3, 0xbc, 255, 255, 9)
    expect(reader.u8()).toBe(1)
    expect(reader.u16()).toBe(770)
    expect(reader.u32(false)).toBe(4)
    expect(reader.u8()).toBe(0x80)
    expect(reader.i8()).toBe(-65)
    expect(reader.f32()).toBe(1)
    expect(reader.text(2)).toBe('ü')
    expect(reader.i16()).toBe(-1)
    expect([reader.position, reader.remaining, reader.length]).toStrictEqual([17, 1, 18])
    expect(reader.bytes(1)).toStrictEqual(Uint8Array.of(9))
    reader.seek(3)
    expect(reader.u32(false)).toBe(4)
  })

  test('reads 64 bits as a number, where one can hold them, or as a bigint', () => {
    const all = () => readerOf(255, 255, 255, 255, 255, 255, 255, 255)
    expect(readerOf(5, 0, 0, 0, 1, 0, 0, 0).u64()).toBe(2 ** 32 + 5)
    expect(all().bigU64()).toBe(2n ** 64n - 1n)
    expect(all().bigI64()).toBe(-1n)
    expect(all().i32()).toBe(-1)
    expect(all().f64()).toBeNaN()
    expect(() => all().u64()).toThrow('read: the file must be of sizes below 2⁵³, got 18446744073709551615')
  })

  test.each<[string, (reader: Reader) => unknown, string]>([
    ['a number beyond the end', (reader) => reader.u32(), 'the file must be 4 bytes long at the least, got 3 bytes'],
    ['bytes beyond the end', (reader) => reader.bytes(4), 'the file must be 4 bytes long at the least, got 3 bytes'],
    ['a negative count', (reader) => reader.bytes(-1), 'got 3 bytes'],
    ['half a byte', (reader) => reader.bytes(0.5), 'got 3 bytes'],
    ['a place beyond the end', (reader) => reader.seek(4), 'the file must be long enough to hold byte 4, got 3 bytes'],
    ['text that is none', (reader) => reader.text(3), 'the file must be text in UTF-8, got other bytes']
  ])('refuses %s', (_, read, sentence) => {
    expect(() => read(readerOf(1, 2, 0xff))).toThrow(sentence)
  })
})

describe('attempt', () => {
  test('a flaw is a value, any other error passes', async () => {
    expect(attempt('read', () => 1)).toStrictEqual({ _tag: 'Right', right: 1 })
    const refused = attempt('read', (no) => no('corrupt', 'it', 'whole', 'half'))
    expect(refused).toMatchObject({ _tag: 'Left', left: { message: 'read: it must be whole, got half' } })
    expect(await attemptAsync('read', async (no) => no('corrupt', 'it', 'whole', 'half'))).toStrictEqual(refused)
    expect(await attemptAsync('read', async () => 1)).toStrictEqual({ _tag: 'Right', right: 1 })
    const bug = () => {
      throw new TypeError('bug')
    }
    expect(() => attempt('read', bug)).toThrow(TypeError)
    await expect(attemptAsync('read', async () => bug())).rejects.toThrow(TypeError)
  })
})

test('a field is set once, and never __proto__', () => {
  const object: Record<string, number> = {}
  setKey(refuse, 'it', object, 'toString', 1)
  expect(Object.entries(object)).toStrictEqual([['toString', 1]])
  expect(() => setKey(refuse, 'it', object, 'toString', 1)).toThrow(
    'read: it must be without a key twice, got "toString" twice'
  )
  expect(() => setKey(refuse, 'it', object, '__proto__', 1)).toThrow(
    'read: it must be without a key __proto__, got one'
  )
})

describe('crc32', () => {
  test('is that of zip, which ends in e5 of "123456789" reversed', () => {
    const digits = new TextEncoder().encode('123456789')
    expect(hex(crc32(digits))).toBe('cbf43926')
    expect(hex(crc32Slicing(digits))).toBe('cbf43926')
    expect(hex(crc32(new Uint8Array(0)))).toBe('00000000')
  })

  test('goes on from where it was, and is the same in JavaScript', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(70), (bytes, cut) => {
        const whole = crc32(bytes)
        expect(crc32Slicing(bytes)).toBe(whole)
        expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(whole)
        expect(crc32Slicing(bytes.subarray(cut), crc32Slicing(bytes.subarray(0, cut)))).toBe(whole)
      })
    )
  })
})

describe('the kit of mutations', () => {
  const file = Uint8Array.from({ length: 40 }, (_, i) => i)
  const read = (bytes: Uint8Array) =>
    attempt('read', (no) => (bytes.length === 40 && bytes[0] === 0 ? bytes.length : no('corrupt', 'it', 'so', 'no')))

  test('makes other files, the same ones for the same seed', () => {
    const made = (seed: number) => {
      const roll = dice(seed)
      return Array.from({ length: 200 }, () => mutated(file, roll))
    }
    expect(made(1)).toStrictEqual(made(1))
    expect(made(1)).not.toStrictEqual(made(2))
    const lengths = new Set(made(1).map(({ length }) => length))
    expect([Math.min(...lengths) < 40, Math.max(...lengths) > 40, lengths.has(40)]).toStrictEqual([true, true, true])
    expect(file).toStrictEqual(Uint8Array.from({ length: 40 }, (_, i) => i))
  })

  test('gives what was read all the same, and hands on what else a reader throws', () => {
    const found = survivors(read, [file], { runs: 100, seed: 1 })
    expect(found.length).toBeGreaterThan(0)
    expect(found.every(({ bytes, value }) => bytes.length === value)).toBe(true)
    const broken = () => {
      throw new RangeError('out')
    }
    expect(() => survivors(broken, [file], { runs: 1, seed: 1 })).toThrow('mutation 0 of seed 1: RangeError: out')
    const odd = () => ({ _tag: 'Left' as const, left: new Error('odd') as CheckpointError })
    expect(() => survivors(odd, [file], { runs: 1, seed: 1 })).toThrow('no CheckpointError')
    const rude = (bytes: Uint8Array) => attempt('read', () => bytes.fill(77))
    expect(() => survivors(rude, [file], { runs: 1, seed: 1 })).toThrow('changed the file')
  })

  test('tries every beginning of a file', () => {
    const upTo = (bytes: Uint8Array) =>
      attempt('read', (no) => (bytes.length > 37 ? 1 : no('truncated', 'a', 'b', 'c')))
    expect(readBeginnings(upTo, file)).toStrictEqual([38, 39])
  })
})
