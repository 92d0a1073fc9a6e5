import { cast, type DType, force, type Leaf, type NdArray, shapeOf, show } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Refuse } from '../../internal/attempt.js'
import { isSameShape, isTensor } from '../../internal/tensors.js'
import type { TensorTree } from '../../tensor.js'
import { isLeaf, said } from './values.js'

/**
 * What stands in a file as a leaf like another: a number, a vector, an array of its shape; always a copy. A dtype may become a
 * wider one, which holds the same numbers, and not a narrower one.
 */
export const fitted = (refuse: Refuse, entry: string, value: TensorTree | undefined, like: Leaf): Leaf => {
  const shape = shapeOf(like)
  const dtype = tree.dtype(like)
  if (!isTensor(value) || !isLeaf(value) || !isSameShape(value.shape, shape) || !WIDER[value.dtype].includes(dtype)) {
    return refuse('mismatch', entry, `a tensor with the shape ${show(shape)} that ${dtype} can hold`, said(value))
  }
  const array = widened(value, dtype)
  if (typeof like === 'number') return Number(array.data[0])
  return ArrayBuffer.isView(like) ? vectorLike(like, array) : array
}

const WIDER: Readonly<Record<DType, readonly DType[]>> = {
  float64: ['float64'],
  float32: ['float32', 'float64'],
  bfloat16: ['bfloat16', 'float32', 'float64'],
  float16: ['float16', 'float32', 'float64']
}

const widened = (array: NdArray, dtype: DType): NdArray => {
  if (array.dtype !== dtype) return force(cast(array, dtype)) as NdArray
  const { shape, data } = array
  return { dtype, shape, data: data.slice() }
}

/** A bare vector of the class of another: a `Float16Array` is one of those, where there are any. */
const vectorLike = (like: Exclude<Leaf, number | NdArray>, { data }: NdArray): Leaf =>
  data instanceof Uint16Array ? new (like.constructor as new (buffer: ArrayBufferLike) => Leaf)(data.buffer) : data
