import { type Operand, opaque } from '@gradchain/core'
import { called } from './called.js'
import type { Folding } from './folding.js'
import { wideDtype } from './wideDtype.js'

/** How an array is cut into blocks of one size, the last of an axis filled up with zeros. */
export interface Blocks {
  /** What is cut. */
  readonly whole: Folding
  /** How many blocks each axis has. */
  readonly counts: readonly number[]
  /** The blocks as a stack. */
  readonly folding: Folding
}

/** Blocks that are no longer than that along any axis, and as equal as may be. */
export const blocksOf = (whole: Folding, blockSize: number): Blocks => {
  const counts = whole.lengths.map((length) => Math.max(1, Math.ceil(length / blockSize)))
  const lengths = whole.lengths.map((length, axis) => Math.ceil(length / (counts[axis] as number)))
  const stack = counts.reduce((n, count) => n * count, whole.batch[0] ?? 1)
  const batch = counts.every((count) => count === 1) ? whole.batch : [stack]
  return { whole, counts, folding: { view: null, batch, lengths, isVector: whole.isVector } }
}

const isWhole = ({ counts }: Blocks): boolean => counts.every((count) => count === 1)

/** A folded array as a stack of its blocks. */
export const cut = (x: Operand, blocks: Blocks): Operand => (isWhole(blocks) ? x : moved(x, blocks, true))

/** A folded array out of its blocks. */
export const joined = (x: Operand, blocks: Blocks): Operand => (isWhole(blocks) ? x : moved(x, blocks, false))

const moved = (x: Operand, { whole, counts, folding }: Blocks, isCut: boolean): Operand => {
  const dtype = wideDtype(x)
  const { lengths } = whole
  const wholeShape = [...whole.batch, ...lengths]
  const shape = isCut ? [...folding.batch, ...folding.lengths] : wholeShape
  const size = shape.reduce((n, length) => n * length, 1)
  const one = lengths.reduce((n, length) => n * length, 1)
  const places = placesIn(lengths, counts, folding.lengths)
  const stacked = counts.reduce((n, count) => n * count, 1) * folding.lengths.reduce((n, length) => n * length, 1)
  return opaque(
    called(isCut ? 'cut' : 'joined', ({ data }) => {
      const out = new (dtype === 'float64' ? Float64Array : Float32Array)(size)
      for (let b = 0; b < (whole.batch[0] ?? 1); b++) {
        for (let i = 0; i < one; i++) {
          const at = b * stacked + (places[i] as number)
          if (isCut) out[at] = data[b * one + i] as number
          else out[b * one + i] = data[at] as number
        }
      }
      return out
    }),
    [x],
    { dtype, shape }
  )
}

/** For each element of an array its place in the stack of blocks. */
const placesIn = (lengths: readonly number[], counts: readonly number[], sizes: readonly number[]): Int32Array => {
  const places = new Int32Array(lengths.reduce((n, length) => n * length, 1))
  let done = 1
  let blockStride = sizes.reduce((n, size) => n * size, 1)
  let innerStride = 1
  // From the last axis to the first: what is filled so far is repeated along the axis before.
  for (let axis = lengths.length - 1; axis >= 0; axis--) {
    const [length, size] = [lengths[axis] as number, sizes[axis] as number]
    for (let i = length - 1; i >= 0; i--) {
      const offset = Math.floor(i / size) * blockStride + (i % size) * innerStride
      for (let k = 0; k < done; k++) places[i * done + k] = (places[k] as number) + offset
    }
    done *= length
    blockStride *= counts[axis] as number
    innerStride *= size
  }
  return places
}
