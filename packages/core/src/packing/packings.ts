import { apart } from './apart.js'
import { packed, unpacked } from './codes.js'
import { BLOCK, blocksIn, FORMATS, type Format, PACKED_FORMATS } from './format.js'
import { writePacker } from './kernel.js'
import { PACKED, type Packings } from './packing.js'
import { tableBytes, writeTables } from './tables.js'

/** The format of what is stored in some way. */
export const formatOf = (kind: number): Format =>
  FORMATS[PACKED_FORMATS.find((name) => PACKED[name] === kind) ?? 'dynamic8']

/** How fused engines pack, all of it. */
export const PACKINGS: Packings = {
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
