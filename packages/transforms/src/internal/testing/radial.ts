import { type GradientTransformation, ndarray, step } from '@gradchain/core'
import { expect } from 'vitest'

const numbers = (n: number, f: (k: number) => number): Float64Array<ArrayBuffer> =>
  Float64Array.from({ length: n }, (_, k) => f(k))

/** The gradients at step t: of three steps one lies nearly across the whole matrix, one nearly across each of its rows. */
const gradientAt = (t: number, matrix: Float64Array): Float64Array<ArrayBuffer> => {
  const g = numbers(12, (k) => 0.5 * Math.cos(t + 0.3 * k))
  const length = [3, 12, 0][t % 3] as number
  for (let from = 0; length > 0 && from < 12; from += length) {
    const own = matrix.subarray(from, from + length)
    const norm = Math.hypot(...own)
    const along = own.reduce((sum, p, i) => sum + (p / norm) * (g[from + i] as number), 0)
    own.forEach((p, i) => {
      g[from + i] = (g[from + i] as number) - (0.999 * p * along) / norm
    })
  }
  return g
}

/**
 * Compares two elements of a matrix and one of a vector with what is wanted after some of ten steps. The matrix of 4 × 3 begins at
 * sin(1 + k), the vector at ½, −1, 2; gradients are ½ cos(t + 0.3 k), less 0.999 of what is along the matrix at t = 1, 4, 7, 10, along
 * each row at t = 3, 6, 9.
 */
export const expectRadialCourse = <S>(
  tx: GradientTransformation<S>,
  wanted: Readonly<Record<number, readonly number[]>>
): void => {
  let params = {
    w: ndarray(
      numbers(12, (k) => Math.sin(1 + k)),
      [4, 3]
    ),
    b: Float64Array.of(0.5, -1, 2)
  }
  let state = tx.init(params)
  for (let t = 1; t <= 10; t++) {
    const grads = {
      w: ndarray(gradientAt(t, params.w.data), [4, 3]),
      b: numbers(3, (k) => 0.5 * Math.cos(t + 0.3 * k))
    }
    ;[params, state] = step(tx, grads, state, params)
    const found = [params.w.data[0], params.w.data[11], params.b[1]]
    wanted[t]?.forEach((x, i) => {
      expect(Math.abs((found[i] as number) - x)).toBeLessThan(1e-13)
    })
  }
}
