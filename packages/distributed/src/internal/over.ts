import { check, InvalidOption, InvalidTree, oneOf, type Requirement, required, withDefaults } from '@gradchain/core'
import { CommunicationError } from '../communicators/communicationError.js'
import type { Communicator, ExchangePartners, ReduceOp, ReduceOptions } from '../communicators/communicator.js'
import { lineOf, type Steps } from './line.js'
import { checkMean, reduced, reducedParts, Scratch } from './reduction.js'
import { assemble, differenceOf, type Flat, flatten, packed, packedSize, type Template, unpacked } from './template.js'
import type { Transport } from './transport.js'

const CALLS = ['allReduce', 'reduceScatter', 'allGather', 'broadcast', 'exchange', 'barrier'] as const
const OPS: readonly ReduceOp[] = ['sum', 'mean', 'max', 'min']

/** How many forms of trees are remembered at the most. */
const MOST_KNOWN = 1024

/** What a rank calls, as it tells the others. */
interface Call {
  readonly name: (typeof CALLS)[number]
  /** Of a reduction its `op`, of a broadcast its root. */
  readonly with: string | number | null
  readonly template: Template
  readonly hash: readonly [number, number]
  readonly bytes: number
  readonly to: number
  readonly from: number
}

/** The words of a call that are compared before anything is sent. */
const Word = { Name: 0, With: 1, HashA: 2, HashB: 3, To: 4, From: 5, BytesLow: 6, BytesHigh: 7, Count: 8 } as const

/** A communicator that carries its bytes by this transport; no wait takes longer than so many milliseconds. */
export const communicatorOver = (transport: Transport, timeout: number): Communicator => {
  const { rank, size, name } = transport
  let isClosed = false
  // Of operations one is at work at a time.
  const scratch = new Scratch()
  const line = lineOf(timeout, (error) => transport.end(error))
  /** The forms of other ranks' trees, by the words that stand for them. The same on all ranks, and forgotten by all at once. */
  const known = new Map<string, Template>()

  const isRank: Requirement = {
    what: `a rank, from 0 to ${size - 1}`,
    holds: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < size
  }
  const open = (owner: string): void => {
    if (isClosed) throw new CommunicationError('closed', `${owner}: the communicator was closed`)
  }
  /** The options of a reduction whose result has the form of `like`. */
  const optionsOf = (owner: string, options: ReduceOptions, like: Flat): { op: ReduceOp; into: Flat | undefined } => {
    const defaults: { readonly op: ReduceOp; readonly into: unknown } = { op: 'sum', into: undefined }
    const { op, into } = withDefaults(owner, options, defaults)
    check(owner, { op }, oneOf(...OPS))
    if (into === undefined) return { op, into }
    const flat = flatten(owner, into)
    // In words only where they differ: a tree may have many leaves.
    const isAlike = flat.hash.every((word, i) => word === like.hash[i])
    const difference = isAlike ? undefined : differenceOf(like.template, flat.template)
    if (difference !== undefined) {
      const { path, first, second } = difference
      throw new InvalidTree(`${owner}: into must have the form of the result, got ${second} at ${path}, not ${first}`)
    }
    const given = new Set(like.leaves.map(({ elements }) => elements.buffer))
    if (flat.leaves.some(({ elements }) => given.has(elements.buffer))) {
      throw new InvalidTree(`${owner}: into must have memory of its own, got some of what is to be reduced`)
    }
    return { op, into: flat }
  }

  /** Makes sure that all ranks call the same; gives the words of all of them. */
  function* agreed(call: Call): Steps<Int32Array> {
    const mine = new Int32Array(Word.Count)
    mine[Word.Name] = CALLS.indexOf(call.name)
    mine[Word.With] = typeof call.with === 'string' ? OPS.indexOf(call.with as ReduceOp) : (call.with ?? 0)
    mine[Word.HashA] = call.hash[0]
    mine[Word.HashB] = call.hash[1]
    mine[Word.To] = call.to
    mine[Word.From] = call.from
    mine[Word.BytesLow] = call.bytes % 2 ** 31
    mine[Word.BytesHigh] = Math.floor(call.bytes / 2 ** 31)
    const { buffer, byteOffset } = yield* transport.gather(new Uint8Array(mine.buffer))
    const all = new Int32Array(buffer, byteOffset, size * Word.Count)
    const compared = call.name === 'allGather' ? Word.HashA : Word.To
    for (let r = 1; r < size; r++) {
      for (let i = 0; i < compared; i++) {
        if (all[r * Word.Count + i] !== all[i]) throw yield* disagreement(call)
      }
    }
    return all
  }

  /** What every rank says, in full. */
  function* told<T>(mine: T): Steps<readonly T[]> {
    const text = new TextEncoder().encode(JSON.stringify(mine))
    const lengths = yield* transport.gather(new Uint8Array(Float64Array.of(text.length).buffer))
    const counts = Array.from(new Float64Array(lengths.buffer, lengths.byteOffset, size))
    const parts = yield* transport.gatherParts(text, counts)
    return parts.map((part) => JSON.parse(new TextDecoder().decode(part)) as T)
  }

  /** Says who differs from the first rank, and where: the same sentence on all ranks. */
  function* disagreement({ name: called, with: way, template }: Call): Steps<CommunicationError> {
    const calls = yield* told({ called, way, template })
    const [first, ...others] = calls as [(typeof calls)[number], ...typeof calls]
    for (const [i, other] of others.entries()) {
      const who = `rank ${i + 1}`
      const [a, b] = [wordsOf(first), wordsOf(other)]
      if (a !== b) {
        return new CommunicationError(
          'disagreement',
          `${first.called}: all ranks must call the same, got ${a} on rank 0 and ${b} on ${who}`
        )
      }
      const difference = differenceOf(first.template, other.template)
      if (difference !== undefined) {
        const { path, first: ours, second: theirs } = difference
        return new CommunicationError(
          'disagreement',
          `${called}: ${path} must be the same on all ranks, got ${ours} on rank 0 and ${theirs} on ${who}`
        )
      }
    }
    return new CommunicationError('disagreement', `${called}: the ranks' trees differ`)
  }

  function* allReduced(op: ReduceOp, flat: Flat, into: Flat | undefined): Steps<unknown> {
    yield* agreed(callOf('allReduce', op, flat))
    return assemble(flat.template, yield* reduced(transport, op, flat.leaves, scratch, into?.leaves))
  }

  function* scattered(op: ReduceOp, whole: Flat, parts: readonly Flat[], into: Flat | undefined): Steps<unknown> {
    yield* agreed(callOf('reduceScatter', op, whole))
    const own = parts[rank] as Flat
    const sums = yield* reducedParts(
      transport,
      op,
      parts.map(({ leaves }) => leaves),
      into?.leaves
    )
    return assemble(own.template, sums)
  }

  function* gathered(flat: Flat): Steps<readonly unknown[]> {
    const all = yield* agreed({ ...callOf('allGather', null, flat), bytes: packedSize(flat.leaves) })
    const wordsAt = (r: number): Int32Array => all.subarray(r * Word.Count, (r + 1) * Word.Count)
    const keys = Array.from({ length: size }, (_, r) => {
      const words = wordsAt(r)
      return `${words[Word.HashA]} ${words[Word.HashB]}`
    })
    if (keys.some((key) => key !== keys[0]) && keys.some((key) => !known.has(key))) {
      const templates = yield* told(flat.template)
      // Lists may have another length in every step.
      if (known.size + size > MOST_KNOWN) known.clear()
      keys.forEach((key, r) => {
        known.set(key, templates[r] as Template)
      })
    }
    const lengths = Array.from({ length: size }, (_, r) => {
      const words = wordsAt(r)
      return (words[Word.BytesHigh] as number) * 2 ** 31 + (words[Word.BytesLow] as number)
    })
    const parts = yield* transport.gatherParts(packed(flat.leaves), lengths)
    const [ownKey] = [keys[rank]]
    return parts.map((part, r) =>
      unpacked(keys[r] === ownKey ? flat.template : (known.get(keys[r] as string) as Template), part)
    )
  }

  function* broadcasted(flat: Flat, root: number): Steps<unknown> {
    yield* agreed(callOf('broadcast', root, flat))
    const bytes = packed(flat.leaves)
    yield* transport.broadcast(bytes, root)
    return unpacked(flat.template, bytes)
  }

  function* exchanged(flat: Flat, to: number, from: number): Steps<unknown> {
    const all = yield* agreed({ ...callOf('exchange', null, flat), to, from })
    for (let r = 0; r < size; r++) {
      const giver = all[r * Word.Count + Word.From] as number
      const its = all[giver * Word.Count + Word.To]
      if (its !== r) {
        throw new CommunicationError(
          'disagreement',
          `exchange: rank ${r} awaits rank ${giver}, which gives its tree to rank ${its}`
        )
      }
    }
    const bytes = packed(flat.leaves)
    if (to === rank) return unpacked(flat.template, bytes)
    const into = new Uint8Array(bytes.length)
    yield* transport.exchange(bytes, to, into, from)
    return unpacked(flat.template, into)
  }

  function* met(): Steps<void> {
    yield* agreed(callOf('barrier', null, { template: null, leaves: [], hash: [0, 0] }))
  }

  return {
    rank,
    size,
    name,
    allReduce: <T>(tree: T, options: ReduceOptions<T> = {}) => {
      open('allReduce')
      const flat = flatten('allReduce', tree)
      const { op, into } = optionsOf('allReduce', options, flat)
      checkMean('allReduce', op, flat.leaves)
      return line.begin('allReduce', allReduced(op, flat, into) as Steps<T>)
    },
    reduceScatter: <T>(parts: readonly T[], options: ReduceOptions<T> = {}) => {
      open('reduceScatter')
      if (!Array.isArray(parts) || parts.length !== size) {
        throw new InvalidOption(
          `reduceScatter: parts must be a list of ${size} trees, one for each rank, got ${Array.isArray(parts) ? parts.length : typeof parts}`
        )
      }
      const whole = flatten('reduceScatter', parts)
      const flats = parts.map((part) => flatten('reduceScatter', part))
      const { op, into } = optionsOf('reduceScatter', options, flats[rank] as Flat)
      checkMean('reduceScatter', op, whole.leaves)
      return line.begin('reduceScatter', scattered(op, whole, flats, into) as Steps<T>)
    },
    allGather: <T>(tree: T) => {
      open('allGather')
      return line.begin('allGather', gathered(flatten('allGather', tree)) as Steps<readonly T[]>)
    },
    broadcast: <T>(tree: T, root = 0) => {
      open('broadcast')
      check('broadcast', { root }, isRank)
      return line.begin('broadcast', broadcasted(flatten('broadcast', tree), root) as Steps<T>)
    },
    exchange: <T>(tree: T, partners: ExchangePartners) => {
      open('exchange')
      const { to, from } = withDefaults<ExchangePartners>('exchange', partners, { to: required, from: required })
      check('exchange', { to, from }, isRank)
      return line.begin('exchange', exchanged(flatten('exchange', tree), to, from) as Steps<T>)
    },
    barrier: () => {
      open('barrier')
      return line.begin('barrier', met())
    },
    close: () => {
      if (isClosed) return
      isClosed = true
      transport.end(line.isIdle() ? undefined : new CommunicationError('closed', 'close: results are still under way'))
    }
  }
}

const callOf = (name: Call['name'], way: Call['with'], { template, hash }: Flat): Call => ({
  name,
  with: way,
  template,
  hash,
  bytes: 0,
  to: 0,
  from: 0
})

const wordsOf = ({ called, way }: { readonly called: string; readonly way: Call['with'] }): string =>
  called === 'broadcast' ? `broadcast from rank ${way}` : way === null ? called : `${called} (${way})`
