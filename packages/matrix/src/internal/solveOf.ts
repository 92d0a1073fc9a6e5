/** A power of two near x, to multiply by without rounding; 1 for what has none. */
const near = (x: number): number =>
  x > 0 && x < Infinity ? 2 ** Math.max(-1022, Math.min(1022, -Math.floor(Math.log2(x)))) : 1

/**
 * X of n rows and k columns with A X = B, by elimination with partial pivoting on a matrix whose rows and columns were scaled to
 * about 1; all NaN where A is singular to working precision, or has NaN or ∞.
 */
export const solveOf = (a: Float64Array, n: number, b: Float64Array, k: number): Float64Array => {
  const { scaled, rows, columns } = equilibrated(a, n)
  const x = b.map((value, i) => value * (rows[Math.floor(i / k)] as number))
  return eliminate(scaled, n, x, k) ? x.map((value, i) => value * (columns[Math.floor(i / k)] as number)) : x.fill(NaN)
}

interface Equilibrated {
  readonly scaled: Float64Array
  readonly rows: Float64Array
  readonly columns: Float64Array
}

const equilibrated = (a: Float64Array, n: number): Equilibrated => {
  const scaled = a.slice()
  const largest = (from: number, step: number): number => {
    let most = 0
    for (let i = 0; i < n; i++) most = Math.max(most, Math.abs(scaled[from + i * step] as number))
    return near(most)
  }
  const rows = Float64Array.from({ length: n }, (_, i) => largest(i * n, 1))
  scaled.forEach((value, i) => {
    scaled[i] = value * (rows[Math.floor(i / n)] as number)
  })
  const columns = Float64Array.from({ length: n }, (_, j) => largest(j, n))
  scaled.forEach((value, i) => {
    scaled[i] = value * (columns[i % n] as number)
  })
  return { scaled, rows, columns }
}

/** Turns the right side into the solution; false where a pivot is nothing but rounding. */
const eliminate = (a: Float64Array, n: number, x: Float64Array, k: number): boolean => {
  for (let j = 0; j < n; j++) {
    let pivot = j
    for (let i = j + 1; i < n; i++) {
      if (Math.abs(a[i * n + j] as number) > Math.abs(a[pivot * n + j] as number)) pivot = i
    }
    const size = Math.abs(a[pivot * n + j] as number)
    if (!(size > n * Number.EPSILON && size < Infinity)) return false
    if (pivot !== j) {
      swapRows(a, n, pivot, j)
      swapRows(x, k, pivot, j)
    }
    const head = a[j * n + j] as number
    for (let i = j + 1; i < n; i++) {
      const factor = (a[i * n + j] as number) / head
      if (factor === 0) continue
      subtract(a, i * n, j * n, factor, j + 1, n)
      subtract(x, i * k, j * k, factor, 0, k)
    }
  }
  for (let j = n - 1; j >= 0; j--) {
    const head = a[j * n + j] as number
    for (let c = 0; c < k; c++) x[j * k + c] = (x[j * k + c] as number) / head
    for (let i = 0; i < j; i++) subtract(x, i * k, j * k, a[i * n + j] as number, 0, k)
  }
  return true
}

const subtract = (m: Float64Array, to: number, from: number, factor: number, first: number, last: number): void => {
  for (let c = first; c < last; c++) m[to + c] = (m[to + c] as number) - factor * (m[from + c] as number)
}

const swapRows = (m: Float64Array, width: number, i: number, j: number): void => {
  const row = m.slice(i * width, i * width + width)
  m.copyWithin(i * width, j * width, j * width + width)
  m.set(row, j * width)
}
