import { lengthOf, makeReflector, reflectRows, scaleOf, strideOf, transposed, turnRows } from './reflector.js'

/** Eigenvalues from the smallest to the largest, and their eigenvectors as the columns of an orthogonal matrix. */
export interface Eigen {
  readonly values: Float64Array
  readonly vectors: Float64Array
}

/** How many sweeps an eigenvalue may take, on average: far more than any has been seen to take. */
const MOST_SWEEPS = 60
const LEAST = 2 ** -1022

/** The eigenvalues and eigenvectors of the symmetric part of a matrix of n rows; all NaN where there is NaN or ∞. */
export const eighOf = (a: Float64Array, n: number): Eigen => {
  const scale = scaleOf(a)
  const work = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++)
      work[i * n + j] = ((a[i * n + j] as number) / scale + (a[j * n + i] as number) / scale) / 2
  }
  const d = new Float64Array(n)
  const e = new Float64Array(n)
  const z = tridiagonal(work, n, d, e)
  if (Number.isNaN(scale) || !diagonalize(d, e, z, n))
    return { values: d.fill(NaN), vectors: new Float64Array(n * n).fill(NaN) }
  return sorted(d, z, n, scale)
}

/**
 * Householder's tridiagonal form of the lower triangle: its diagonal, what stands beside it, and, as rows, the transpose of
 * the orthogonal matrix that leads there.
 */
const tridiagonal = (a: Float64Array, n: number, d: Float64Array, e: Float64Array): Float64Array => {
  const reflectors = new Float64Array(n * n)
  const tau = new Float64Array(n)
  const y = new Float64Array(n)
  for (let k = 0; k < n - 1; k++) {
    const v = reflectors.subarray(k * n, k * n + n)
    for (let i = k + 1; i < n; i++) v[i] = a[i * n + k] as number
    const t = makeReflector(v, k + 1, n)
    d[k] = a[k * n + k] as number
    e[k] = v[k + 1] as number
    tau[k] = t
    if (t !== 0) {
      v[k + 1] = 1
      reflectBothSides(a, n, k + 1, v, y, t)
    }
  }
  if (n > 0) d[n - 1] = a[n * n - 1] as number
  const stride = strideOf(n)
  const z = new Float64Array(n * stride)
  for (let i = 0; i < n; i++) z[i * stride + i] = 1
  // H₀ H₁ … as rows of its transpose: each row is reflected like a column of the product.
  for (let k = n - 2; k >= 0; k--)
    reflectRows(z, stride, k + 1, n, reflectors, k * n + k + 1, k + 1, n, tau[k] as number)
  return z
}

/** A ← H A H on the lower triangle from one row on: A − v wᵀ − w vᵀ. Two rows at a time, so that v and w are read once. */
const reflectBothSides = (
  a: Float64Array,
  n: number,
  from: number,
  v: Float64Array,
  w: Float64Array,
  tau: number
): void => {
  productWith(a, n, from, v, w)
  let along = 0
  for (let i = from; i < n; i++) {
    const wi = tau * (w[i] as number)
    w[i] = wi
    along += wi * (v[i] as number)
  }
  const half = (tau * along) / 2
  for (let i = from; i < n; i++) w[i] = (w[i] as number) - half * (v[i] as number)
  for (let i = n - 2; i >= from - 1; i -= 2) {
    const upper = i * n
    const lower = upper + n
    const [v0, w0, v1, w1] = [v[i] as number, w[i] as number, v[i + 1] as number, w[i + 1] as number]
    for (let j = from; j <= i; j++) {
      const vj = v[j] as number
      const wj = w[j] as number
      a[upper + j] = (a[upper + j] as number) - v0 * wj - w0 * vj
      a[lower + j] = (a[lower + j] as number) - v1 * wj - w1 * vj
    }
    a[lower + i + 1] = (a[lower + i + 1] as number) - 2 * v1 * w1
  }
}

/** w ← A v for a symmetric matrix of which the lower triangle from one row and column on is known. */
const productWith = (a: Float64Array, n: number, from: number, v: Float64Array, w: Float64Array): void => {
  w.fill(0, from)
  for (let i = n - 2; i >= from - 1; i -= 2) {
    const upper = i * n
    const lower = upper + n
    const v0 = i < from ? 0 : (v[i] as number)
    const v1 = v[i + 1] as number
    let s0 = 0
    let s1 = 0
    for (let j = from; j < i; j++) {
      const x0 = a[upper + j] as number
      const x1 = a[lower + j] as number
      const vj = v[j] as number
      s0 += x0 * vj
      s1 += x1 * vj
      w[j] = (w[j] as number) + x0 * v0 + x1 * v1
    }
    const corner = a[lower + i + 1] as number
    if (i >= from) {
      const beside = a[lower + i] as number
      w[i] = (w[i] as number) + s0 + (a[upper + i] as number) * v0 + beside * v1
      s1 += beside * v0
    }
    w[i + 1] = (w[i + 1] as number) + s1 + corner * v1
  }
}

/** Whether what stands beside the diagonal at i counts as nothing. */
const isNegligible = (d: Float64Array, e: Float64Array, i: number): boolean => {
  const size = Math.abs(e[i] as number)
  const around = Math.sqrt(Math.abs(d[i] as number)) * Math.sqrt(Math.abs(d[i + 1] as number))
  return size <= Number.EPSILON * around || size * size <= LEAST
}

/** The implicit QL and QR sweeps of a tridiagonal matrix, turning the rows of z along; false when they do not end. */
const diagonalize = (d: Float64Array, e: Float64Array, z: Float64Array, n: number): boolean => {
  let sweeps = MOST_SWEEPS * n
  const c = new Float64Array(n)
  const s = new Float64Array(n)
  let first = 0
  while (first < n - 1) {
    if (isNegligible(d, e, first)) {
      e[first] = 0
      first++
      continue
    }
    let last = first + 1
    while (last < n - 1 && !isNegligible(d, e, last)) last++
    if (last < n - 1) e[last] = 0
    if (sweeps-- === 0) return false
    // Towards the smaller end, so that a graded matrix keeps its small eigenvalues.
    const isUp = Math.abs(d[first] as number) <= Math.abs(d[last] as number)
    const [from, to] = isUp ? sweepUp(d, e, first, last, c, s) : sweepDown(d, e, first, last, c, s)
    turnRows(z, strideOf(n), from, to, c, s, isUp)
  }
  return true
}

/** Wilkinson's shift from the corner p with its neighbour q, so that p − shift is given. */
const shifted = (d: Float64Array, beside: number, p: number, q: number): number => {
  const dp = d[p] as number
  const half = ((d[q] as number) - dp) / (2 * beside)
  // Where the quotient overflows the shift is the corner itself.
  const root = Math.sqrt(half * half + 1)
  return dp - beside / (half + (half >= 0 ? root : -root))
}

/** A sweep from the last row to the first; which rows it turned, by the angles it left. */
const sweepUp = (
  d: Float64Array,
  e: Float64Array,
  first: number,
  last: number,
  cosines: Float64Array,
  sines: Float64Array
): readonly [from: number, to: number] => {
  let g = (d[last] as number) - shifted(d, e[first] as number, first, first + 1)
  let s = 1
  let c = 1
  let p = 0
  for (let i = last - 1; i >= first; i--) {
    const f = s * (e[i] as number)
    const b = c * (e[i] as number)
    const r = lengthOf(f, g)
    e[i + 1] = r
    if (r === 0) {
      d[i + 1] = (d[i + 1] as number) - p
      e[last] = 0
      return [i + 1, last]
    }
    s = f / r
    c = g / r
    g = (d[i + 1] as number) - p
    const t = ((d[i] as number) - g) * s + 2 * c * b
    p = s * t
    d[i + 1] = g + p
    g = c * t - b
    cosines[i] = c
    sines[i] = s
  }
  d[first] = (d[first] as number) - p
  e[first] = g
  e[last] = 0
  return [first, last]
}

/** The same from the first row to the last. */
const sweepDown = (
  d: Float64Array,
  e: Float64Array,
  first: number,
  last: number,
  cosines: Float64Array,
  sines: Float64Array
): readonly [from: number, to: number] => {
  let g = (d[first] as number) - shifted(d, e[last - 1] as number, last, last - 1)
  let s = 1
  let c = 1
  let p = 0
  for (let i = first; i < last; i++) {
    const f = s * (e[i] as number)
    const b = c * (e[i] as number)
    const r = lengthOf(f, g)
    if (i > first) e[i - 1] = r
    if (r === 0) {
      d[i] = (d[i] as number) - p
      return [first, i]
    }
    s = f / r
    c = g / r
    g = (d[i] as number) - p
    const t = ((d[i + 1] as number) - g) * s + 2 * c * b
    p = s * t
    d[i] = g + p
    g = c * t - b
    cosines[i] = c
    sines[i] = s
  }
  d[last] = (d[last] as number) - p
  e[last - 1] = g
  return [first, last]
}

const sorted = (d: Float64Array, z: Float64Array, n: number, scale: number): Eigen => {
  const order = Array.from(d, (_, i) => i).sort((i, j) => (d[i] as number) - (d[j] as number))
  const values = Float64Array.from(order, (i) => (d[i] as number) * scale)
  const rows = new Float64Array(n * n)
  order.forEach((i, place) => rows.set(z.subarray(i * strideOf(n), i * strideOf(n) + n), place * n))
  return { values, vectors: transposed(rows, n, n) }
}
