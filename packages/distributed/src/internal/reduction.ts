import { cast, force, InvalidTree, type NdArray } from '@gradchain/core'
import type { ReduceOp } from '../communicators/communicator.js'
import {
  allocate,
  bytesOf,
  copyInto,
  type Elements,
  type ElementType,
  type LeafType,
  partOf,
  storedAs
} from './elements.js'
import type { Steps } from './line.js'
import { ordered, orderedAs, unordered } from './ordered.js'
import type { FlatLeaf } from './template.js'
import type { Transport } from './transport.js'

/** From how many bytes on an array is sent from where it lies: below, its way into a common array costs less than a call of its own. */
const LARGE = 1 << 20

/** Memory in which small arrays lie side by side while they are on their way, for one reduction after the other. */
export class Scratch {
  readonly #arrays = new Map<string, Elements>()

  /** An array of so many elements, with anything in it, for one of two uses. */
  take(use: 'given' | 'made', type: LeafType, length: number): Elements {
    const key = `${use} ${type}`
    let array = this.#arrays.get(key)
    if (array === undefined || array.length < length) {
      array = allocate(type, length)
      this.#arrays.set(key, array)
    }
    return partOf(array, 0, length)
  }
}

/**
 * Reduces the leaves of all ranks. Those of one dtype lie side by side, so that there is one call for them, but for large ones. `into`
 * are arrays that take the results; then nothing that is large is fresh.
 */
export function* reduced(
  transport: Transport,
  op: ReduceOp,
  leaves: readonly FlatLeaf[],
  scratch: Scratch,
  into?: readonly FlatLeaf[]
): Steps<readonly Elements[]> {
  const results: Elements[] = new Array(leaves.length)
  for (const [type, places] of byType(leaves)) {
    const small = places.filter((i) => !isAlone(leaves, places, i))
    for (const i of places) {
      if (isAlone(leaves, places, i)) {
        results[i] = yield* reducedArray(transport, op, type, elementsAt(leaves, i), into && elementsAt(into, i))
      }
    }
    const length = lengthOf(leaves, small)
    const common = scratch.take('given', type, length)
    join(leaves, small, common)
    // What is fresh is the result itself.
    const taken = into && scratch.take('made', type, length)
    const sums = yield* reducedArray(transport, op, type, common, taken)
    let at = 0
    for (const i of small) {
      const end = at + elementsAt(leaves, i).length
      results[i] = placed(partOf(sums, at, end), into && elementsAt(into, i))
      at = end
    }
  }
  return results
}

/** The same of one list of leaves for each rank, of which this rank gets its own. */
export function* reducedParts(
  transport: Transport,
  op: ReduceOp,
  parts: readonly (readonly FlatLeaf[])[],
  into?: readonly FlatLeaf[]
): Steps<readonly Elements[]> {
  const own = parts[transport.rank] as readonly FlatLeaf[]
  const results: Elements[] = new Array(own.length)
  for (const type of byType(parts.flat()).keys()) {
    const placesOf = (leaves: readonly FlatLeaf[]): number[] => byType(leaves).get(type) ?? []
    const lengths = parts.map((leaves) => lengthOf(leaves, placesOf(leaves)))
    const all = parts.flat().filter((leaf) => leaf.type === type)
    const everything = allocate(type, lengthOf(all, [...all.keys()]))
    join(all, [...all.keys()], everything)
    const mine = sent(op, type, everything)
    const out = allocate(carriedAs(op, type), lengths[transport.rank] as number)
    yield* transport.reduceParts(op === 'max' || op === 'min' ? 'max' : 'sum', mine, lengths, out)
    const sums = received(op, type, out, transport.size)
    let at = 0
    for (const i of placesOf(own)) {
      const end = at + elementsAt(own, i).length
      results[i] = placed(partOf(sums, at, end), into && elementsAt(into, i))
      at = end
    }
  }
  return results
}

/** Refuses the mean of integers, which would be none. */
export const checkMean = (owner: string, op: ReduceOp, leaves: readonly FlatLeaf[]): void => {
  const whole = op === 'mean' ? leaves.find(({ type }) => /int/.test(type)) : undefined
  if (whole !== undefined) {
    throw new InvalidTree(`${owner}: the tree has an array of ${whole.type}, and integers have no mean; take their sum`)
  }
}

const elementsAt = (leaves: readonly FlatLeaf[], i: number): Elements => (leaves[i] as FlatLeaf).elements

/** The places of the leaves of each dtype; the dtypes in the same order on all ranks. */
const byType = (leaves: readonly FlatLeaf[]): ReadonlyMap<LeafType, number[]> => {
  const places = new Map<LeafType, number[]>()
  leaves.forEach(({ type }, i) => {
    const known = places.get(type)
    if (known === undefined) places.set(type, [i])
    else known.push(i)
  })
  return places
}

const isAlone = (leaves: readonly FlatLeaf[], places: readonly number[], i: number): boolean => {
  const { type, elements } = leaves[i] as FlatLeaf
  return places.length === 1 || elements.length * bytesOf(type) >= LARGE
}

/** How many elements some leaves have together. */
const lengthOf = (leaves: readonly FlatLeaf[], places: readonly number[]): number =>
  places.reduce((sum, i) => sum + elementsAt(leaves, i).length, 0)

/** Puts some leaves one behind the other. */
const join = (leaves: readonly FlatLeaf[], places: readonly number[], common: Elements): void => {
  let at = 0
  for (const i of places) {
    copyInto(common, elementsAt(leaves, i), at)
    at += elementsAt(leaves, i).length
  }
}

const placed = (result: Elements, into: Elements | undefined): Elements => {
  if (into === undefined) return result
  copyInto(into, result)
  return into
}

function* reducedArray(
  transport: Transport,
  op: ReduceOp,
  type: LeafType,
  elements: Elements,
  into?: Elements
): Steps<Elements> {
  if (elements.length === 0) return into ?? allocate(type, 0)
  const mine = sent(op, type, elements)
  const out = into !== undefined && mine === elements ? into : allocate(carriedAs(op, type), elements.length)
  yield* transport.reduce(op === 'max' || op === 'min' ? 'max' : 'sum', mine, out)
  const result = received(op, type, out, transport.size)
  return into === undefined || result === into ? result : placed(result, into)
}

const isHalf = (type: LeafType): type is 'bfloat16' | 'float16' => type === 'bfloat16' || type === 'float16'

/** In what elements of a dtype are reduced: those of 16 bits as float32. */
const reducedAs = (type: LeafType): ElementType => (isHalf(type) ? 'float32' : storedAs(type))

/** What ranks send each other of them. */
const carriedAs = (op: ReduceOp, type: LeafType): ElementType =>
  op === 'max' || op === 'min' ? orderedAs(reducedAs(type)) : reducedAs(type)

const sent = (op: ReduceOp, type: LeafType, elements: Elements): Elements => {
  const wide = isHalf(type) ? recast(elements, type, 'float32') : elements
  return op === 'max' || op === 'min' ? ordered(op, wide) : wide
}

const received = (op: ReduceOp, type: LeafType, carried: Elements, size: number): Elements => {
  const values = op === 'max' || op === 'min' ? unordered(op, reducedAs(type), carried) : carried
  // In place: the array is ours, or one that was given to be written.
  if (op === 'mean') for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) / size
  return isHalf(type) ? recast(values, 'float32', type) : values
}

type Half = 'bfloat16' | 'float16'

const recast = (elements: Elements, from: Half | 'float32', to: Half | 'float32'): Elements => {
  const array: NdArray = { dtype: from, shape: [elements.length], data: elements as Float32Array | Uint16Array }
  const made = force({ array: cast(array, to) }) as unknown as { readonly array: NdArray | Float32Array }
  return made.array instanceof Float32Array ? made.array : made.array.data
}
