import { InvalidOption } from '../errors.js'
import type { Child } from '../expression/expr.js'
import { apart } from './apart.js'
import { packed, unpacked } from './codes.js'
import { BLOCK, blocksIn, FORMATS, type Format, PACKED_FORMATS } from './format.js'
import { writePacker } from './kernel.js'
import { PACKED, type Packings, packs } from './packing.js'
import { tableBytes, writeTables } from './tables.js'

/** The format of what is stored in some way. */
export const formatOf = (kind: number): Format =>
  FORMATS[PACKED_FORMATS.find((name) => PACKED[name] === kind) ?? 'dynamic8']

/** Refuses words that are not there yet among the operands of an operation: as numbers they would be garbage, and one that looks like NaN another one. */
const refuseWords = (...operands: readonly (Child | null)[]): void => {
  if (!operands.some(packs)) return
  throw new InvalidOption('quantize: words are no numbers and no operand of an operation; dequantize them first')
}

/** How fused engines pack, all of it. */
export const PACKINGS: Packings = {
  refuseWords,
  apart,
  wordsIn: (kind, elements) => blocksIn(elements) * formatOf(kind).words,
  roomIn: (packs) => 4 * BLOCK * packs,
  tableBytes,
  writeTables,
  locals: (inputs) => 8 + inputs,
  write: (parts) => writePacker(parts, formatOf),
  packed: (kind, data) => packed(formatOf(kind), data),
  unpacked: (kind, words, size) => unpacked(formatOf(kind), words, size)
}
