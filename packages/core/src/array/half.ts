import { bitsOf, fromBits } from './bits.js'
import { Kind } from './dtype.js'

const fround = Math.fround

const SCALE_UP = 2 ** 112
const SCALE_DOWN = 2 ** -112

/** The nearest bfloat16 to a float32, ties to even, as a float32. */
export const roundBfloat16 = (x: number): number => {
  if (x !== x) return x
  const bits = bitsOf(x)
  return fromBits((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000)
}

/** The nearest float16 to a float32, ties to even, as a float32; from 65520 on it is infinite. */
export const roundFloat16 = (x: number): number => {
  if (x !== x) return x
  const magnitude = Math.abs(x)
  // Below the normal range the spacing is 2⁻²⁴, which is the spacing of float32 just above ½.
  if (magnitude < 2 ** -14) {
    const rounded = fround(fround(magnitude + 0.5) - 0.5)
    return x < 0 || Object.is(x, -0) ? -rounded : rounded
  }
  const bits = bitsOf(x)
  const rounded = fromBits((bits + 0x0fff + ((bits >>> 13) & 1)) & 0xffffe000)
  return Math.abs(rounded) >= 65536 ? (x < 0 ? -Infinity : Infinity) : rounded
}

const encodeBfloat16 = (x: number): number => (x !== x ? 0x7fc0 : bitsOf(x) >>> 16)
const decodeBfloat16 = (bits: number): number => fromBits(bits << 16)

const encodeFloat16 = (x: number): number => {
  const sign = (bitsOf(x) >>> 16) & 0x8000
  if (x !== x) return 0x7e00
  const magnitude = Math.abs(x)
  return sign | (magnitude === Infinity ? 0x7c00 : bitsOf(fround(magnitude * SCALE_DOWN)) >>> 13)
}

const decodeFloat16 = (bits: number): number => {
  const magnitude = bits & 0x7fff
  const value =
    magnitude >= 0x7c00 ? (magnitude === 0x7c00 ? Infinity : Number.NaN) : fround(fromBits(magnitude << 13) * SCALE_UP)
  return bits & 0x8000 ? -value : value
}

/** Rounds a result to what its dtype can hold, as a JavaScript number. */
export const roundTo = (kind: Kind, x: number): number => {
  if (kind === Kind.F32) return fround(x)
  if (kind === Kind.BF16) return roundBfloat16(fround(x))
  if (kind === Kind.F16) return roundFloat16(fround(x))
  return x
}

/** The stored form of a value that its dtype can hold: bits for the 16-bit dtypes, the number itself otherwise. */
export const encode = (kind: Kind, x: number): number =>
  kind === Kind.BF16 ? encodeBfloat16(x) : kind === Kind.F16 ? encodeFloat16(x) : x

/** The value of a stored element. */
export const decode = (kind: Kind, stored: number): number =>
  kind === Kind.BF16 ? decodeBfloat16(stored) : kind === Kind.F16 ? decodeFloat16(stored) : stored
