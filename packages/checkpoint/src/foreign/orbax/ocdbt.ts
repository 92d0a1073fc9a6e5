import { crc32c, joined } from '@gradchain/core/bytes'
import type { Refuse } from '../../internal/attempt.js'
import { Reader, utf8 } from '../../internal/reader.js'
import { type Budget, unzstd } from '../../internal/zstd.js'

/** The files of a folder by their paths in it, with `/` between folders. */
export type Files = ReadonlyMap<string, Uint8Array>

/** Where something is: a file, and a piece of it. */
interface Place {
  readonly file: DataFile
  readonly offset: number
  readonly length: number
}

/** A file that a node names; the paths that are in it begin with `base`. */
interface DataFile {
  readonly path: string
  readonly base: string
}

const MANIFEST = 0x0cdb3a2a
const NODE = 0x0cdb20de
const MAX_PATH = 65_535

/**
 * The newest version of the keys and values in an OCDBT database, the store in which TensorStore keeps a checkpoint of Orbax.
 *
 * Every node has a checksum, which is compared. A node that is met twice is refused, so that a few of them cannot stand for
 * billions of keys.
 *
 * @see {@link https://google.github.io/tensorstore/kvstore/ocdbt/index.html#storage-format}
 */
export const readOcdbt = (refuse: Refuse, files: Files, budget: Budget): ReadonlyMap<string, Uint8Array> => {
  const found = new Map<string, Uint8Array>()
  const met = new Set<string>()

  const pieceOf = (entry: string, { file, offset, length }: Place): Uint8Array => {
    const data = files.get(file.path) ?? refuse('truncated', file.path, 'among the files', 'none of that name')
    const reader = new Reader(refuse, `${entry} in ${file.path}`, data)
    reader.seek(offset)
    return reader.bytes(length)
  }

  const visit = (place: Place, prefix: Uint8Array, height: number): void => {
    const entry = `the node at ${place.offset}`
    const name = `${place.file.path}:${place.offset}`
    if (met.has(name)) refuse('malformed', `${entry} in ${place.file.path}`, 'met once', 'one that is met again')
    met.add(name)
    const where = `${entry} in ${place.file.path}`
    const node = bodyOf(refuse, where, pieceOf(entry, place), NODE, budget)
    const own = node.u8()
    if (own !== height) refuse('malformed', where, `of height ${height}`, `${own}`)
    const table = filesIn(refuse, where, node, place.file.base)
    const count = varint(refuse, where, node)
    if (height === 0) leaf(where, node, table, prefix, count)
    else inner(where, node, table, { prefix, count, height })
  }

  const leaf = (where: string, node: Reader, table: readonly DataFile[], prefix: Uint8Array, count: number): void => {
    const keys = keysIn(refuse, where, node, count, false)
    const lengths = column(refuse, where, node, count)
    const kinds = column(refuse, where, node, count)
    const odd = kinds.find((kind) => kind > 1)
    if (odd !== undefined) refuse('unsupported', where, 'of values beside their keys or in files', `kind ${odd}`)
    const outside = kinds.filter((kind) => kind === 1).length
    const ids = column(refuse, where, node, outside)
    const offsets = column(refuse, where, node, outside)
    let next = 0
    for (const [i, { key }] of keys.entries()) {
      const length = lengths[i] as number
      const name = utf8(refuse, `a key of ${where}`, joined([prefix, key]))
      if (found.has(name)) refuse('malformed', where, 'without a key twice', JSON.stringify(name))
      if (kinds[i] === 0) {
        found.set(name, node.bytes(length))
      } else {
        const file = fileAt(refuse, where, table, ids[next] as number)
        found.set(name, pieceOf(JSON.stringify(name), { file, offset: offsets[next] as number, length }))
        next++
      }
    }
    if (node.remaining > 0) refuse('malformed', where, 'as long as what it holds', `${node.remaining} more bytes`)
  }

  const inner = (
    where: string,
    node: Reader,
    table: readonly DataFile[],
    { prefix, count, height }: { readonly prefix: Uint8Array; readonly count: number; readonly height: number }
  ): void => {
    const keys = keysIn(refuse, where, node, count, true)
    const [ids, offsets, lengths] = [0, 1, 2].map(() => column(refuse, where, node, count)) as [
      number[],
      number[],
      number[]
    ]
    for (const [i, { key, common }] of keys.entries()) {
      const file = fileAt(refuse, where, table, ids[i] as number)
      const place = { file, offset: offsets[i] as number, length: lengths[i] as number }
      visit(place, joined([prefix, key.subarray(0, common)]), height - 1)
    }
  }

  const root = rootOf(refuse, files, budget)
  if (root !== undefined) visit(root.place, new Uint8Array(), root.height)
  return found
}

/** Where the root of the newest version is; a database without any version is empty. */
const rootOf = (
  refuse: Refuse,
  files: Files,
  budget: Budget
): { readonly place: Place; readonly height: number } | undefined => {
  const where = 'manifest.ocdbt'
  const bytes = files.get(where) ?? refuse('truncated', where, 'among the files', 'none of that name')
  const manifest = bodyOf(refuse, where, bytes, MANIFEST, budget)
  manifest.bytes(16)
  const kind = varint(refuse, where, manifest)
  if (kind !== 0) refuse('unsupported', where, 'a single manifest', `one of kind ${kind}`)
  varint(refuse, where, manifest)
  varint(refuse, where, manifest)
  manifest.u8()
  if (varint(refuse, where, manifest) === 1) manifest.bytes(4)
  const table = filesIn(refuse, where, manifest, '')
  const count = varint(refuse, where, manifest)
  if (count === 0) return undefined
  column(refuse, where, manifest, count)
  const heights = [...manifest.bytes(count)]
  const [ids, offsets, lengths] = [0, 1, 2].map(() => column(refuse, where, manifest, count)) as [
    number[],
    number[],
    number[]
  ]
  const length = lengths[count - 1] as number
  if (length === 0) return undefined
  const file = fileAt(refuse, where, table, ids[count - 1] as number)
  return { place: { file, offset: offsets[count - 1] as number, length }, height: heights[count - 1] as number }
}

/** What is between the header of a manifest or a node and its checksum, unpacked. */
const bodyOf = (refuse: Refuse, where: string, bytes: Uint8Array, magic: number, budget: Budget): Reader => {
  const reader = new Reader(refuse, where, bytes)
  if (reader.u32(false) !== magic) refuse('malformed', where, 'a part of an OCDBT database', 'something else')
  const length = reader.u64()
  if (length !== bytes.length) refuse('truncated', where, `${length} bytes long`, `${bytes.length}`)
  const version = varint(refuse, where, reader)
  if (version !== 0) refuse('unsupported', where, 'of version 0', `${version}`)
  const compression = varint(refuse, where, reader)
  if (compression > 1) refuse('unsupported', where, 'packed by zstd or not at all', `method ${compression}`)
  const body = reader.bytes(Math.max(0, reader.remaining - 4))
  if (reader.u32() !== crc32c(bytes.subarray(0, bytes.length - 4))) {
    refuse('corrupt', where, 'what its checksum says', 'other bytes')
  }
  return new Reader(refuse, where, compression === 0 ? body : unzstd(refuse, where, body, budget))
}

/** A whole number in bytes of seven bits, the lowest first. */
const varint = (refuse: Refuse, where: string, reader: Reader): number => {
  let value = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = reader.u8()
    value += (byte & 127) * scale
    if (value > Number.MAX_SAFE_INTEGER) refuse('tooLarge', where, 'of sizes below 2⁵³', `${value}`)
    if (byte < 128) return value
  }
}

const column = (refuse: Refuse, where: string, reader: Reader, count: number): number[] => {
  if (count > reader.remaining) refuse('truncated', where, `long enough for ${count} entries`, `${reader.length} bytes`)
  return Array.from({ length: count }, () => varint(refuse, where, reader))
}

const fileAt = (refuse: Refuse, where: string, table: readonly DataFile[], id: number): DataFile =>
  table[id] ?? refuse('malformed', where, `one of its ${table.length} files`, `number ${id}`)

/** Texts of which each begins as the one before it does: how many bytes they share, then the rest of all of them. */
const shared = (
  refuse: Refuse,
  where: string,
  { prefixes, suffixes }: { readonly prefixes: readonly number[]; readonly suffixes: readonly number[] },
  reader: Reader
): readonly Uint8Array[] => {
  let before = new Uint8Array()
  return suffixes.map((suffix, i) => {
    const prefix = i === 0 ? 0 : (prefixes[i - 1] as number)
    if (prefix > before.length || prefix + suffix > MAX_PATH) {
      refuse('malformed', where, 'of names that fit the ones before them', `${prefix} bytes of ${before.length}`)
    }
    before = joined([before.subarray(0, prefix), reader.bytes(suffix)])
    return before
  })
}

const filesIn = (refuse: Refuse, where: string, reader: Reader, outer: string): readonly DataFile[] => {
  const count = varint(refuse, where, reader)
  const prefixes = column(refuse, where, reader, Math.max(0, count - 1))
  const suffixes = column(refuse, where, reader, count)
  const bases = column(refuse, where, reader, count)
  return shared(refuse, where, { prefixes, suffixes }, reader).map((bytes, i) => {
    const base = utf8(refuse, where, bytes.subarray(0, bases[i]))
    return { path: outer + utf8(refuse, where, bytes), base: outer + base }
  })
}

/** The keys of a node, and of an inner one how much of each all keys below it share. */
const keysIn = (
  refuse: Refuse,
  where: string,
  reader: Reader,
  count: number,
  isInner: boolean
): readonly { readonly key: Uint8Array; readonly common: number }[] => {
  const prefixes = column(refuse, where, reader, Math.max(0, count - 1))
  const suffixes = column(refuse, where, reader, count)
  const common = isInner ? column(refuse, where, reader, count) : []
  return shared(refuse, where, { prefixes, suffixes }, reader).map((key, i) => ({ key, common: common[i] ?? 0 }))
}
