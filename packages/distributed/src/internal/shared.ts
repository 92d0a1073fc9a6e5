import { CommunicationError } from '../communicators/communicationError.js'
import {
  bytesIn,
  bytesOf,
  copyInto,
  type Elements,
  type ElementType,
  elementsOver,
  partOf,
  typeOf
} from './elements.js'
import type { Steps, Wait } from './line.js'
import type { Transport } from './transport.js'

// How ranks of one process share memory: cells through which they tell each other how far they are, and a place for bytes of each, which
// what is large goes through piece by piece. Everything is two steps: all write to their places, all read from those of others.

/** Bytes of a rank's place. */
export const PLACE = 1 << 20
/** Bytes for the sentence that says why a rank has failed. */
const SENTENCE = 2048
const Cell = { Failed: 0, Length: 1, Ranks: 2 } as const
/** Cells of a rank. */
const Own = { Steps: 0, Ended: 1, Taken: 2, Count: 3 } as const

/** How long one sleeps at most before one looks whether a rank has failed. */
const NAP = 100
/** For so long one stays awake, as others are often there in a moment. */
const AWAKE = 0.05

const headerOf = (size: number): number => 8 * Math.ceil((4 * (Cell.Ranks + Own.Count * size)) / 8) + SENTENCE

/** Memory for so many ranks. */
export const sharedMemory = (size: number): SharedArrayBuffer =>
  new SharedArrayBuffer(headerOf(size) + (size + 1) * PLACE)

const cellsOf = (memory: SharedArrayBuffer, size: number): Int32Array =>
  new Int32Array(memory, 0, Cell.Ranks + Own.Count * size)

const cellOf = (rank: number, own: number): number => Cell.Ranks + Own.Count * rank + own

/** Wakes all who wait. */
const wakeAll = (cells: Int32Array, size: number): void => {
  for (let r = 0; r < size; r++) Atomics.notify(cells, cellOf(r, Own.Steps))
}

/** Takes a seat; whether it was free. */
export const takeSeat = (memory: SharedArrayBuffer, rank: number, size: number): boolean =>
  Atomics.exchange(cellsOf(memory, size), cellOf(rank, Own.Taken), 1) === 0

/** Tells all ranks that one has failed; who waits for it fails in turn. */
export const failShared = (memory: SharedArrayBuffer, size: number, why: string): void => {
  const cells = cellsOf(memory, size)
  if (Atomics.compareExchange(cells, Cell.Failed, 0, 1) !== 0) return
  const text = new TextEncoder().encode(why.slice(0, SENTENCE / 4))
  new Uint8Array(memory, headerOf(size) - SENTENCE, SENTENCE).set(text)
  Atomics.store(cells, Cell.Length, text.length)
  Atomics.store(cells, Cell.Failed, 2)
  wakeAll(cells, size)
}

interface WaitingAsync {
  readonly async: boolean
  readonly value: PromiseLike<unknown> | string
}
type WaitAsync = (cells: Int32Array, index: number, value: number, timeout: number) => WaitingAsync

/** What carries bytes between ranks of one process. */
export const shared = (memory: SharedArrayBuffer, rank: number, size: number): Transport => {
  const cells = cellsOf(memory, size)
  const placeOf = (r: number): number => headerOf(size) + r * PLACE
  const viewOf = (type: ElementType, r: number, length: number): Elements =>
    elementsOver(type, memory, placeOf(r), length)
  const bytesAt = (r: number, length: number): Uint8Array<ArrayBufferLike> => new Uint8Array(memory, placeOf(r), length)

  let steps = 0
  const stepsOf = (r: number): number => Atomics.load(cells, cellOf(r, Own.Steps))
  // Counters may go round.
  const isBehind = (r: number): boolean => ((stepsOf(r) - steps) | 0) < 0
  const behind = (): number => {
    for (let r = 0; r < size; r++) if (isBehind(r)) return r
    return -1
  }

  const all: Wait = {
    ready: () => {
      const late = behind()
      if (late < 0) return true
      if (Atomics.load(cells, Cell.Failed) === 2) {
        const text = new Uint8Array(memory, headerOf(size) - SENTENCE, Atomics.load(cells, Cell.Length))
        throw new CommunicationError('lost', new TextDecoder().decode(text.slice()))
      }
      if (Atomics.load(cells, cellOf(late, Own.Ended)) === 1) {
        throw new CommunicationError('lost', `rank ${late} has closed its communicator, and rank ${rank} waits for it`)
      }
      return false
    },
    rest: (waited) => {
      const late = behind()
      if (late < 0 || waited < AWAKE) return
      const seen = stepsOf(late)
      if (((seen - steps) | 0) < 0) Atomics.wait(cells, cellOf(late, Own.Steps), seen, NAP)
    },
    later: async () => {
      const late = behind()
      if (late < 0) return
      const { waitAsync } = Atomics as unknown as { readonly waitAsync?: WaitAsync }
      const waiting = waitAsync?.(cells, cellOf(late, Own.Steps), stepsOf(late), NAP)
      if (waiting === undefined || !waiting.async || !isBehind(late)) {
        return new Promise((resolve) => setTimeout(resolve, 0))
      }
      // What is awaited of shared memory keeps no program alive.
      const awake = setTimeout(() => {}, NAP)
      await waiting.value
      clearTimeout(awake)
    },
    missing: () => `rank ${Math.max(behind(), 0)}`
  }

  /** Says that this rank is through with a step, and waits for the others. */
  function* step(): Steps<void> {
    steps = (steps + 1) | 0
    Atomics.store(cells, cellOf(rank, Own.Steps), steps)
    Atomics.notify(cells, cellOf(rank, Own.Steps))
    yield all
  }

  function* gatherParts(
    mine: Uint8Array<ArrayBufferLike>,
    lengths: readonly number[]
  ): Steps<readonly Uint8Array<ArrayBufferLike>[]> {
    const parts = lengths.map((length) => new Uint8Array(length))
    const longest = Math.max(...lengths)
    for (let from = 0; from < longest; from += PLACE) {
      bytesAt(rank, PLACE).set(mine.subarray(from, from + PLACE))
      yield* step()
      parts.forEach((part, r) => {
        const length = Math.min(PLACE, part.length - from)
        if (length > 0) part.set(bytesAt(r, length), from)
      })
      yield* step()
    }
    return parts
  }

  /** Adds up the elements of all ranks in their places, from one to another, in the order of ranks. */
  const combine = (op: 'sum' | 'max', type: ElementType, from: number, to: number, out: Elements): void => {
    copyInto(out, partOf(viewOf(type, 0, to), from, to))
    for (let r = 1; r < size; r++) {
      const other = partOf(viewOf(type, r, to), from, to)
      if (op === 'sum') for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) + (other[i] as number)
      else
        for (let i = 0; i < out.length; i++) if ((other[i] as number) > (out[i] as number)) out[i] = other[i] as number
    }
  }

  return {
    rank,
    size,
    name: 'local',
    gather: function* (mine) {
      const parts = yield* gatherParts(mine, new Array(size).fill(mine.length))
      const whole = new Uint8Array(mine.length * size)
      parts.forEach((part, r) => {
        whole.set(part, r * mine.length)
      })
      return whole
    },
    gatherParts,
    reduce: function* (op, mine, into) {
      const type = typeOf(mine)
      const most = PLACE / bytesOf(type)
      for (let from = 0; from < mine.length; from += most) {
        const length = Math.min(most, mine.length - from)
        copyInto(viewOf(type, rank, length), partOf(mine, from, from + length))
        yield* step()
        // Each rank adds up a share, which all take over.
        const [low, high] = [Math.floor((length * rank) / size), Math.floor((length * (rank + 1)) / size)]
        combine(op, type, low, high, partOf(viewOf(type, size, length), low, high))
        yield* step()
        copyInto(into, viewOf(type, size, length), from)
      }
    },
    reduceParts: function* (op, mine, lengths, into) {
      const type = typeOf(mine)
      const most = PLACE / bytesOf(type)
      const first = lengths.slice(0, rank).reduce((sum, length) => sum + length, 0)
      for (let from = 0; from < mine.length; from += most) {
        const length = Math.min(most, mine.length - from)
        copyInto(viewOf(type, rank, length), partOf(mine, from, from + length))
        yield* step()
        const low = Math.max(first - from, 0)
        const high = Math.min(first + into.length - from, length)
        if (low < high) combine(op, type, low, high, partOf(into, from + low - first, from + high - first))
        yield* step()
      }
    },
    broadcast: function* (bytes, root) {
      for (let from = 0; from < bytes.length; from += PLACE) {
        const length = Math.min(PLACE, bytes.length - from)
        if (rank === root) bytesAt(rank, length).set(bytes.subarray(from, from + length))
        yield* step()
        if (rank !== root) bytes.set(bytesAt(root, length), from)
        yield* step()
      }
    },
    exchange: function* (mine, _to, into, from) {
      for (let at = 0; at < mine.length; at += PLACE) {
        const length = Math.min(PLACE, mine.length - at)
        bytesAt(rank, length).set(mine.subarray(at, at + length))
        yield* step()
        into.set(bytesIn(bytesAt(from, length)), at)
        yield* step()
      }
    },
    end: (error) => {
      if (error === undefined) Atomics.store(cells, cellOf(rank, Own.Ended), 1)
      else failShared(memory, size, `rank ${rank} has failed: ${error.message}`)
      Atomics.notify(cells, cellOf(rank, Own.Steps))
    }
  }
}
