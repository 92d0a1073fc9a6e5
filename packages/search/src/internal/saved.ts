// The state of an optimizer as what survives JSON: its arrays as lists, with their dtypes.
import { isContainer, type Leaf, ndarray } from '@gradchain/core'

/** What JSON knows. */
export type SavedState =
  | number
  | string
  | boolean
  | null
  | readonly SavedState[]
  | { readonly [key: string]: SavedState }

const ARRAY = '@@array'
const NUMBER = '@@number'

/** A number as JSON knows it: a text for those that it does not. */
const numeral = (x: number): number | string => (Number.isFinite(x) && !Object.is(x, -0) ? x : textOf(x))

const textOf = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))

interface Listed {
  /** The dtype. */
  readonly [ARRAY]: string
  /** The lengths of the axes; `null` for a bare array. */
  readonly shape: readonly number[] | null
  /** The elements, numbers that JSON does not know as texts; bit patterns of 16-bit dtypes. */
  readonly values: readonly (number | string)[]
}

const listed = (dtype: string, shape: readonly number[] | null, data: Iterable<number>): SavedState => {
  const list: Listed = { [ARRAY]: dtype, shape, values: Array.from(data, numeral) }
  return list as unknown as SavedState
}

/** A state without arrays. */
export const saved = (state: unknown): SavedState => {
  if (state instanceof Float32Array) return listed('float32', null, state)
  if (state instanceof Float64Array) return listed('float64', null, state)
  if (typeof state === 'number') return typeof numeral(state) === 'number' ? state : { [NUMBER]: textOf(state) }
  if (typeof state !== 'object' || state === null) return state as SavedState
  const { dtype, shape, data } = state as { readonly dtype: string; readonly shape: number[]; readonly data: unknown }
  if (typeof dtype === 'string' && ArrayBuffer.isView(data)) return listed(dtype, shape, data as Float64Array)
  if (Array.isArray(state)) return state.map(saved)
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [key, saved(value)]))
}

/** The state that was saved. */
export const revived = (plain: SavedState): unknown => {
  if (!isContainer(plain)) return plain
  if (Array.isArray(plain)) return plain.map(revived)
  const list = plain as unknown as Listed
  if (typeof list[ARRAY] === 'string') return arrayOf(list)
  const text = (plain as { readonly [NUMBER]?: SavedState })[NUMBER]
  if (typeof text === 'string') return Number(text)
  return Object.fromEntries(Object.entries(plain).map(([key, value]) => [key, revived(value)]))
}

const arrayOf = ({ [ARRAY]: dtype, shape, values }: Listed): Leaf => {
  const numbers = values.map(Number)
  const data =
    dtype === 'float32'
      ? Float32Array.from(numbers)
      : dtype === 'float64'
        ? Float64Array.from(numbers)
        : Uint16Array.from(numbers)
  return shape === null ? (data as Float32Array) : ndarray(data as Uint16Array, shape, dtype as 'float16')
}
