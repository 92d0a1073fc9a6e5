import { isContainer, type NdArray, show } from '@gradchain/core'
import type { Refuse } from '../../internal/attempt.js'
import { placeOf } from '../../internal/placeOf.js'
import { isTensor } from '../../internal/tensors.js'
import type { Tensor, TensorTree } from '../../tensor.js'

/** What an object out of a file has by its keys. */
export type Fields = { readonly [key: string]: TensorTree }

/** How what stands in a file reads in an error. */
export const said = (value: TensorTree | undefined): string =>
  isTensor(value) ? `a tensor of ${value.dtype} with the shape [${value.shape.join(', ')}]` : show(value)

/** An object. */
export const fieldsOf = (refuse: Refuse, entry: string, value: TensorTree | undefined): Fields =>
  isContainer(value) && !Array.isArray(value) && !isTensor(value)
    ? (value as Fields)
    : refuse('mismatch', entry, 'an object', said(value))

/** An array. */
export const itemsOf = (refuse: Refuse, entry: string, value: TensorTree | undefined): readonly TensorTree[] =>
  Array.isArray(value) ? value : refuse('mismatch', entry, 'an array', said(value))

/** A number: as such, or as a tensor of one element. */
export const numberOf = (refuse: Refuse, entry: string, value: TensorTree | undefined): number => {
  if (typeof value === 'number') return value
  const data = isTensor(value) && value.data.length === 1 ? value : undefined
  if (data === undefined) return refuse('mismatch', entry, 'a number', said(value))
  return isLeaf(data) && (data.dtype === 'bfloat16' || data.dtype === 'float16')
    ? refuse('mismatch', entry, 'a number of at least 32 bits', said(value))
    : Number(data.data[0])
}

/** How many there were of something: a whole number. */
export const countOf = (refuse: Refuse, entry: string, value: TensorTree | undefined): number => {
  const count = numberOf(refuse, entry, value)
  return Number.isSafeInteger(count) && count >= 0
    ? count
    : refuse('malformed', entry, 'a whole number ≥ 0', `${count}`)
}

/** Whether a tensor has a dtype that Gradchain computes with. */
export const isLeaf = (tensor: Tensor): tensor is NdArray =>
  tensor.dtype === 'float32' || tensor.dtype === 'float64' || tensor.dtype === 'bfloat16' || tensor.dtype === 'float16'

/** What is below a value by these keys. */
export const entryAt = (refuse: Refuse, value: TensorTree, at: readonly (string | number)[]): TensorTree => {
  let found = value
  at.forEach((key, i) => {
    const isInner = isContainer(found) && !isTensor(found)
    if (!isInner || !Object.hasOwn(found as object, key)) {
      const place = i === 0 ? 'the value' : placeOf(at.slice(0, i))
      refuse('mismatch', place, `with ${show(key)}`, isInner ? Object.keys(found as object).join(', ') : said(found))
    }
    found = (found as Fields)[key] as TensorTree
  })
  return found
}
