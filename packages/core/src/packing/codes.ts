import { bitsOf, fromBits } from '../array/bits.js'
import { BLOCK, blocksIn, type Format } from './format.js'

// What packing means: every operation is one on float32, in this order, and kernels do the same.

const SIGN = 0x80000000
const QUIET = 0x7fc00000
/** 2⁻¹²⁶, the smallest number with all its digits: what is below would have no reciprocal. */
const SMALLEST = 2 ** -126

/** By how many of the 23 digits of a number behind its first one it is rounded before its code is looked up. */
export const CUT = 15
// Written out, as what is computed when a module is read comes along with every import of the package.
/** What is added first, that the rest be cut off: 1 << (CUT − 1). */
export const HALF = 0x4000
/** How many rounded magnitudes there are up to 1, which has the exponent 127: (127 << (23 − CUT)) + 1. */
export const CELLS = 0x7f01

/** The codes of rounded magnitudes, by their digits that are left: of those above 0, and of those below where there are both signs. */
export interface Codes {
  readonly up: Uint8Array
  readonly down: Uint8Array
}

const made = new WeakMap<Float32Array, Codes>()

/** The code of each rounded magnitude: that of the nearest value. Where there is one sign, nothing but 0 has the code of 0. */
export const codesOf = ({ signed, unsigned }: Format, isSigned: boolean): Codes => {
  const values = isSigned ? signed : unsigned
  const known = made.get(values)
  if (known !== undefined) return known
  const nearest = (sign: 1 | -1): Uint8Array => {
    const sorted = [...values.keys()]
      .filter((code) => sign * (values[code] as number) >= 0)
      .sort((a, b) => sign * ((values[a] as number) - (values[b] as number)))
    const at = (i: number): number => sign * (values[sorted[i] ?? -1] ?? sign * Infinity)
    let i = 0
    return Uint8Array.from({ length: CELLS }, (_, cell) => {
      const x = fromBits(cell << CUT)
      // What is halfway between two takes the even code.
      const isBelow = (middle: number): boolean =>
        middle < 2 * x || (middle === 2 * x && (sorted[i] as number) % 2 === 1)
      while (isBelow(at(i) + at(i + 1))) i += 1
      return sorted[cell > 0 && !isSigned ? Math.max(i, 1) : i] as number
    })
  }
  const codes = { up: nearest(1), down: isSigned ? nearest(-1) : new Uint8Array(0) }
  made.set(values, codes)
  return codes
}

/** Packs float32 elements. */
export const packed = (format: Format, data: Float32Array): Uint16Array => {
  const out = new Uint16Array(blocksIn(data.length) * format.words)
  const perWord = 16 / format.bits
  for (let block = 0, from = 0, to = 0; from < data.length; block++, from += BLOCK) {
    to = Math.min(from + BLOCK, data.length)
    const scale = scaleOf(format, data, from, to)
    const at = block * format.words
    out[at] = scale & 0xffff
    out[at + 1] = scale >>> 16
    const magnitude = fromBits(scale & ~SIGN)
    if (!(magnitude > 0)) continue
    const factor = Math.fround(((scale & SIGN) === 0 ? 1 : -1) / magnitude)
    const isSigned = (scale & 1) !== 0
    const codes = codesOf(format, isSigned)
    for (let i = from; i < BLOCK + from; i++) {
      const p = Math.fround((i < to ? (data[i] as number) : 0) * factor)
      const cell = (bitsOf(Math.abs(p)) + HALF) >>> CUT
      const code = (p < 0 ? (codes.down[cell] ?? 0) : codes.up[cell]) as number
      const place = at + 2 + Math.floor((i - from) / perWord)
      out[place] = (out[place] as number) | (code << (((i - from) % perWord) * format.bits))
    }
  }
  return out
}

/**
 * The bits of the scale of a block: its largest magnitude, with the sign of that; the last bit says whether there are numbers of
 * both signs.
 */
const scaleOf = ({ least }: Format, data: Float32Array, from: number, to: number): number => {
  let [lowest, highest] = [0, 0]
  for (let i = from; i < to; i++) {
    lowest = Math.min(lowest, data[i] as number)
    highest = Math.max(highest, data[i] as number)
  }
  const largest = Math.max(highest, -lowest)
  if (!(largest < Infinity)) return QUIET
  if (largest < SMALLEST) return 0
  const other = Math.min(highest, -lowest)
  const isSigned = other >= Math.fround(largest * least)
  return ((bitsOf(largest) & ~1) | (isSigned ? 1 : 0) | (-lowest > highest ? SIGN : 0)) >>> 0
}

/** The elements of a packed array. */
export const unpacked = (format: Format, words: Uint16Array, size: number): Float32Array => {
  const out = new Float32Array(size)
  const perWord = 16 / format.bits
  const most = (1 << format.bits) - 1
  for (let i = 0; i < size; i++) {
    const at = Math.floor(i / BLOCK) * format.words
    const scale = ((words[at] as number) | ((words[at + 1] as number) << 16)) >>> 0
    const place = i % BLOCK
    const code = ((words[at + 2 + Math.floor(place / perWord)] as number) >>> ((place % perWord) * format.bits)) & most
    const value = ((scale & 1) === 0 ? format.unsigned : format.signed)[code] as number
    out[i] = ((scale & SIGN) === 0 ? value : 0 - value) * fromBits(scale & ~SIGN)
  }
  return out
}
