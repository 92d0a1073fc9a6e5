import type { SavedTree } from '../own/savedTree.js'
import type { Tensor } from '../tensor.js'
import type { Refuse } from './attempt.js'
import { builtFrom, type Place, placesOf } from './build.js'
import { conformed } from './conform.js'
import { namedLike } from './named.js'
import { type Header, titleOf } from './safetensorsHeader.js'
import { readSeal, type Seal } from './seal.js'

/** What is known of a file once its header was read. */
export interface Opened {
  readonly header: Header
  /** Our own part, where we wrote it. */
  readonly own: { readonly seal: Seal; readonly places: readonly Place[] } | undefined
}

/** A tensor that was read, and the checksum of its bytes. */
export interface Read {
  readonly tensor: Tensor
  readonly sum: string
}

/** A tree whose form is wanted; there may be none. */
export type Wanted = readonly [like?: unknown]

/** Looks at a header: in a file of ours each place of the tree has its tensor. */
export const openTree = (refuse: Refuse, bytes: Uint8Array, header: Header): Opened => {
  const seal = readSeal(refuse, bytes, header)
  return { header, own: seal && { seal, places: placesOf(refuse, header, seal) } }
}

/** The tree of a file, of whose tensors these were read, by name: all, or those that are wanted of a file of ours. */
export const treeIn = (refuse: Refuse, { own }: Opened, read: ReadonlyMap<string, Read>, like: Wanted): unknown => {
  if (own !== undefined) {
    const tensors = own.places.map(({ entry, path, sum: wanted }) => {
      const found = read.get(entry.name)
      if (found !== undefined && found.sum !== wanted) {
        refuse('corrupt', `${titleOf(entry.name)}, ${path},`, `of checksum ${wanted}`, found.sum)
      }
      return found?.tensor
    })
    const tree = builtFrom(refuse, own.seal, tensors)
    return like.length === 0 ? tree : conformed(refuse, tree, like[0])
  }
  const tensors = new Map([...read].map(([name, { tensor }]) => [name, tensor]))
  return like.length === 0 ? flat(refuse, tensors) : conformed(refuse, namedLike(refuse, tensors, like[0]), like[0])
}

const flat = (refuse: Refuse, tensors: ReadonlyMap<string, Tensor>): SavedTree => {
  if (tensors.has('__proto__')) refuse('refused', 'the file', 'without a tensor __proto__', 'one')
  return Object.fromEntries(tensors)
}
