import { makeReflector, type ReflectionPair, reflectRows, reflectRowsTwice, scaleOf, transposed } from './reflector.js'

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
  const factor = (k: number): void => {
    tau[k] = makeReflector(columns.subarray(k * m, k * m + m), k, m)
  }
  const pairOf = (k: number, isBackwards: boolean): ReflectionPair => ({
    v: columns,
    first: k * m + k,
    second: (k + 1) * m + k + 1,
    firstTau: tau[k] as number,
    secondTau: tau[k + 1] as number,
    isBackwards
  })
  let k = 0
  for (; k + 1 < steps; k += 2) {
    factor(k)
    reflectRows(columns, m, k + 1, k + 2, columns, k * m + k, k, m, tau[k] as number)
    factor(k + 1)
    reflectRowsTwice(columns, m, k + 2, n, pairOf(k, false), k, m)
  }
  if (k < steps) {
    factor(k)
    reflectRows(columns, m, k + 1, n, columns, k * m + k, k, m, tau[k] as number)
  }
  const r = new Float64Array(width * n)
  for (let i = 0; i < width; i++) {
    for (let j = i; j < n; j++) r[i * n + j] = (columns[j * m + i] as number) * scale
  }
  const q = new Float64Array(width * m)
  for (let i = 0; i < width; i++) q[i * m + i] = 1
  // Columns before k are still those of the identity where the reflection acts: they need no work.
  if (k < steps) reflectRows(q, m, k, width, columns, k * m + k, k, m, tau[k] as number)
  for (k -= 2; k >= 0; k -= 2) reflectRowsTwice(q, m, k, width, pairOf(k, true), k, m)
  return { q: transposed(q, width, m), r }
}
