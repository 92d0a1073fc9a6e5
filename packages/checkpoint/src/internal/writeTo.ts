// Writing a file piece by piece, wherever it is: a tree is never copied as a whole, nor the thread held for long.
import { InvalidTree } from '@gradchain/core'
import { Checksum, joined } from '@gradchain/core/bytes'
import { digits } from './checksum.js'
import type { Plan } from './plan.js'
import { titleOf, type Written } from './safetensorsHeader.js'
import { sealed } from './seal.js'
import { byteLengthOf } from './tensors.js'

/** Writes bytes to a place of a file, all of them. */
export type Sink = (bytes: Uint8Array, position: number) => Promise<void>

/** How many bytes are looked at and written at once: a millisecond of this thread. */
const PIECE = 1 << 20
/** Arrays up to this many bytes are gathered before they are written. */
const SMALL = 1 << 16
/** And so many of them at the most: each takes its time, however short it is. */
const MOST_GATHERED = 128
/** How many pieces may be on their way. */
const IN_FLIGHT = 4

/** Writes the file of a tree: the data first, as their checksums are in the header, whose length is known before. */
export const writeTo = async (sink: Sink, plan: Plan): Promise<void> => {
  const unknown = plan.tensors.map(() => digits(0))
  const writer = new Writer(sink, sealed(plan, unknown).length)
  const sums = new Map<string, string>()
  for (const tensor of plan.inFile) {
    const { name, bytes } = tensor
    const length = byteLengthOf(tensor.dtype, tensor.shape) as number
    const checksum = new Checksum()
    for (let at = 0; at < length; at += PIECE) {
      checkThere(plan.owner, tensor, length)
      const piece = bytes.subarray(at, at + PIECE)
      checksum.add(piece)
      await writer.write(piece)
    }
    sums.set(name, digits(checksum.value))
  }
  await writer.end()
  const inOrder = plan.tensors.map(({ name }) => sums.get(name) as string)
  await sink(sealed(plan, inOrder), 0)
}

/** An array whose memory is handed on or shrinks while others are written has no elements any more: its file would be a ruin. */
const checkThere = (owner: string, { name, bytes }: Written, length: number): void => {
  if (bytes.length === length) return
  throw new InvalidTree(
    `${owner}: ${titleOf(name)} must stay in its memory until it is saved, got ${bytes.length} of ${length} bytes`
  )
}

/** Writes piece after piece, several at a time, small ones together. */
class Writer {
  readonly #sink: Sink
  #position: number
  #gathered: Uint8Array[] = []
  #length = 0
  readonly #onTheirWay: Promise<void>[] = []

  constructor(sink: Sink, position: number) {
    this.#sink = sink
    this.#position = position
  }

  async write(piece: Uint8Array): Promise<void> {
    if (piece.length > SMALL) {
      await this.#flush()
      await this.#send(piece)
      return
    }
    if (this.#length + piece.length > PIECE || this.#gathered.length === MOST_GATHERED) await this.#flush()
    this.#gathered.push(piece)
    this.#length += piece.length
  }

  /** Waits until all is written. */
  async end(): Promise<void> {
    await this.#flush()
    await Promise.all(this.#onTheirWay.splice(0))
  }

  async #flush(): Promise<void> {
    if (this.#length === 0) return
    const together = joined(this.#gathered)
    this.#gathered = []
    this.#length = 0
    await this.#send(together)
  }

  async #send(bytes: Uint8Array): Promise<void> {
    const write = this.#sink(bytes, this.#position)
    // What fails is heard when it is waited for.
    write.catch(() => {})
    this.#position += bytes.length
    this.#onTheirWay.push(write)
    if (this.#onTheirWay.length === IN_FLIGHT) await this.#onTheirWay.shift()
  }
}
