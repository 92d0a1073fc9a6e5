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

/** The space of a matrix of n rows and columns, none of them so large that a square overflows. */
export const spaceOf = (a: Float64Array, n: number): Space<Float64Array> => ({
  product: (v) => Float64Array.from({ length: n }, (_, i) => sumOf(a.subarray(i * n, i * n + n), v)),
  norm: (v) => Math.sqrt(sumOf(v, v)),
  dot: sumOf,
  minus: (v, c, w) => v.map((x, i) => x - c * (w[i] as number)),
  scale: (c, v) => v.map((x) => c * x)
})
