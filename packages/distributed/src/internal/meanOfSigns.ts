import type { Leaf, Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Communicator } from '../communicators/communicator.js'
import { together } from './together.js'

/** What a rank sends of a leaf: a number, or how large its elements are, all alike, and a bit for each that says whether it is ≥ 0. */
type Signs = number | { readonly size: number; readonly bits: Uint8Array }

/**
 * The mean over ranks of trees whose arrays have elements of one size, as `signWithNorm` makes them; the same on each. A bit is sent for each
 * element, and a number for each leaf.
 */
export const meanOfSigns = (comm: Communicator, values: Tree): Tree =>
  together('meanOfSigns', values, (arrays) => {
    const all = comm.allGather(tree.leaves(arrays).map(signsOf)).wait()
    let place = 0
    return tree.map((leaf: Leaf) => {
      const i = place++
      return meanOf(
        leaf,
        all.map((signs) => signs[i] as Signs)
      )
    }, arrays)
  })

const signsOf = (leaf: Leaf): Signs => {
  if (typeof leaf === 'number') return leaf
  const elements = elementsOf(leaf)
  const bits = new Uint8Array(Math.ceil(elements.length / 8))
  for (let i = 0; i < elements.length; i++) {
    if ((elements[i] as number) >= 0) bits[i >>> 3] = (bits[i >>> 3] as number) | (1 << (i & 7))
  }
  return { size: Math.abs(elements[0] ?? 0), bits }
}

/** The mean of what ranks sent of a leaf, in the form of that leaf. */
const meanOf = (like: Leaf, all: readonly Signs[]): Leaf => {
  if (typeof like === 'number') return all.reduce<number>((sum, x) => sum + (x as number), 0) / all.length
  const sums = new Float64Array(elementsOf(like).length)
  for (const signs of all) {
    const { size, bits } = signs as Exclude<Signs, number>
    for (let i = 0; i < sums.length; i++) {
      sums[i] = (sums[i] as number) + (((bits[i >>> 3] as number) >>> (i & 7)) & 1 ? size : -size)
    }
  }
  const data = elementsOf(like).slice()
  data.set(sums.map((sum) => sum / all.length))
  return 'data' in like ? ({ ...like, data } as Leaf) : (data as Leaf)
}

const elementsOf = (leaf: Exclude<Leaf, number>) => ('data' in leaf ? leaf.data : leaf)
