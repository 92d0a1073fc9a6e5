// Householder reflections H = I − τ v vᵀ with v₀ = 1, on rows of numbers that lie one after the other.

/**
 * Makes the reflection that maps x to β e₁: puts v in the place of x, with β in the place of its leading 1, and gives τ.
 * β has the sign that does not cancel, opposite to x₀; of a vector that is a multiple of e₁ already, τ is 0.
 */
export const makeReflector = (x: Float64Array, from: number, to: number): number => {
  let largest = 0
  for (let i = from + 1; i < to; i++) {
    const size = Math.abs(x[i] as number)
    if (!(size <= largest)) largest = size
  }
  if (largest === 0) return 0
  // Of numbers scaled to 1 the squares neither overflow nor vanish together.
  const unit = Math.max(largest, Math.abs(x[from] as number))
  const head = (x[from] as number) / unit
  let squares = head * head
  for (let i = from + 1; i < to; i++) {
    const scaled = (x[i] as number) / unit
    squares += scaled * scaled
  }
  const beta = head > 0 ? -Math.sqrt(squares) : Math.sqrt(squares)
  for (let i = from + 1; i < to; i++) x[i] = (x[i] as number) / unit / (head - beta)
  x[from] = beta * unit
  return 1 - head / beta
}

/** Applies a reflection to the columns of a matrix, from one row and column on: A ← A − τ v (vᵀ A), with v counted by rows. */
export const reflectColumns = (
  matrix: Float64Array,
  stride: number,
  firstRow: number,
  lastRow: number,
  v: Float64Array,
  firstColumn: number,
  lastColumn: number,
  tau: number,
  along: Float64Array
): void => {
  if (tau === 0) return
  along.fill(0, firstColumn, lastColumn)
  for (let i = firstRow; i < lastRow; i++) {
    const w = i === firstRow ? 1 : (v[i] as number)
    const row = i * stride
    for (let j = firstColumn; j < lastColumn; j++) along[j] = (along[j] as number) + w * (matrix[row + j] as number)
  }
  for (let i = firstRow; i < lastRow; i++) {
    const w = tau * (i === firstRow ? 1 : (v[i] as number))
    const row = i * stride
    for (let j = firstColumn; j < lastColumn; j++)
      matrix[row + j] = (matrix[row + j] as number) - w * (along[j] as number)
  }
}

/** Applies a reflection to rows of a matrix, each a vector of its own: row ← row − τ (row · v) v, from one column on. */
export const reflectRows = (
  matrix: Float64Array,
  stride: number,
  firstRow: number,
  lastRow: number,
  v: Float64Array,
  at: number,
  from: number,
  to: number,
  tau: number
): void => {
  if (tau === 0) return
  const shift = at - from
  let row = firstRow
  // Four rows at a time, so that v is read once for all of them.
  for (; row + 4 <= lastRow; row += 4) {
    const r0 = row * stride
    const r1 = r0 + stride
    const r2 = r1 + stride
    const r3 = r2 + stride
    let s0 = matrix[r0 + from] as number
    let s1 = matrix[r1 + from] as number
    let s2 = matrix[r2 + from] as number
    let s3 = matrix[r3 + from] as number
    for (let i = from + 1; i < to; i++) {
      const w = v[i + shift] as number
      s0 += (matrix[r0 + i] as number) * w
      s1 += (matrix[r1 + i] as number) * w
      s2 += (matrix[r2 + i] as number) * w
      s3 += (matrix[r3 + i] as number) * w
    }
    s0 *= tau
    s1 *= tau
    s2 *= tau
    s3 *= tau
    matrix[r0 + from] = (matrix[r0 + from] as number) - s0
    matrix[r1 + from] = (matrix[r1 + from] as number) - s1
    matrix[r2 + from] = (matrix[r2 + from] as number) - s2
    matrix[r3 + from] = (matrix[r3 + from] as number) - s3
    for (let i = from + 1; i < to; i++) {
      const w = v[i + shift] as number
      matrix[r0 + i] = (matrix[r0 + i] as number) - s0 * w
      matrix[r1 + i] = (matrix[r1 + i] as number) - s1 * w
      matrix[r2 + i] = (matrix[r2 + i] as number) - s2 * w
      matrix[r3 + i] = (matrix[r3 + i] as number) - s3 * w
    }
  }
  for (; row < lastRow; row++) {
    const r = row * stride
    let s = matrix[r + from] as number
    for (let i = from + 1; i < to; i++) s += (matrix[r + i] as number) * (v[i + shift] as number)
    s *= tau
    matrix[r + from] = (matrix[r + from] as number) - s
    for (let i = from + 1; i < to; i++) matrix[r + i] = (matrix[r + i] as number) - s * (v[i + shift] as number)
  }
}

/** Two reflections that follow one another: the second one's vector begins one place behind that of the first. */
export interface ReflectionPair {
  /** What holds both vectors, each with something else in the place of its leading 1. */
  readonly v: Float64Array
  /** Where they begin. */
  readonly first: number
  readonly second: number
  readonly firstTau: number
  readonly secondTau: number
  /** Whether it is the second one that is applied first. */
  readonly isBackwards: boolean
}

/** Applies two reflections to rows of a matrix, so that rows are read and written once for both of them. */
export const reflectRowsTwice = (
  matrix: Float64Array,
  stride: number,
  firstRow: number,
  lastRow: number,
  { v, first, second, firstTau, secondTau, isBackwards }: ReflectionPair,
  from: number,
  to: number
): void => {
  const start = from + 2
  const p = first - from
  const q = second - from - 1
  let along = v[first + 1] as number
  for (let i = start; i < to; i++) along += (v[i + p] as number) * (v[i + q] as number)
  const head = v[first + 1] as number
  let row = firstRow
  for (; row + 4 <= lastRow; row += 4) {
    const r0 = row * stride
    const r1 = r0 + stride
    const r2 = r1 + stride
    const r3 = r2 + stride
    let t0 = matrix[r0 + from + 1] as number
    let t1 = matrix[r1 + from + 1] as number
    let t2 = matrix[r2 + from + 1] as number
    let t3 = matrix[r3 + from + 1] as number
    let s0 = (matrix[r0 + from] as number) + head * t0
    let s1 = (matrix[r1 + from] as number) + head * t1
    let s2 = (matrix[r2 + from] as number) + head * t2
    let s3 = (matrix[r3 + from] as number) + head * t3
    for (let i = start; i < to; i++) {
      const x = v[i + p] as number
      const y = v[i + q] as number
      const c0 = matrix[r0 + i] as number
      const c1 = matrix[r1 + i] as number
      const c2 = matrix[r2 + i] as number
      const c3 = matrix[r3 + i] as number
      s0 += c0 * x
      t0 += c0 * y
      s1 += c1 * x
      t1 += c1 * y
      s2 += c2 * x
      t2 += c2 * y
      s3 += c3 * x
      t3 += c3 * y
    }
    // The inner product that comes second is that with what the reflection before it left.
    if (isBackwards) {
      t0 *= secondTau
      t1 *= secondTau
      t2 *= secondTau
      t3 *= secondTau
      s0 = firstTau * (s0 - along * t0)
      s1 = firstTau * (s1 - along * t1)
      s2 = firstTau * (s2 - along * t2)
      s3 = firstTau * (s3 - along * t3)
    } else {
      s0 *= firstTau
      s1 *= firstTau
      s2 *= firstTau
      s3 *= firstTau
      t0 = secondTau * (t0 - along * s0)
      t1 = secondTau * (t1 - along * s1)
      t2 = secondTau * (t2 - along * s2)
      t3 = secondTau * (t3 - along * s3)
    }
    matrix[r0 + from] = (matrix[r0 + from] as number) - s0
    matrix[r1 + from] = (matrix[r1 + from] as number) - s1
    matrix[r2 + from] = (matrix[r2 + from] as number) - s2
    matrix[r3 + from] = (matrix[r3 + from] as number) - s3
    matrix[r0 + from + 1] = (matrix[r0 + from + 1] as number) - s0 * head - t0
    matrix[r1 + from + 1] = (matrix[r1 + from + 1] as number) - s1 * head - t1
    matrix[r2 + from + 1] = (matrix[r2 + from + 1] as number) - s2 * head - t2
    matrix[r3 + from + 1] = (matrix[r3 + from + 1] as number) - s3 * head - t3
    for (let i = start; i < to; i++) {
      const x = v[i + p] as number
      const y = v[i + q] as number
      matrix[r0 + i] = (matrix[r0 + i] as number) - s0 * x - t0 * y
      matrix[r1 + i] = (matrix[r1 + i] as number) - s1 * x - t1 * y
      matrix[r2 + i] = (matrix[r2 + i] as number) - s2 * x - t2 * y
      matrix[r3 + i] = (matrix[r3 + i] as number) - s3 * x - t3 * y
    }
  }
  if (isBackwards) reflectRows(matrix, stride, row, lastRow, v, second, from + 1, to, secondTau)
  reflectRows(matrix, stride, row, lastRow, v, first, from, to, firstTau)
  if (!isBackwards) reflectRows(matrix, stride, row, lastRow, v, second, from + 1, to, secondTau)
}

/** √(x² + y²) of numbers that are no larger than the matrix, which was scaled to 1, but may be far smaller. */
export const lengthOf = (x: number, y: number): number => {
  const squares = x * x + y * y
  if (squares > 1e-280) return Math.sqrt(squares)
  const unit = Math.max(Math.abs(x), Math.abs(y))
  if (unit === 0) return 0
  const [a, b] = [x / unit, y / unit]
  return unit * Math.sqrt(a * a + b * b)
}

/** How far apart rows lie: an odd number of cache lines, so that a column does not fall on the same few of them again and again. */
export const strideOf = (n: number): number => 8 * (2 * Math.floor(n / 16) + 1) + (n % 16 > 8 ? 16 : 0)

/**
 * Turns neighbouring rows one pair after the other: rows (i + 1, i) by the i-th angle, from the last pair to the first or
 * from the first to the last; (x, y) ← (c x + s y, c y − s x), where x is the row that comes first on the way.
 *
 * A few columns at a time, so that what one turn leaves for the next never leaves the registers.
 */
export const turnRows = (
  matrix: Float64Array,
  stride: number,
  first: number,
  last: number,
  cosines: Float64Array,
  sines: Float64Array,
  isUp: boolean
): void => {
  const step = isUp ? -stride : stride
  const begin = isUp ? last : first
  const turns = last - first
  let column = 0
  for (; column + 4 <= stride; column += 4) {
    let at = begin * stride + column
    let x0 = matrix[at] as number
    let x1 = matrix[at + 1] as number
    let x2 = matrix[at + 2] as number
    let x3 = matrix[at + 3] as number
    for (let k = 0; k < turns; k++) {
      const i = isUp ? last - 1 - k : first + k
      const c = cosines[i] as number
      const s = sines[i] as number
      const next = at + step
      const y0 = matrix[next] as number
      const y1 = matrix[next + 1] as number
      const y2 = matrix[next + 2] as number
      const y3 = matrix[next + 3] as number
      matrix[at] = c * x0 + s * y0
      matrix[at + 1] = c * x1 + s * y1
      matrix[at + 2] = c * x2 + s * y2
      matrix[at + 3] = c * x3 + s * y3
      x0 = c * y0 - s * x0
      x1 = c * y1 - s * x1
      x2 = c * y2 - s * x2
      x3 = c * y3 - s * x3
      at = next
    }
    matrix[at] = x0
    matrix[at + 1] = x1
    matrix[at + 2] = x2
    matrix[at + 3] = x3
  }
  for (; column < stride; column++) {
    let at = begin * stride + column
    let x = matrix[at] as number
    for (let k = 0; k < turns; k++) {
      const i = isUp ? last - 1 - k : first + k
      const c = cosines[i] as number
      const s = sines[i] as number
      const y = matrix[at + step] as number
      matrix[at] = c * x + s * y
      x = c * y - s * x
      at += step
    }
    matrix[at] = x
  }
}

/** The transpose of a matrix of the given rows and columns. */
export const transposed = (matrix: Float64Array, rows: number, columns: number): Float64Array => {
  const out = new Float64Array(rows * columns)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[j * rows + i] = matrix[i * columns + j] as number
  }
  return out
}

/** A power of two near the largest magnitude, to divide by without rounding; 1 for zeros, NaN where there is NaN or ∞. */
export const scaleOf = (matrix: Float64Array): number => {
  let largest = 0
  for (let i = 0; i < matrix.length; i++) {
    const size = Math.abs(matrix[i] as number)
    if (!(size < Infinity)) return Number.NaN
    if (size > largest) largest = size
  }
  return largest === 0 ? 1 : 2 ** Math.min(1022, Math.floor(Math.log2(largest)))
}
