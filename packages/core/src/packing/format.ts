import { oneOf } from '../check.js'
import type { Value } from '../expression/operations.js'

/**
 * How an array is packed: `dynamic8` into 8 bits an element, `dynamic4` into 4, and 32 for each block of 256.
 */
export type PackedFormat = 'dynamic8' | 'dynamic4'

/** How many elements have a scale in common. */
export const BLOCK = 256

/** The numbers that a format is made of, all of them float32. */
export interface Format {
  /** How many bits a code has. */
  readonly bits: number
  /** How many words of 16 bits a block takes: two of its scale, then its codes. */
  readonly words: number
  /** How many codes of one sign there are: those from 1 on, with a sign, as many as 2^decades − 1, and the largest. */
  readonly largest: number
  /**
   * The values: those of decade i, i = 0, 1, …, lie on a straight line, and the lines bend upwards, so that the value at x is the largest of
   * slopeᵢ (9x − 8 · 2ⁱ).
   */
  readonly slopes: readonly number[]
  /** The way back, the smallest of y · rateᵢ + startᵢ, from i = 1 on. */
  readonly rates: readonly number[]
  readonly starts: readonly number[]
  /** The first line of the way back: through what is halfway between 0 and the smallest value. */
  readonly signed: Line
  readonly unsigned: Line
  /** From which magnitude on, beside the largest, numbers of the other sign are kept. */
  readonly least: number
}

/** A straight line. */
export interface Line {
  readonly rate: number
  readonly start: number
}

/** The whole powers of ten from 10⁻⁷ to 10⁶. */
const TENS = [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6]
const ten = (exponent: number): number => TENS[exponent + 7] as number

const through = (x: number, at: number, y: number, end: number, scale: number): Line => {
  const rate = (end - at) / (y - x)
  return { rate: Math.fround(rate * scale), start: Math.fround(at - x * rate) }
}

const formatOf = (bits: number): Format => {
  const decades = bits - 1
  const each = Array.from({ length: decades }, (_, i) => i)
  const scale = ten(decades - 1)
  return {
    bits,
    words: 2 + (BLOCK * bits) / 16,
    largest: 2 ** decades,
    slopes: each.map((i) => Math.fround(ten(i - decades) / 2 ** i)),
    rates: each.slice(1).map((i) => Math.fround((2 ** i * ten(decades - i)) / 9)),
    starts: each.slice(1).map((i) => Math.fround((8 * 2 ** i) / 9)),
    signed: through(0.275, 1.2, 1, 2, scale),
    unsigned: through(0.1625, 2.2, 0.55, 3, scale),
    least: Math.fround(0.3 / scale)
  }
}

/** The formats by their names. */
export const FORMATS: Readonly<Record<PackedFormat, Format>> = /* @__PURE__ */ (() => ({
  dynamic8: formatOf(8),
  dynamic4: formatOf(4)
}))()

/** A name of a format. */
export const aFormat = /* @__PURE__ */ (() => oneOf('dynamic8', 'dynamic4'))()

/** How many blocks there are. */
export const blocksIn = (size: number): number => Math.ceil(size / BLOCK)

/** What a value is, in words. */
export const formOf = (x: Value): string =>
  typeof x === 'number' ? `${x}` : x.isScalar ? 'a lazy number' : `an array of ${x.dtype}`
