// What becomes of files: bits that flip, pieces that are missing, sizes that are absurd. For the tests of every reader.

import { joined } from '@gradchain/core/bytes'
import type { Either } from 'fp-ts/lib/Either.js'
import { CheckpointError } from '../error.js'

/** Whole numbers from 0 up to, but not including, `below`: the same ones for the same seed. */
export const dice = (seed: number): ((below: number) => number) => {
  let state = seed | 0
  return (below) => {
    // A Weyl sequence, mixed: enough for choosing places.
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) % below
  }
}

const EDGES = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x20, 0x22, 0x2d, 0x30, 0x39, 0x5b, 0x7b]
const WORDS = [0n, 1n, 0xffn, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x7fffffffffffffffn, 0xffffffffffffffffn]

type Roll = (below: number) => number

const overwritten = (bytes: Uint8Array, at: number, values: readonly number[]): Uint8Array => {
  const out = bytes.slice()
  out.set(values.slice(0, Math.max(0, out.length - at)), at)
  return out
}

const word = (bytes: Uint8Array, roll: Roll): Uint8Array => {
  const value = WORDS[roll(WORDS.length)] as bigint
  const size = [2, 4, 8][roll(3)] as number
  const little = Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
  return overwritten(bytes, roll(bytes.length), roll(4) === 0 ? little.reverse() : little)
}

const range = (bytes: Uint8Array, roll: Roll): readonly [number, number] => {
  const start = roll(bytes.length)
  return [start, start + 1 + roll(Math.min(64, bytes.length - start))]
}

/** A digit becomes another one: that finds the sizes that are written out. */
const digit = (bytes: Uint8Array, roll: Roll): Uint8Array => {
  const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39
  const start = roll(bytes.length)
  const length = bytes.subarray(start).findIndex(isDigit)
  return length < 0 ? flipped(bytes, roll) : overwritten(bytes, start + length, [0x30 + roll(10)])
}

const flipped = (bytes: Uint8Array, roll: Roll): Uint8Array => {
  const at = roll(bytes.length)
  return overwritten(bytes, at, [(bytes[at] as number) ^ (1 << roll(8))])
}

const WAYS: readonly ((bytes: Uint8Array, roll: Roll) => Uint8Array)[] = [
  flipped,
  flipped,
  digit,
  word,
  (bytes, roll) => overwritten(bytes, roll(bytes.length), [EDGES[roll(EDGES.length)] as number]),
  (bytes, roll) => bytes.slice(0, roll(bytes.length)),
  (bytes, roll) => {
    const [start, end] = range(bytes, roll)
    return joined([bytes.subarray(0, start), bytes.subarray(end)])
  },
  (bytes, roll) => {
    const [start, end] = range(bytes, roll)
    return joined([bytes.subarray(0, end), bytes.subarray(start)])
  },
  (bytes, roll) => {
    const [start, end] = range(bytes, roll)
    return overwritten(bytes, roll(bytes.length), [...bytes.subarray(start, end)])
  },
  (bytes, roll) => joined([bytes, new Uint8Array(1 + roll(32)).fill(roll(256))])
]

/** A file with one to three wounds. */
export const mutated = (bytes: Uint8Array, roll: Roll): Uint8Array => {
  let out = bytes
  for (let wounds = 1 + roll(3); wounds > 0 && out.length > 0; wounds--) {
    out = (WAYS[roll(WAYS.length)] as (typeof WAYS)[number])(out, roll)
  }
  return out
}

/** How {@link survivors} goes about it. */
export interface SurvivorsOptions {
  /** How many mutations to try. */
  readonly runs: number
  /** Decides which. */
  readonly seed: number
}

/**
 * Reads so many mutations of files, in turn. Each must be read, or refused by a {@link CheckpointError}: anything else that is
 * thrown goes on to the test, with what it takes to see it again. Gives the mutations that were read, with what came out.
 */
export const survivors = <T>(
  read: (bytes: Uint8Array) => Either<CheckpointError, T>,
  files: readonly Uint8Array[],
  { runs, seed }: SurvivorsOptions
): readonly { readonly bytes: Uint8Array; readonly original: Uint8Array; readonly value: T }[] => {
  const roll = dice(seed)
  const found: { bytes: Uint8Array; original: Uint8Array; value: T }[] = []
  for (let run = 0; run < runs; run++) {
    const original = files[run % files.length] as Uint8Array
    const bytes = mutated(original, roll)
    const result = checked(read, bytes, `mutation ${run} of seed ${seed}`)
    if (result._tag === 'Right') found.push({ bytes, original, value: result.right })
  }
  return found
}

const checked = <T>(
  read: (bytes: Uint8Array) => Either<CheckpointError, T>,
  bytes: Uint8Array,
  name: string
): Either<CheckpointError, T> => {
  const before = bytes.slice()
  const result = readOr(read, bytes, name)
  if (result._tag === 'Left' && !(result.left instanceof CheckpointError))
    throw new Error(`${name}: no CheckpointError`)
  if (before.some((byte, i) => byte !== bytes[i])) throw new Error(`${name}: the reader changed the file`)
  if ('polluted' in {} || Object.keys(Object.prototype).length > 0) throw new Error(`${name}: Object.prototype changed`)
  return result
}

const readOr = <T>(read: (bytes: Uint8Array) => T, bytes: Uint8Array, name: string): T => {
  try {
    return read(bytes)
  } catch (cause) {
    throw new Error(`${name}: ${String(cause)}; the file: ${Buffer.from(bytes).toString('base64')}`, { cause })
  }
}

/** The beginnings of a file, one byte shorter each; none may be read. Gives the lengths of those that were. */
export const readBeginnings = <T>(
  read: (bytes: Uint8Array) => Either<CheckpointError, T>,
  file: Uint8Array
): readonly number[] =>
  Array.from(file, (_, length) => length).filter(
    (length) => checked(read, file.slice(0, length), `the first ${length} bytes`)._tag === 'Right'
  )
