import { makeReflector, reflectRows, scaleOf, transposed } from './reflector.js'

/** The factors of a matrix of m rows and n columns: Q of m rows and `width` columns, R of `width` rows. */
export interface QrFactors {
  readonly q: Float64Array
  readonly r: Float64Array
}

/** Householder's QR: columns are kept as rows, so that every loop walks along memory. */
export const qrOf = (a: Float64Array, m: number, n: number, width: number): QrFactors => {
  const found = scaleOf(a)
  const scale = Number.isNaN(found) ? 1 : found
  const columns = transposed(a, m, n).map((x) => x / scale)
  const steps = Math.min(m, n)
  const tau = new Float64Array(steps)
  for (let k = 0; k < steps; k++) {
    const at = k * m
    const t = makeReflector(columns.subarray(at, at + m), k, m)
    tau[k] = t
    reflectRows(columns, m, k + 1, n, columns, at + k, k, m, t)
  }
  const r = new Float64Array(width * n)
  for (let i = 0; i < width; i++) {
    for (let j = i; j < n; j++) r[i * n + j] = (columns[j * m + i] as number) * scale
  }
  const q = new Float64Array(width * m)
  for (let i = 0; i < width; i++) q[i * m + i] = 1
  // Columns before k are still those of the identity where the reflection acts: they need no work.
  for (let k = steps - 1; k >= 0; k--) reflectRows(q, m, k, width, columns, k * m + k, k, m, tau[k] as number)
  return { q: transposed(q, width, m), r }
}
