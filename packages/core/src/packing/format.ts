import { oneOf } from '../check.js'
import type { Value } from '../expression/operations.js'

/**
 * How an array is packed: `dynamic8`, `e4m3fn` and `e5m2` into 8 bits an element, `dynamic4` into 4, and 32 for each block of 256.
 */
export type PackedFormat = 'dynamic8' | 'dynamic4' | 'e4m3fn' | 'e5m2'

/** How many elements have a scale in common. */
export const BLOCK = 256

/** What a format is made of. */
export interface Format {
  /** How many bits a code has. */
  readonly bits: number
  /** How many words of 16 bits a block takes: two of its scale, then its codes. */
  readonly words: number
  /** The values of the codes where there are numbers of both signs, and where there are of one; NaN for what is no code. */
  readonly signed: Float32Array
  readonly unsigned: Float32Array
  /** From which magnitude on, beside the largest, numbers of the other sign are kept. */
  readonly least: number
}

/**
 * The value of decade i, i = 0, 1, …, at a place among `first` · 2ⁱ, …, that is 10^(i + 1 − decades) times the middle of one of `first` · 2ⁱ equal
 * parts of [0.1, 1]; beyond the last it is 1.
 */
const magnitudeAt = (place: number, first: number, decades: number): number => {
  let parts = first
  let left = decades
  for (; place >= 2 * parts; parts *= 2) left -= 1
  if (left === 0) return 1
  let power = 1
  for (; left > 0; left--) power *= 10
  return (2 * parts + 9 * (2 * (place - parts) + 1)) / (2 * parts * power)
}

const dynamic = (bits: number, least: number): Format => {
  const decades = bits - 1
  const middle = 2 ** decades - 1
  const values = (valueAt: (code: number) => number) => Float32Array.from({ length: 2 ** bits }, (_, i) => valueAt(i))
  const signedAt = (code: number): number => {
    const step = code - middle
    return step === 0 ? 0 : Math.sign(step) * magnitudeAt(Math.abs(step), 1, decades)
  }
  return {
    bits,
    words: 2 + (BLOCK * bits) / 16,
    signed: values(signedAt),
    unsigned: values((code) => (code === 0 ? 0 : magnitudeAt(code + 1, 2, decades))),
    least: Math.fround(least)
  }
}

/** 8-bit floats with so many bits of their exponent, in parts of the largest, of that code: a sign, an exponent and `fraction` digits. */
const float8 = (exponentBits: number, largest: number): Format => {
  const fraction = 7 - exponentBits
  const one = 2 ** fraction
  // In units of the smallest number above 0.
  const unitsOf = (magnitude: number): number => {
    const exponent = magnitude >>> fraction
    return exponent === 0 ? magnitude : (one + (magnitude % one)) * 2 ** (exponent - 1)
  }
  const most = unitsOf(largest)
  const valueOf = (code: number): number => {
    const magnitude = code % 128
    return magnitude > largest || code === 128 ? NaN : (code < 128 ? unitsOf(magnitude) : -unitsOf(magnitude)) / most
  }
  const values = Float32Array.from({ length: 256 }, (_, code) => valueOf(code))
  return { bits: 8, words: 2 + BLOCK / 2, signed: values, unsigned: values.slice(), least: Math.fround(0.5 / most) }
}

/** The formats by their names. */
export const FORMATS: Readonly<Record<PackedFormat, Format>> = /* @__PURE__ */ (() => ({
  dynamic8: dynamic(8, 3e-7),
  dynamic4: dynamic(4, 3e-3),
  e4m3fn: float8(4, 0x7e),
  e5m2: float8(5, 0x7b)
}))()

/** The names of formats. */
export const PACKED_FORMATS = ['dynamic8', 'dynamic4', 'e4m3fn', 'e5m2'] as const satisfies readonly PackedFormat[]

/** What is made for each format. */
export const forEachFormat = <T>(make: (format: PackedFormat) => T): Readonly<Record<PackedFormat, T>> => ({
  ...{ dynamic8: make('dynamic8'), dynamic4: make('dynamic4'), e4m3fn: make('e4m3fn'), e5m2: make('e5m2') }
})

/** A name of a format. */
export const aFormat = /* @__PURE__ */ (() => oneOf(...PACKED_FORMATS))()

/** How many blocks there are. */
export const blocksIn = (size: number): number => Math.ceil(size / BLOCK)

/** What a value is, in words. */
export const formOf = (x: Value): string =>
  typeof x === 'number' ? `${x}` : x.isScalar ? 'a lazy number' : `an array of ${x.dtype}`
