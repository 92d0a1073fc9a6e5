// What sparse rows must be: they may have been written by hand.
import { flawOf, isNdArray, sizeOf } from '../array/ndarray.js'
import { show } from '../errors.js'
import type { SparseRows } from './types.js'

/** What is wrong with sparse rows, in the words of a message. */
export interface Flaw {
  readonly name: string
  readonly wanted: string
  readonly got: string
}

/** Whether a node of a tree is meant as sparse rows; that its parts fit is for {@link flawOfRows}. */
export const isSparseRows = (node: unknown): node is SparseRows =>
  typeof node === 'object' && node !== null && (node as { readonly kind?: unknown }).kind === 'sparseRows'

/** Says what of sparse rows does not fit; `undefined` when all of it does. */
export const flawOfRows = ({ indices, values, shape }: SparseRows): Flaw | undefined => {
  const isShape = Array.isArray(shape) && shape.length > 0 && shape.every((n) => Number.isSafeInteger(n) && n >= 0)
  if (!isShape) return { name: 'shape', wanted: 'a list of at least one whole number ≥ 0', got: show(shape) }
  if (!(Array.isArray(indices) || indices instanceof Int32Array || indices instanceof Uint32Array)) {
    return { name: 'indices', wanted: 'an array, an Int32Array or a Uint32Array', got: show(indices) }
  }
  const [count = 0, ...rest] = shape
  const odd = indices.findIndex((row) => !(Number.isSafeInteger(row) && row >= 0 && row < count))
  if (odd >= 0) {
    const wanted = count === 0 ? 'missing, as there are no rows' : `a whole number from 0 to ${count - 1}`
    return { name: `indices[${odd}]`, wanted, got: show(indices[odd]) }
  }
  return flawOfValues(values, [indices.length, ...rest])
}

const flawOfValues = (values: unknown, shape: readonly number[]): Flaw | undefined => {
  if (values instanceof Float32Array || values instanceof Float64Array) {
    const size = sizeOf(shape)
    if (values.length === size) return undefined
    return { name: 'values', wanted: `${size} numbers, for the shape ${show(shape)}`, got: String(values.length) }
  }
  if (typeof values !== 'object' || values === null || !isNdArray(values)) {
    return { name: 'values', wanted: 'a Float32Array, a Float64Array or an NdArray', got: show(values) }
  }
  const flaw = flawOf(values)
  if (flaw !== undefined) return { name: 'values', wanted: 'a whole array', got: `one that ${flaw}` }
  const isSame = values.shape.length === shape.length && values.shape.every((length, i) => length === shape[i])
  return isSame ? undefined : { name: 'values', wanted: `of the shape ${show(shape)}`, got: show(values.shape) }
}
