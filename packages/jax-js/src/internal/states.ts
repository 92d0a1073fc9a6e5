// States as trees of arrays alone, as jit takes and gives them.
import { InvalidState, InvalidTree, show } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { type JsTree, numpy as np } from '@jax-js/jax'
import { formOf, isArray } from './library.js'
import { Slot } from './record.js'

/** A tree of arrays of jax-js. */
export type ArrayTree = JsTree<np.Array>

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !isArray(value) && !(value instanceof Slot)

/** A tree without what is empty: jax-js knows no `null`. In lists an empty list takes its place. */
export const withoutEmpty = (value: unknown): ArrayTree => {
  if (isArray(value)) return value
  if (Array.isArray(value)) return value.map((item: unknown) => (item === null ? [] : withoutEmpty(item)))
  const entries = Object.entries(isRecord(value) ? value : {}).filter(([, item]) => item !== null)
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutEmpty(item)]))
}

/**
 * The arrays of a tree that belong to the slots of another, in the order of those; all else of that other tree is not in it.
 *
 * @throws InvalidState where there is none, or one of another form.
 */
export const arraysFor = (slots: unknown, given: unknown, place: string): readonly np.Array[] => {
  const arrays: np.Array[] = []
  const visit = (slot: unknown, value: unknown, at: string): void => {
    if (slot instanceof Slot) arrays.push(fitting(slot, value, at))
    else if (isRecord(slot)) {
      for (const [key, part] of Object.entries(slot)) {
        if (!(part instanceof Slot) && !isRecord(part)) continue
        const name = Array.isArray(slot) ? `[${key}]` : `.${key}`
        visit(part, isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined, `${at}${name}`)
      }
    }
  }
  visit(slots, given, place)
  return arrays
}

const REMEDY = 'was it made by another transformation, or for other params?'

const fitting = ({ form }: Slot, value: unknown, at: string): np.Array => {
  if (!isArray(value)) throw new InvalidState(`jaxjs: ${at} must be a jax.Array, got ${show(value)}; ${REMEDY}`)
  const found = formOf(value)
  if (typeof found === 'string') throw new InvalidTree(`jaxjs: ${at} is a jax.Array that ${found}`)
  const isNumber = form.dtype === 'number'
  if (`${found.shape}` === `${form.shape}` && (isNumber || found.dtype === form.dtype)) return value
  const formed = (dtype: string, shape: readonly number[]): string => `${dtype} [${shape}]`
  throw new InvalidState(
    `jaxjs: ${at} must be an array of ${formed(isNumber ? 'float32' : form.dtype, form.shape)}, got ${formed(found.dtype, found.shape)}; ${REMEDY}`
  )
}

/** What a leaf that is no array is as a text. */
const encoded = (leaf: unknown): string => {
  if (typeof leaf === 'number') return `n${Object.is(leaf, -0) ? '-0' : leaf}`
  if (typeof leaf === 'string') return `s${leaf}`
  if (typeof leaf === 'boolean') return leaf ? 't' : 'f'
  throw new InvalidTree(`jaxjs: a leaf of a state must be a number, a text, a flag or an array, got ${show(leaf)}`)
}

const decoded = (leaf: unknown, arrays: readonly unknown[]): unknown => {
  const text = String(leaf)
  const rest = text.slice(1)
  if (text.startsWith('n')) return Number(rest)
  if (text.startsWith('s')) return rest
  return text.startsWith('a') ? arrays[Number(rest)] : text === 't'
}

/** What a state knows beside its arrays, as an array; `isPart` says which leaves are arrays. */
export const written = (state: unknown, isPart: (leaf: unknown) => boolean): np.Array => {
  let arrays = 0
  const texts = tree.map((leaf: unknown) => (isPart(leaf) ? `a${arrays++}` : encoded(leaf)) as never, state as never)
  const text = JSON.stringify(texts)
  return np.array(
    Uint32Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)),
    { dtype: np.uint32 }
  )
}

/** The state out of what was written, and its arrays. */
export const readBack = (array: np.Array, arrays: readonly unknown[]): unknown => {
  let text = ''
  for (const unit of array.ref.dataSync()) text += String.fromCharCode(unit)
  return tree.map((leaf: unknown) => decoded(leaf, arrays) as never, JSON.parse(text))
}

/** A number as a lazy one is kept. */
export const numberArray = (value: number): np.Array => np.array(new Float32Array([value]), { shape: [] })

/** The element of an array of shape []. */
export const numberIn = (array: np.Array): number => array.ref.item()
