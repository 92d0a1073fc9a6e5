/** Σ aᵢ bᵢ */
export const dotOf = (a: Float64Array, b: Float64Array): number => {
  let total = 0
  for (let i = 0; i < a.length; i++) total += (a[i] as number) * (b[i] as number)
  return total
}

/** The largest |aᵢ|; NaN where one is, 0 for none. */
export const largestOf = (a: Float64Array): number => {
  let largest = 0
  for (let i = 0; i < a.length; i++) {
    const size = Math.abs(a[i] as number)
    if (!(size <= largest)) largest = size
    if (size !== size) return size
  }
  return largest
}

/** √Σ aᵢ², right wherever it is a float64, though the squares may be none. */
export const normOf = (a: Float64Array): number => {
  const largest = largestOf(a)
  if (largest === 0 || !Number.isFinite(largest)) return largest
  let total = 0
  for (let i = 0; i < a.length; i++) {
    const share = (a[i] as number) / largest
    total += share * share
  }
  return largest * Math.sqrt(total)
}

/** a + s b */
export const addScaled = (a: Float64Array, s: number, b: Float64Array): Float64Array =>
  a.map((x, i) => x + s * (b[i] as number))

/** a − b */
export const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, i) => x - (b[i] as number))

/** s a */
export const times = (s: number, a: Float64Array): Float64Array => a.map((x) => s * x)

/** A v for a square matrix, row by row. */
export const applied = (matrix: Float64Array, v: Float64Array): Float64Array => {
  const n = v.length
  return v.map((_, i) => dotOf(matrix.subarray(i * n, (i + 1) * n), v))
}
