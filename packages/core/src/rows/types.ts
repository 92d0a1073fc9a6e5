import type { NdArray } from '../array/ndarray.js'

/**
 * The gradient of an array of which few rows were used, such as an embedding: the rows alone, and which ones they are. Plain data,
 * recognised by its structure: it may come from `sparseRows`, an object literal, or out of `structuredClone`. In a program that calls
 * neither {@link sparseRows} nor {@link lazyRows} nothing recognises it.
 */
export interface SparseRows {
  /** What tells it from a layer of that structure. */
  readonly kind: 'sparseRows'
  /** Which rows these are, along the leading axis; a row that is named more than once has the sum of what is given for it. */
  readonly indices: readonly number[] | Int32Array | Uint32Array
  /** The rows, of the shape `[indices.length, …shape.slice(1)]`; a bare array holds them in row-major order. */
  readonly values: Float32Array | Float64Array | NdArray
  /** The shape of the whole, of at least one axis. */
  readonly shape: readonly number[]
}

/** Rows in ascending order, by the path of their param. */
export type TouchedRows = ReadonlyMap<string, Int32Array>
