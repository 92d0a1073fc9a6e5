import type { TreeOf } from '@gradchain/core'
import type { Tensor } from '../tensor.js'

/** What may stand at the leaves of a tree that is saved: anything that a state or its params hold. */
export type SavedLeaf =
  | number
  | string
  | boolean
  | bigint
  | undefined
  | Tensor
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array

/** A tree as it comes out of a file. */
export type SavedTree = TreeOf<SavedLeaf>
