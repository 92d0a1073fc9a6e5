import { bitsOf, fromBits } from '../array/bits.js'
import { BLOCK, blocksIn, type Format } from './format.js'

// What packing means: every operation is one on float32, in this order, and kernels do the same.

const SIGN = 0x80000000
const QUIET = 0x7fc00000
/** 2⁻¹²⁶, the smallest number with all its digits: what is below would have no reciprocal. */
const SMALLEST = 2 ** -126
/** How far above a power of two the midpoint between two decades lies, in steps of the upper one. */
const ACROSS = /* @__PURE__ */ Math.fround(0.2)
/** Where the first code lies when nothing is to become 0. */
const FIRST = 2.25

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
    const factor = Math.fround(1 / magnitude)
    const isSigned = (scale & 1) !== 0
    const isMirrored = (scale & SIGN) !== 0
    for (let i = from; i < BLOCK + from; i++) {
      const x = i < to ? (data[i] as number) : 0
      const code = codeOf(format, isMirrored ? -x : x, factor, isSigned)
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

/** The code of a number: the nearest of all values, up from the middle, and never 0 for what is above 0 where there is one sign. */
const codeOf = (format: Format, x: number, factor: number, isSigned: boolean): number => {
  const { largest, rates, starts, signed, unsigned } = format
  const zero = isSigned ? largest - 1 : -1
  const perStep = isSigned ? 1 : 2
  const first = isSigned ? signed : unsigned
  const p = Math.fround(x * factor)
  const y = Math.abs(p)
  let inner = Infinity
  for (let i = 0; i < rates.length; i++) {
    inner = Math.min(inner, Math.fround(Math.fround(y * (rates[i] as number)) + (starts[i] as number)))
  }
  let q = Math.min(Math.fround(Math.fround(y * first.rate) + first.start), Math.fround(inner * perStep))
  q = Math.max(q, isSigned ? 0 : FIRST)
  const power = fromBits(bitsOf(q) & 0x7f800000)
  const isAcross = Math.fround(q - power) < ACROSS
  const isTop = q >= perStep * largest - 0.25
  const steps = Math.floor(Math.fround(Math.fround(q - (isAcross ? ACROSS : 0)) + (isTop ? 1 : 0)))
  const counted = isSigned || p > 0 ? steps : 0
  return Math.max(0, zero + (p < 0 ? -counted : counted))
}

/** The elements of a packed array. */
export const unpacked = (format: Format, words: Uint16Array, size: number): Float32Array => {
  const out = new Float32Array(size)
  const perWord = 16 / format.bits
  for (let i = 0; i < size; i++) {
    const at = Math.floor(i / BLOCK) * format.words
    const scale = ((words[at] as number) | ((words[at + 1] as number) << 16)) >>> 0
    const place = i % BLOCK
    const code =
      ((words[at + 2 + Math.floor(place / perWord)] as number) >>> ((place % perWord) * format.bits)) &
      (2 ** format.bits - 1)
    out[i] = valueOf(format, code, scale)
  }
  return out
}

const valueOf = ({ largest, slopes }: Format, code: number, scale: number): number => {
  const isSigned = (scale & 1) !== 0
  const isMirrored = (scale & SIGN) !== 0
  const step = isSigned ? code - (largest - 1) : code / 2
  const nine = 9 * (Math.abs(step) + (isSigned ? 0.5 : 0.75))
  let value = 0
  for (let i = 0; i < slopes.length; i++)
    value = Math.max(value, Math.fround((nine - 8 * 2 ** i) * (slopes[i] as number)))
  const magnitude = Math.fround(Math.min(value, 1) * fromBits(scale & ~SIGN))
  // −0 is 0.
  return (isMirrored === step < 0 ? magnitude : -magnitude) + 0
}
