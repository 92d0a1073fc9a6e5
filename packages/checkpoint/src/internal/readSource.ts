// Reading a file piece by piece, wherever it is: each tensor goes to where it stays.
import { Checksum } from '@gradchain/core/bytes'
import type { Refuse } from './attempt.js'
import { digits } from './checksum.js'
import type { Entry } from './safetensorsHeader.js'
import { headerLength, PREFIX, readHeader } from './safetensorsHeader.js'
import { tensorOver } from './tensors.js'
import { type Opened, openTree, type Read, treeIn, type Wanted } from './treeIn.js'

/** Bytes that can be asked for. */
export interface Source {
  /** How many there are. */
  readonly size: number
  /** Fills `target` with the bytes from a place on, and hands on what it has, piece after piece of a multiple of 128 bytes but the last. */
  readonly into: (target: Uint8Array, position: number, onPiece: (piece: Uint8Array) => void) => Promise<void>
}

/** Tensors up to this many bytes are read together. */
const SMALL = 1 << 16
/** How many bytes are read at once where tensors are small. */
const TOGETHER = 1 << 20

const ignore = (): void => {}

const bytesAt = async (source: Source, position: number, length: number): Promise<Uint8Array> => {
  const bytes = new Uint8Array(length)
  await source.into(bytes, position, ignore)
  return bytes
}

/** The header of a file, and where its data begin. */
const opened = async (refuse: Refuse, source: Source): Promise<readonly [Opened, number]> => {
  const start = await bytesAt(source, 0, Math.min(PREFIX, source.size))
  const length = headerLength(refuse, start, source.size)
  const head = await bytesAt(source, PREFIX, length)
  const dataStart = PREFIX + length
  return [openTree(refuse, head, readHeader(refuse, head, source.size - dataStart)), dataStart]
}

/** Tensors in the order of the file, small ones that follow each other in groups. */
const groupsOf = (entries: readonly Entry[]): readonly (readonly Entry[])[] => {
  const groups: Entry[][] = []
  for (const entry of entries) {
    const group = groups.at(-1)
    const first = group?.[0]
    const fits =
      first !== undefined && first.end - first.begin <= SMALL && entry.end - entry.begin <= SMALL
        ? group?.at(-1)?.end === entry.begin && entry.end - first.begin <= TOGETHER
        : false
    if (fits) group?.push(entry)
    else groups.push([entry])
  }
  return groups
}

const readGroup = async (source: Source, group: readonly Entry[], dataStart: number): Promise<readonly Read[]> => {
  const [first] = group as [Entry]
  if (group.length === 1) {
    const buffer = new ArrayBuffer(first.end - first.begin)
    const checksum = new Checksum()
    await source.into(new Uint8Array(buffer), dataStart + first.begin, (piece) => checksum.add(piece))
    return [{ tensor: tensorOver(first.dtype, first.shape, buffer), sum: digits(checksum.value) }]
  }
  const all = await bytesAt(source, dataStart + first.begin, (group.at(-1) as Entry).end - first.begin)
  return group.map(({ dtype, shape, begin, end }) => {
    const bytes = all.slice(begin - first.begin, end - first.begin)
    return { tensor: tensorOver(dtype, shape, bytes.buffer), sum: digits(new Checksum().add(bytes).value) }
  })
}

/** The tree of a file; of one of ours, that of the places whose paths are wanted alone. */
export const readSource = async (
  refuse: Refuse,
  source: Source,
  like: Wanted,
  isWanted?: (path: string) => boolean
): Promise<unknown> => {
  const [file, dataStart] = await opened(refuse, source)
  const wanted =
    isWanted === undefined
      ? file.header.entries
      : (file.own?.places ?? []).filter(({ path }) => isWanted(path)).map(({ entry }) => entry)
  const read = new Map<string, Read>()
  for (const group of groupsOf(wanted)) {
    const found = await readGroup(source, group, dataStart)
    for (const [i, { name }] of group.entries()) read.set(name, found[i] as Read)
  }
  return treeIn(refuse, file, read, like)
}
