import {
  lengthOf,
  makeReflector,
  reflectColumns,
  reflectRows,
  scaleOf,
  strideOf,
  transposed,
  turnRows
} from './reflector.js'

/** A = U diag(s) Vᵀ: U of m rows, Vᵀ of n columns, and min(m, n) singular values between them, the largest first. */
export interface SvdFactors {
  readonly u: Float64Array
  readonly s: Float64Array
  readonly vt: Float64Array
}

/** How many sweeps a singular value may take, on average: far more than any has been seen to take. */
const MOST_SWEEPS = 60
const LEAST = 2 ** -511

/** The singular value decomposition of a matrix of m rows and n columns; all NaN where there is NaN or ∞. */
export const svdOf = (a: Float64Array, m: number, n: number): SvdFactors => {
  if (m < n) {
    const { u, s, vt } = svdOf(transposed(a, m, n), n, m)
    return { u: transposed(vt, m, m), s, vt: transposed(u, n, m) }
  }
  const scale = scaleOf(a)
  const work = a.map((x) => x / scale)
  const { d, e, ut, vt } = bidiagonal(work, m, n)
  if (Number.isNaN(scale) || !diagonalize(d, e, ut, vt, m, n)) {
    return { u: new Float64Array(m * n).fill(NaN), s: d.fill(NaN), vt: new Float64Array(n * n).fill(NaN) }
  }
  return sorted(d, ut, vt, m, n, scale)
}

interface Bidiagonal {
  readonly d: Float64Array
  readonly e: Float64Array
  /** The columns of U as rows. */
  readonly ut: Float64Array
  /** The columns of V as rows. */
  readonly vt: Float64Array
}

const bidiagonal = (a: Float64Array, m: number, n: number): Bidiagonal => {
  const d = new Float64Array(n)
  const e = new Float64Array(n)
  const lefts = new Float64Array(n * m)
  const rights = new Float64Array(n * n)
  const leftTau = new Float64Array(n)
  const rightTau = new Float64Array(n)
  const along = new Float64Array(n)
  for (let k = 0; k < n; k++) {
    const v = lefts.subarray(k * m, k * m + m)
    for (let i = k; i < m; i++) v[i] = a[i * n + k] as number
    const t = makeReflector(v, k, m)
    leftTau[k] = t
    d[k] = v[k] as number
    reflectColumns(a, n, k, m, v, k + 1, n, t, along)
    if (k + 1 >= n) continue
    const w = rights.subarray(k * n, k * n + n)
    for (let j = k + 1; j < n; j++) w[j] = a[k * n + j] as number
    const r = makeReflector(w, k + 1, n)
    rightTau[k] = r
    e[k] = w[k + 1] as number
    reflectRows(a, n, k + 1, m, rights, k * n + k + 1, k + 1, n, r)
  }
  const uStride = strideOf(m)
  const vStride = strideOf(n)
  const ut = new Float64Array(n * uStride)
  const vt = new Float64Array(n * vStride)
  for (let i = 0; i < n; i++) {
    ut[i * uStride + i] = 1
    vt[i * vStride + i] = 1
  }
  for (let k = n - 1; k >= 0; k--) {
    reflectRows(ut, uStride, k, n, lefts, k * m + k, k, m, leftTau[k] as number)
    if (k + 1 < n) reflectRows(vt, vStride, k + 1, n, rights, k * n + k + 1, k + 1, n, rightTau[k] as number)
  }
  return { d, e, ut, vt }
}

/** The angles of one sweep, for the rows of either side. */
interface Angles {
  readonly c: Float64Array
  readonly s: Float64Array
}

/** The implicit QR sweeps of Golub and Kahan, without a shift where the matrix is nearly singular; false when they do not end. */
const diagonalize = (
  d: Float64Array,
  e: Float64Array,
  ut: Float64Array,
  vt: Float64Array,
  m: number,
  n: number
): boolean => {
  const near: Angles = { c: new Float64Array(n), s: new Float64Array(n) }
  const far: Angles = { c: new Float64Array(n), s: new Float64Array(n) }
  const isNegligible = (i: number): boolean =>
    Math.abs(e[i] as number) <= Number.EPSILON * (Math.abs(d[i] as number) + Math.abs(d[i + 1] as number)) + LEAST
  let sweeps = MOST_SWEEPS * n
  let last = n - 1
  while (last > 0) {
    if (isNegligible(last - 1)) {
      e[last - 1] = 0
      last--
      continue
    }
    let first = last - 1
    while (first > 0 && !isNegligible(first - 1)) first--
    if (first > 0) e[first - 1] = 0
    if (sweeps-- === 0) return false
    const isUp = Math.abs(d[last] as number) > Math.abs(d[first] as number)
    const shift = shiftOf(d, e, first, last, isUp)
    if (isUp) sweepUp(d, e, first, last, shift, near, far)
    else sweepDown(d, e, first, last, shift, near, far)
    // Downwards, what mixes columns comes first and belongs to V; upwards it is the other way round.
    const [left, right] = isUp ? [near, far] : [far, near]
    turnRows(vt, strideOf(n), first, last, right.c, right.s, isUp)
    turnRows(ut, strideOf(m), first, last, left.c, left.s, isUp)
  }
  return true
}

/** The smaller singular value of the 2 × 2 matrix at the end that is swept to; 0 where a shift would only do harm. */
const shiftOf = (d: Float64Array, e: Float64Array, first: number, last: number, isUp: boolean): number => {
  let least = Infinity
  let most = 0
  for (let i = first; i <= last; i++) {
    const size = Math.abs(d[i] as number)
    if (size < least) least = size
    if (size > most) most = size
    if (i < last) most = Math.max(most, Math.abs(e[i] as number))
  }
  if (least * (last - first + 1) <= Number.EPSILON * most) return 0
  const i = isUp ? first : last - 1
  const shift = smallerSingular(Math.abs(d[i] as number), Math.abs(e[i] as number), Math.abs(d[i + 1] as number))
  const start = Math.abs(d[isUp ? last : first] as number)
  const share = shift / start
  return share * share < Number.EPSILON ? 0 : shift
}

/** The smaller singular value of [[f, g], [0, h]]. */
const smallerSingular = (f: number, g: number, h: number): number => {
  const small = Math.min(f, h)
  const large = Math.max(f, h)
  if (small === 0) return 0
  const sum = 1 + small / large
  const difference = (large - small) / large
  if (g < large) {
    const ratio = g / large
    const square = ratio * ratio
    return (2 * small) / (Math.sqrt(sum * sum + square) + Math.sqrt(difference * difference + square))
  }
  const ratio = large / g
  if (ratio === 0) return (small * large) / g
  const [a, b] = [sum * ratio, difference * ratio]
  return (2 * small * ratio) / (Math.sqrt(1 + a * a) + Math.sqrt(1 + b * b))
}

/** The start of a sweep with a shift, as a vector whose direction alone counts. */
const startOf = (d: number, shift: number): number => (Math.abs(d) - shift) * ((d < 0 ? -1 : 1) + shift / d)

const sweepDown = (
  d: Float64Array,
  e: Float64Array,
  first: number,
  last: number,
  shift: number,
  near: Angles,
  far: Angles
): void => {
  let f = shift === 0 ? (d[first] as number) : startOf(d[first] as number, shift)
  let g = e[first] as number
  for (let i = first; i < last; i++) {
    const r = lengthOf(f, g)
    const c = r === 0 ? 1 : f / r
    const s = r === 0 ? 0 : g / r
    near.c[i] = c
    near.s[i] = s
    if (i > first) e[i - 1] = r
    f = c * (d[i] as number) + s * (e[i] as number)
    e[i] = c * (e[i] as number) - s * (d[i] as number)
    g = s * (d[i + 1] as number)
    d[i + 1] = c * (d[i + 1] as number)
    const q = lengthOf(f, g)
    const k = q === 0 ? 1 : f / q
    const t = q === 0 ? 0 : g / q
    far.c[i] = k
    far.s[i] = t
    d[i] = q
    f = k * (e[i] as number) + t * (d[i + 1] as number)
    d[i + 1] = k * (d[i + 1] as number) - t * (e[i] as number)
    if (i + 1 < last) {
      g = t * (e[i + 1] as number)
      e[i + 1] = k * (e[i + 1] as number)
    }
  }
  e[last - 1] = f
}

const sweepUp = (
  d: Float64Array,
  e: Float64Array,
  first: number,
  last: number,
  shift: number,
  near: Angles,
  far: Angles
): void => {
  let f = shift === 0 ? (d[last] as number) : startOf(d[last] as number, shift)
  let g = e[last - 1] as number
  for (let i = last; i > first; i--) {
    const r = lengthOf(f, g)
    const c = r === 0 ? 1 : f / r
    const s = r === 0 ? 0 : g / r
    near.c[i - 1] = c
    near.s[i - 1] = s
    if (i < last) e[i] = r
    f = c * (d[i] as number) + s * (e[i - 1] as number)
    e[i - 1] = c * (e[i - 1] as number) - s * (d[i] as number)
    g = s * (d[i - 1] as number)
    d[i - 1] = c * (d[i - 1] as number)
    const q = lengthOf(f, g)
    const k = q === 0 ? 1 : f / q
    const t = q === 0 ? 0 : g / q
    far.c[i - 1] = k
    far.s[i - 1] = t
    d[i] = q
    f = k * (e[i - 1] as number) + t * (d[i - 1] as number)
    d[i - 1] = k * (d[i - 1] as number) - t * (e[i - 1] as number)
    if (i - 1 > first) {
      g = t * (e[i - 2] as number)
      e[i - 2] = k * (e[i - 2] as number)
    }
  }
  e[first] = f
}

const sorted = (
  d: Float64Array,
  ut: Float64Array,
  vt: Float64Array,
  m: number,
  n: number,
  scale: number
): SvdFactors => {
  const order = Array.from(d, (_, i) => i).sort((i, j) => Math.abs(d[j] as number) - Math.abs(d[i] as number))
  const u = new Float64Array(m * n)
  const right = new Float64Array(n * n)
  order.forEach((from, place) => {
    const sign = (d[from] as number) < 0 ? -1 : 1
    for (let i = 0; i < m; i++) u[i * n + place] = ut[from * strideOf(m) + i] as number
    for (let j = 0; j < n; j++) right[place * n + j] = sign * (vt[from * strideOf(n) + j] as number)
  })
  return { u, s: Float64Array.from(order, (i) => Math.abs(d[i] as number) * scale), vt: right }
}
