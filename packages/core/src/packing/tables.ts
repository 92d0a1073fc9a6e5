import { CELLS, codesOf } from './codes.js'
import { FORMATS, type Format, PACKED_FORMATS } from './format.js'

// What kernels look up, once in a memory: for each format the values of its codes, and the codes of numbers.

/** How many bytes the values of codes take. */
export const VALUES = 1024
/** How many numbers there are of one sign, once rounded, NaN among them: 1 << (31 − CUT). */
const ALL = 0x10000
/** How many bytes the tables of a format take. Where there is one sign, what is below 0 and what is none have the code of 0. */
const bytesOfEach = (): number => 4 * VALUES + 3 * ALL + Math.ceil((ALL + CELLS) / 64) * 64

/** How many bytes all tables take. A function, as a constant would come along with every import. */
export const tableBytes = (): number => PACKED_FORMATS.length * bytesOfEach()

/** Where the parts of a format lie. */
export interface Places {
  /** The values of codes, float32, in fours: for numbers of one sign and of both, then for these where they are mirrored. */
  readonly values: number
  /** The codes of numbers, a byte each, from 0 on, and below them those of numbers below 0: of one sign, and of both. */
  readonly up: number
  readonly both: number
}

/** Where the parts of a format lie. */
export const placesOf = (format: Format): Places => {
  const values = bytesOfEach() * PACKED_FORMATS.findIndex((name) => FORMATS[name] === format)
  const up = values + 4 * VALUES + ALL
  return { values, up, both: up + 2 * ALL }
}

/** Writes all that kernels look up. */
export const writeTables = (buffer: ArrayBufferLike, address: number): void => {
  const bytes = new Uint8Array(buffer, address, tableBytes()).fill(0)
  for (const format of Object.values(FORMATS)) {
    const { values, up, both } = placesOf(format)
    const { signed, unsigned } = format
    const mirrored = [unsigned, signed].map((each) => each.map((x) => 0 - x))
    for (const [i, each] of [unsigned, signed, ...mirrored].entries()) {
      new Float32Array(buffer, address + values + i * VALUES, each.length).set(each)
    }
    const ofBoth = codesOf(format, true)
    bytes.set(codesOf(format, false).up, up)
    bytes.set(ofBoth.up, both)
    bytes.set(ofBoth.down, both - ALL)
  }
}
