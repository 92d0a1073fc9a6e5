import { InvalidTree } from '@gradchain/core'
import { inflateSync } from 'fflate'
import type { Refuse } from './attempt.js'
import { crc32 } from './crc32.js'
import { Reader, utf8 } from './reader.js'

/** A file in an archive. */
export interface ZipEntry {
  /** Its name, with `/` between folders. */
  readonly name: string
  /** How many bytes it takes once it is unpacked. */
  readonly size: number
  /** Unpacks it: a view of the archive where it was stored as it is. Its checksum is compared. */
  readonly read: () => Uint8Array
}

/** What the directory says of an entry. */
interface Listed {
  readonly name: string
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly offset: number
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
const END_LENGTH = 22
const LONGEST_COMMENT = 0xffff

/** Deflate makes at most 258 bytes out of two bits: what claims more does not say the truth. */
const MOST_PER_BYTE = 1032

/**
 * The files of a zip archive by their names, in the order of its directory. Entries are stored or deflated; sizes come from the
 * directory alone, as writers that stream leave those of the entries empty. What overlaps, is there twice, lies beyond the end
 * or is encrypted is refused.
 *
 * @param limit - How many bytes all deflated entries may take unpacked: a small file could claim gigabytes.
 */
export const readZip = (
  refuse: Refuse,
  entry: string,
  archive: Uint8Array,
  limit: number
): ReadonlyMap<string, ZipEntry> => {
  const { count, start, length } = endOf(refuse, entry, archive)
  const directory = new Reader(refuse, `the directory of ${entry}`, archive.subarray(start, start + length))
  const listed: Listed[] = []
  for (let i = 0; i < count; i++) listed.push(listedIn(refuse, entry, directory))
  const unpacked = listed.reduce((sum, { method, size }) => (method === 0 ? sum : sum + size), 0)
  if (unpacked > limit) refuse('tooLarge', entry, `at most ${limit} bytes when unpacked`, `${unpacked}`)

  const places = new Map<Listed, Uint8Array>()
  let end = 0
  for (const item of [...listed].sort((a, b) => a.offset - b.offset)) {
    if (item.offset < end) refuse('malformed', `${item.name} in ${entry}`, 'beside the other files', 'one over another')
    const data = dataOf(refuse, entry, archive.subarray(0, start), item)
    places.set(item, data)
    end = data.byteOffset - archive.byteOffset + data.byteLength
  }

  const files = new Map<string, ZipEntry>()
  for (const item of listed) {
    const { name, size } = item
    if (files.has(name)) refuse('malformed', entry, 'without a name twice', `${JSON.stringify(name)} twice`)
    const data = places.get(item) as Uint8Array
    files.set(name, { name, size, read: () => unpack(refuse, `${name} in ${entry}`, item, data) })
  }
  return files
}

/** Where the directory of an archive is. */
interface Directory {
  readonly count: number
  readonly start: number
  readonly length: number
}

const endOf = (refuse: Refuse, entry: string, archive: Uint8Array): Directory => {
  const reader = new Reader(refuse, entry, archive)
  const isAt = (position: number, signature: number): boolean => {
    if (position < 0 || position + 4 > archive.length) return false
    reader.seek(position)
    return reader.u32() === signature
  }
  const earliest = Math.max(0, archive.length - END_LENGTH - LONGEST_COMMENT)
  let position = archive.length - END_LENGTH
  while (position >= earliest && !isAt(position, END)) position--
  if (position < earliest) {
    return isAt(0, LOCAL)
      ? refuse('truncated', entry, 'a zip archive with its directory', 'one without an end')
      : refuse('malformed', entry, 'a zip archive', 'something else')
  }
  const is64 = isAt(position - 20, LOCATOR_64)
  const directory = is64 ? end64(refuse, entry, reader, position - 20) : end32(reader, position)
  const { start, length, before } = directory
  if (start + length > before) {
    refuse('malformed', `the directory of ${entry}`, 'before its end', `${length} bytes at ${start}`)
  }
  return directory
}

const end32 = (reader: Reader, position: number): Directory & { readonly before: number } => {
  reader.seek(position + 10)
  const count = reader.u16()
  const length = reader.u32()
  const start = reader.u32()
  return { count, start, length, before: position }
}

const end64 = (
  refuse: Refuse,
  entry: string,
  reader: Reader,
  locator: number
): Directory & { readonly before: number } => {
  reader.seek(locator + 8)
  const position = reader.u64()
  if (position > locator - 56) refuse('malformed', entry, 'an archive with an end', `one at ${position}`)
  reader.seek(position)
  if (reader.u32() !== END_64) refuse('malformed', entry, 'an archive with an end', 'something else in its place')
  reader.seek(position + 32)
  const count = reader.u64()
  const length = reader.u64()
  const start = reader.u64()
  return { count, start, length, before: position }
}

const listedIn = (refuse: Refuse, entry: string, directory: Reader): Listed => {
  if (directory.u32() !== CENTRAL) refuse('malformed', `the directory of ${entry}`, 'a list of files', 'something else')
  directory.bytes(4)
  const flags = directory.u16()
  const method = directory.u16()
  directory.bytes(4)
  const crc = directory.u32()
  const packed = directory.u32()
  const size = directory.u32()
  const nameLength = directory.u16()
  const extraLength = directory.u16()
  const commentLength = directory.u16()
  directory.bytes(8)
  const offset = directory.u32()
  const name = utf8(refuse, `a name in ${entry}`, directory.bytes(nameLength))
  const long = longSizes(refuse, `${name} in ${entry}`, directory.bytes(extraLength), { size, packed, offset })
  directory.bytes(commentLength)
  return { name, flags, method, crc, ...long }
}

/** Sizes beyond 32 bits, which stand in the field 1 of what an entry has besides, in this order and only where needed. */
const longSizes = (
  refuse: Refuse,
  entry: string,
  extra: Uint8Array,
  { size, packed, offset }: { readonly size: number; readonly packed: number; readonly offset: number }
): { readonly size: number; readonly packed: number; readonly offset: number } => {
  const isLong = (value: number): boolean => value === 0xffffffff
  if (![size, packed, offset].some(isLong)) return { size, packed, offset }
  const fields = new Reader(refuse, `the sizes of ${entry}`, extra)
  while (fields.u16() !== 1) fields.bytes(fields.u16())
  fields.u16()
  return {
    size: isLong(size) ? fields.u64() : size,
    packed: isLong(packed) ? fields.u64() : packed,
    offset: isLong(offset) ? fields.u64() : offset
  }
}

const dataOf = (refuse: Refuse, entry: string, before: Uint8Array, item: Listed): Uint8Array => {
  const { name, flags, method, packed, size, offset } = item
  const where = `${name} in ${entry}`
  if (flags & 1) refuse('unsupported', where, 'a file that is not encrypted', 'one that is')
  if (method !== 0 && method !== 8) refuse('unsupported', where, 'stored or deflated', `packed by method ${method}`)
  if (method === 0 && packed !== size) refuse('malformed', where, `${size} bytes long`, `${packed}`)
  if (size > packed * MOST_PER_BYTE) refuse('tooLarge', where, `unpacked out of ${packed} bytes`, `${size} bytes`)
  const reader = new Reader(refuse, where, before)
  reader.seek(offset)
  if (reader.u32() !== LOCAL) refuse('malformed', where, 'a file of the archive', 'something else in its place')
  reader.bytes(22)
  const nameLength = reader.u16()
  const extraLength = reader.u16()
  const own = utf8(refuse, `the name of ${where}`, reader.bytes(nameLength))
  if (own !== name) refuse('malformed', where, 'under the same name in its place', JSON.stringify(own))
  reader.bytes(extraLength)
  return reader.bytes(packed)
}

const unpack = (refuse: Refuse, where: string, { method, size, crc }: Listed, data: Uint8Array): Uint8Array => {
  const bytes = method === 0 ? data : inflated(refuse, where, data, size)
  if (crc32(bytes) !== crc) refuse('corrupt', where, 'what its checksum says', 'other bytes')
  return bytes
}

const inflated = (refuse: Refuse, where: string, data: Uint8Array, size: number): Uint8Array => {
  let bytes: Uint8Array
  try {
    // One byte more than there may be, so that what goes on is seen.
    bytes = inflateSync(data, { out: new Uint8Array(size + 1) })
  } catch {
    return refuse('corrupt', where, 'deflated', 'what cannot be inflated')
  }
  return bytes.length === size ? bytes : refuse('corrupt', where, `${size} bytes when unpacked`, 'another number')
}

/** Without ZIP64 no place is beyond 32 bits; what is left of them is for the directory. */
const LARGEST = 0xffffffff - 2 ** 24
/** Nor are there more files than 16 bits can count; the last such number says that there are. */
const MOST_FILES = 0xfffe

/** Refuses what does not fit an archive: fflate would write one that nobody can read. */
export const checkFits = (owner: string, files: number, bytes: number): void => {
  if (files > MOST_FILES) throw new InvalidTree(`${owner}: tree must fit a file of ${MOST_FILES} entries, got ${files}`)
  if (bytes > LARGEST) throw new InvalidTree(`${owner}: tree must fit a file of 4 GiB, got ${bytes} bytes`)
}

/** How many bytes an archive of that length may take unpacked if nobody says: 256 MiB, or 64 times itself. */
export const unpackedLimit = (length: number): number => Math.max(2 ** 28, 64 * length)
