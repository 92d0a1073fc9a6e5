// What a tree becomes: tensors by name, and a form, which is the tree with words at its leaves.
import { InvalidTree, isContainer, show } from '@gradchain/core'
import type { Tensor, TensorDType } from '../tensor.js'
import { dtypeOfArray, lengthOfArray } from './leaves.js'
import { MAX_DEPTH, MAX_DIGITS } from './limits.js'
import { type Keys, namesFor, pathOf } from './pathOf.js'
import { flawOfName, inFileOrder, type Written } from './safetensorsHeader.js'
import { bytesOf, isTensor } from './tensors.js'

/**
 * The tree without its numbers. A leaf is a text: `number`, `array` and `tensor` stand for what is among the tensors; `text:…` and
 * `bigint:…` hold what they stand for; `undefined` is itself.
 */
export type Form = null | boolean | string | readonly Form[] | { readonly [key: string]: Form }

/** What is to be written of a tree. */
export interface Plan {
  /** The function that was called, such as `save`. */
  readonly owner: string
  readonly form: Form
  /** Which of the objects have no prototype, by their numbers in the order of the tree. */
  readonly bare: readonly number[]
  /** The tensors in the order of the tree. */
  readonly tensors: readonly Written[]
  /** The same in the order of the file. */
  readonly inFile: readonly Written[]
}

/** What is to be written of a tree; nothing of it is copied. */
export const planOf = (owner: string, tree: unknown): Plan => {
  const tensors: Written[] = []
  const bare: number[] = []
  const nameOf = namesFor()
  let objects = 0

  const fail = (keys: Keys, what: string): never => {
    throw new InvalidTree(`${owner}: ${pathOf(keys)} ${what}`)
  }

  const put = (keys: Keys, dtype: TensorDType, shape: readonly number[], bytes: Uint8Array): void => {
    const name = nameOf(keys)
    const flaw = flawOfName(name)
    if (flaw !== undefined) fail(keys, `has ${flaw}`)
    tensors.push({ name, dtype, shape, bytes })
  }

  const array = (keys: Keys, value: ArrayBufferView, dtype: TensorDType): string => {
    put(keys, dtype, [lengthOfArray(value, dtype)], viewed(value, keys, fail))
    return 'array'
  }

  const tensor = (keys: Keys, value: Tensor): string => {
    viewed(value.data, keys, fail)
    const other = Object.keys(value).find((key) => !FIELDS.has(key))
    if (other !== undefined) fail(keys, `is an array with ${show(other)} besides, which would be lost`)
    put(keys, value.dtype, value.shape, bytesOf(value))
    return 'tensor'
  }

  const leaf = (keys: Keys, value: unknown): Form => {
    if (typeof value === 'number') {
      put(keys, 'float64', [], new Uint8Array(Float64Array.of(value).buffer))
      return 'number'
    }
    if (typeof value === 'string') return `text:${value}`
    if (typeof value === 'boolean' || value === null) return value
    if (value === undefined) return 'undefined'
    if (typeof value === 'bigint') return bigint(keys, value)
    const dtype = dtypeOfArray(value)
    if (dtype !== undefined) return array(keys, value as ArrayBufferView, dtype)
    return fail(keys, `is ${show(value)}; what is saved is numbers, texts, truth values, arrays and null`)
  }

  const bigint = (keys: Keys, value: bigint): string => {
    const text = `bigint:${value}`
    return text.length > MAX_DIGITS ? fail(keys, `is a bigint of more than ${MAX_DIGITS} digits`) : text
  }

  const visit = (keys: Keys, value: unknown): Form => {
    if (isTensor(value)) return tensor(keys, value)
    if (!isContainer(value)) return leaf(keys, value)
    if (keys.length === MAX_DEPTH) return fail(keys.slice(0, 4), `… is nested more than ${MAX_DEPTH} deep`)
    if (Array.isArray(value)) return Array.from(value, (item, i) => visit([...keys, i], item))
    if (Object.getPrototypeOf(value) === null) bare.push(objects)
    objects += 1
    const form: Record<string, Form> = {}
    for (const [key, item] of Object.entries(value)) {
      if (key === '__proto__') fail(keys, 'has a key __proto__, which is refused')
      form[key] = visit([...keys, key], item)
    }
    return form
  }

  const form = visit([], tree)
  return { owner, form, bare, tensors, inFile: inFileOrder(tensors) }
}

/** The fields of a tensor. */
const FIELDS: ReadonlySet<string> = /* @__PURE__ */ new Set(['dtype', 'shape', 'data'])

/** The bytes of an array, unless they were handed on to someone else: then it looks as if it were empty. */
const viewed = (array: ArrayBufferView, keys: Keys, fail: (keys: Keys, what: string) => never): Uint8Array => {
  try {
    return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  } catch {
    return fail(keys, 'has data whose memory was transferred to someone else')
  }
}
