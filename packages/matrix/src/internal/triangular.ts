import { type Expr, type Operand, opaque, shapeOf } from '@gradchain/core'
import { called } from './called.js'
import { type Folding, fromRows, rowsAlong } from './folding.js'
import { computed, matricesOf, squaresOf } from './matrices.js'
import { wideDtype } from './wideDtype.js'

/** The matrices with zeros below their diagonals. */
export const upper = (x: Operand): Expr => {
  const n = shapeOf(x).at(-1) as number
  const dtype = wideDtype(x)
  return opaque(
    called('upper', ({ data }) => {
      const out = dtype === 'float64' ? Float64Array.from(data) : Float32Array.from(data)
      for (let at = 0; at < out.length; at += n) {
        const row = (at / n) % n
        out.fill(0, at, at + row)
      }
      return out
    }),
    [x],
    { like: x }
  )
}

/** An array multiplied along one of its axes by Q⁻ᵀ, for an upper triangular Q: Qᵀ Y = X. */
export const solvedAlong = (owner: string, x: Operand, folding: Folding, axis: number, q: Operand): Operand => {
  const matrices = matricesOf(owner, 'probe', rowsAlong(x, folding, axis))
  const { rows, columns } = matrices
  const [solved] = computed(
    'solveTriangular',
    [matrices, squaresOf(owner, 'q', q)],
    [[rows, columns]],
    (given, factor) => {
      const [y, u] = [given as Float64Array, factor as Float64Array]
      for (let i = 0; i < rows; i++) {
        const at = i * columns
        for (let k = 0; k < i; k++) {
          const weight = u[k * rows + i] as number
          if (weight === 0) continue
          for (let j = 0; j < columns; j++) y[at + j] = (y[at + j] as number) - weight * (y[k * columns + j] as number)
        }
        const pivot = u[i * rows + i] as number
        for (let j = 0; j < columns; j++) y[at + j] = (y[at + j] as number) / pivot
      }
      return [y]
    }
  )
  return fromRows(solved, folding, axis, x)
}

/** A lower bound of the spectral norm of each of a stack of symmetric matrices, `[…, 1, 1]`: two steps of the power iteration from its longest row. */
export const normLowerBound = (owner: string, x: Operand): Expr => {
  const matrices = squaresOf(owner, 'terms', x)
  const n = matrices.rows
  const [bound] = computed('lowerBound', [matrices], [[1, 1]], (a) => [
    Float64Array.of(lowerBoundOf(a as Float64Array, n))
  ])
  return bound as Expr
}

const lowerBoundOf = (a: Float64Array, n: number): number => {
  const most = a.reduce((found, value) => (Number.isNaN(value) ? NaN : Math.max(found, Math.abs(value))), 0)
  if (!(most > 0)) return most
  const scaled = a.map((value) => value / most)
  let [longest, row] = [-1, 0]
  for (let i = 0; i < n; i++) {
    const length = sumOfSquares(scaled.subarray(i * n, i * n + n))
    if (length > longest) [longest, row] = [length, i]
  }
  const first = times(scaled, scaled.subarray(row * n, row * n + n), n)
  const size = Math.sqrt(sumOfSquares(first))
  return (
    most *
    Math.sqrt(
      sumOfSquares(
        times(
          scaled,
          first.map((value) => value / size),
          n
        )
      )
    )
  )
}

const sumOfSquares = (x: Float64Array): number => x.reduce((total, value) => total + value * value, 0)

const times = (a: Float64Array, x: Float64Array, n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => {
    let total = 0
    for (let j = 0; j < n; j++) total += (a[i * n + j] as number) * (x[j] as number)
    return total
  })
