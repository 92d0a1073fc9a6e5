import { type DType, type Key, type NdArray, random } from '@gradchain/core'
import { scaleOf } from './reflector.js'

/** What vectors are for the power iteration: arrays, or whole trees of them. */
export interface Space<V> {
  /** The matrix times a vector. */
  readonly product: (v: V) => V
  readonly norm: (v: V) => number
  readonly dot: (v: V, w: V) => number
  /** v − c w */
  readonly minus: (v: V, c: number, w: V) => V
  readonly scale: (c: number, v: V) => V
}

/** An eigenvalue and its eigenvector, of length 1. */
export interface Eigenpair<V> {
  readonly value: number
  readonly vector: V
}

/** Optax's power iteration: at least one product after the first, at most `numIters`. */
export const powerIterationOf = <V>(
  { product, norm, dot, minus, scale }: Space<V>,
  start: V,
  numIters: number,
  errorTolerance: number
): Eigenpair<V> => {
  const normalized = (v: V): V => scale(1 / norm(v), v)
  let vector = normalized(start)
  let image = product(vector)
  let value = 0
  for (let i = 0; i < numIters; i++) {
    // What is mapped to 0 is an eigenvector, of the eigenvalue 0.
    if (norm(image) === 0) return { value: 0, vector }
    vector = normalized(image)
    image = product(vector)
    value = dot(vector, image)
    const error = Math.abs(norm(minus(image, value, vector)) / value)
    if (error < errorTolerance || Number.isNaN(error)) break
  }
  return { value, vector: norm(image) === 0 ? vector : normalized(image) }
}

const sumOf = (v: Float64Array, w: Float64Array): number => {
  let total = 0
  for (let i = 0; i < v.length; i++) total += (v[i] as number) * (w[i] as number)
  return total
}

/** The start that Optax draws: uniform between −1 and 1. */
export const startOf = (key: Key, n: number, dtype: DType): NdArray =>
  random.uniform(key, [n], { dtype: dtype === 'float64' ? 'float64' : 'float32', minval: -1 })

/** The largest eigenvalue of a matrix of n rows and columns, and its eigenvector. */
export const dominantOf = (
  a: Float64Array,
  n: number,
  start: Float64Array,
  numIters: number,
  errorTolerance: number
): Eigenpair<Float64Array> => {
  if (n === 0) return { value: 0, vector: start }
  const scale = scaleOf(a)
  const space = spaceOf(
    a.map((x) => x / scale),
    n
  )
  const unit = scaleOf(start)
  const { value, vector } = powerIterationOf(
    space,
    start.map((x) => x / unit),
    numIters,
    errorTolerance
  )
  return { value: value * scale, vector }
}

/** The space of a matrix of n rows and columns, none of them so large that a square overflows. */
const spaceOf = (a: Float64Array, n: number): Space<Float64Array> => ({
  product: (v) => Float64Array.from({ length: n }, (_, i) => sumOf(a.subarray(i * n, i * n + n), v)),
  norm: (v) => Math.sqrt(sumOf(v, v)),
  dot: sumOf,
  minus: (v, c, w) => v.map((x, i) => x - c * (w[i] as number)),
  scale: (c, v) => v.map((x) => c * x)
})
