/** How the fast projected gradient is to run. */
export interface Projection {
  readonly iters: number
  /** A bound on the largest eigenvalue of Aᵀ A. */
  readonly bound: number | undefined
}

/** Polyak's fast projected gradient for min ‖A X − B‖, X ≥ 0: A of m rows and n columns, B of k columns. */
export const nnlsOf = (
  a: Float64Array,
  b: Float64Array,
  m: number,
  n: number,
  k: number,
  { iters, bound }: Projection
): Float64Array => {
  const square = productOf(a, a, m, n, n)
  const side = productOf(a, b, m, n, k)
  const found = bound ?? boundOf(square, n)
  const divisor = found === 0 ? 1 : found
  let x = new Float64Array(n * k)
  let p = x
  let c = 0
  for (let step = 0; step < iters; step++) {
    const nextC = (1 + Math.sqrt(1 + 4 * c * c)) / 2
    const ahead = (c - 1) / nextC
    // As Aᵀ A is symmetric, its rows are its columns.
    const gradient = productOf(square, p, n, n, k)
    const next = p.map((at, i) => Math.max(0, at - ((gradient[i] as number) - (side[i] as number)) / divisor))
    const before = x
    p = next.map((at, i) => at + ahead * (at - (before[i] as number)))
    x = next
    c = nextC
  }
  return x
}

/** Aᵀ B, for A of m rows and n columns, B of k columns. */
const productOf = (a: Float64Array, b: Float64Array, m: number, n: number, k: number): Float64Array => {
  const out = new Float64Array(n * k)
  for (let l = 0; l < m; l++) {
    for (let i = 0; i < n; i++) {
      const x = a[l * n + i] as number
      for (let j = 0; j < k; j++) out[i * k + j] = (out[i * k + j] as number) + x * (b[l * k + j] as number)
    }
  }
  return out
}

/** No eigenvalue is larger than the Frobenius norm, nor than the largest sum of magnitudes in a column. */
const boundOf = (square: Float64Array, n: number): number => {
  let squares = 0
  let most = 0
  for (let i = 0; i < n; i++) {
    let total = 0
    for (let j = 0; j < n; j++) {
      const x = square[i * n + j] as number
      squares += x * x
      total += Math.abs(x)
    }
    most = Math.max(most, total)
  }
  return Math.min(Math.sqrt(squares), most)
}
