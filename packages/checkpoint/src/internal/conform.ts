import { isContainer, show } from '@gradchain/core'
import { isKey } from '@gradchain/core/random'
import type { Tensor } from '../tensor.js'
import type { Refuse } from './attempt.js'
import { bareOf, dtypeOfArray, lengthOfArray } from './leaves.js'
import { type Keys, pathOf } from './pathOf.js'
import { isSameShape, isTensor } from './tensors.js'

/** How an array reads in a message: `float32 of shape [2, 3]`. */
export const formOf = ({ dtype, shape }: Pick<Tensor, 'dtype' | 'shape'>): string =>
  `${dtype} of shape [${shape.join(', ')}]`

/**
 * What was read, in the form of `like`: the same structure, and arrays of the same dtypes and shapes. A vector may be bare on one side and
 * a tensor on the other; a tensor of no axes that holds a number is one.
 */
export const conformed = (refuse: Refuse, read: unknown, like: unknown): unknown => {
  const visit = (value: unknown, wanted: unknown, keys: Keys): unknown => {
    const mismatch = (what: string, got = wordOf(value)): never => refuse('mismatch', pathOf(keys), what, got)
    const array = arrayOf(wanted)
    if (array !== undefined) return arrayLike(array, isTensor(wanted), value, mismatch)
    if (!isContainer(wanted)) return leafLike(wanted, value, mismatch)
    if (!isContainer(value) || arrayOf(value) !== undefined) return mismatch(wordOf(wanted))
    if (Array.isArray(wanted)) {
      if (!Array.isArray(value) || value.length !== wanted.length) return mismatch(`an array of ${wanted.length}`)
      return Array.from(wanted, (item, i) => visit(value[i], item, [...keys, i]))
    }
    return objectLike(wanted as Fields, value, keys, mismatch)
  }

  const objectLike = (wanted: Fields, value: unknown, keys: Keys, mismatch: Mismatch): unknown => {
    if (Array.isArray(value)) return mismatch(wordOf(wanted))
    const fields = value as Fields
    const out: Record<string, unknown> = Object.getPrototypeOf(wanted) === null ? Object.create(null) : {}
    for (const [key, item] of Object.entries(wanted)) {
      if (!Object.hasOwn(fields, key)) return mismatch(`an object with ${show(key)}`, `one with ${keysOf(fields)}`)
      out[key] = visit(fields[key], item, [...keys, key])
    }
    const extra = Object.keys(fields).find((key) => !Object.hasOwn(wanted, key))
    return extra === undefined ? out : mismatch(`an object without ${show(extra)}`, `one with ${keysOf(fields)}`)
  }

  return visit(read, like, [])
}

type Fields = Readonly<Record<string, unknown>>
type Mismatch = (what: string, got?: string) => never

const keysOf = (fields: Fields): string => {
  const keys = Object.keys(fields)
  const named = keys.slice(0, 8).map(show).join(', ')
  return keys.length === 0 ? 'nothing' : keys.length > 8 ? `${named} …` : named
}

/** An array, bare or not, as a tensor. */
const arrayOf = (value: unknown): Tensor | undefined => {
  if (isTensor(value)) return value
  const dtype = dtypeOfArray(value)
  if (dtype === undefined) return undefined
  // The data of a tensor made here is looked at by nobody but `bareOf`.
  return { dtype, shape: [lengthOfArray(value as ArrayBufferView, dtype)], data: value } as Tensor
}

const wordOf = (value: unknown): string => {
  const array = arrayOf(value)
  if (array !== undefined) return formOf(array)
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return `an object with ${keysOf(value as Fields)}`
  return Array.isArray(value) ? `an array of ${value.length}` : typeof value === 'number' ? 'a number' : show(value)
}

const arrayLike = (wanted: Tensor, isWhole: boolean, value: unknown, mismatch: Mismatch): unknown => {
  const found = arrayOf(value)
  if (found === undefined || found.dtype !== wanted.dtype || !isSameShape(found.shape, wanted.shape))
    return mismatch(formOf(wanted))
  if (isWhole) return isTensor(value) ? value : tensorOfBare(found)
  return isTensor(value) ? bareOf(value) : value
}

/** A bare array as a tensor; the bits of a `Float16Array`, not its numbers. */
const tensorOfBare = (found: Tensor): Tensor => {
  const { buffer, byteOffset, byteLength } = found.data
  const data = found.dtype === 'float16' ? new Uint16Array(buffer, byteOffset, byteLength / 2) : found.data
  return { ...found, data } as Tensor
}

const leafLike = (wanted: unknown, value: unknown, mismatch: Mismatch): unknown => {
  if (wanted === null || wanted === undefined) return value === wanted ? value : mismatch(String(wanted))
  if (typeof wanted === 'number') return numberIn(value) ?? mismatch('a number')
  // What no tree holds, such as a Map, is not what was saved.
  if (typeof wanted === 'object' || typeof wanted === 'function') return mismatch(show(wanted))
  if (isKey(wanted) && !isKey(value)) return mismatch('a key of random numbers')
  return typeof value === typeof wanted ? value : mismatch(typeof wanted === 'string' ? 'a text' : `a ${typeof wanted}`)
}

/** A number, or that of a tensor of no axes, if none would be rounded. */
const numberIn = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value
  if (!isTensor(value) || value.shape.length > 0 || value.dtype === 'bfloat16' || value.dtype === 'float16')
    return undefined
  const element = value.data[0]
  if (typeof element !== 'bigint') return element
  return Number.isSafeInteger(Number(element)) ? Number(element) : undefined
}
