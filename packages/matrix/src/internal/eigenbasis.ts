import { type Expr, matmul, type OpaqueFunction, type Operand, opaque, shapeOf } from '@gradchain/core'
import { eighOf } from './eighOf.js'
import { computed, matricesOf, squaresOf } from './matrices.js'
import { qrOf } from './qrOf.js'
import { wideDtype } from './wideDtype.js'

/** The eigenvectors of symmetric matrices as columns, those of the largest eigenvalues first. */
export const eigenbasisOf = (owner: string, x: Operand): Expr => {
  const matrices = squaresOf(owner, 'gg', x)
  const n = matrices.rows
  const [basis] = computed('eigenvectors', [matrices], [[n, n]], (a) => {
    const { vectors } = eighOf(a as Float64Array, n)
    return [vectors.map((_, k) => vectors[k + n - 1 - 2 * (k % n)] as number)]
  })
  return basis as Expr
}

/** A basis that was refreshed. */
export interface Refreshed {
  /** The basis, `[…, n, n]`. */
  readonly basis: Expr
  /** The place at which each of its columns stood before, `[…, n]`. */
  readonly order: Expr
}

/**
 * One step of orthogonal iteration from a basis: its columns are sorted by their Rayleigh quotients, the largest first, multiplied by
 * the matrix and made orthonormal again.
 */
export const refreshedBasis = (owner: string, x: Operand, basis: Operand): Refreshed => {
  const q = squaresOf(owner, 'q', basis)
  const n = q.rows
  const moved = matricesOf(owner, 'q', matmul(x, q.node))
  const [next, order] = computed('orthogonalIteration', [moved, q], [[n, n], [n]], (product, old) => {
    const [a, b] = [product as Float64Array, old as Float64Array]
    const quotients = new Float64Array(n)
    for (let k = 0; k < n * n; k++) {
      quotients[k % n] = (quotients[k % n] as number) + (a[k] as number) * (b[k] as number)
    }
    const places = Float64Array.from(
      Array.from(quotients, (_, i) => i).sort((i, j) => (quotients[j] as number) - (quotients[i] as number))
    )
    const sorted = a.map((_, k) => a[k - (k % n) + (places[k % n] as number)] as number)
    return [qrOf(sorted, n, n, n).q, places]
  })
  return { basis: next as Expr, order: order as Expr }
}

/** An array whose slices along an axis change places, in each of a stack of arrays: slice i is the one that stood at `order[i]`. */
export const reordered = (x: Operand, order: Operand, batch: number, axis: number): Expr => {
  const shape = shapeOf(x)
  const count = shape.slice(0, batch).reduce((n, length) => n * length, 1)
  const outer = shape.slice(batch, batch + axis).reduce((n, length) => n * length, 1)
  const length = shape[batch + axis] as number
  const inner = shape.slice(batch + axis + 1).reduce((n, l) => n * l, 1)
  const reorder: OpaqueFunction = (given, { data: places }) => {
    const data = given.data as Float64Array
    const out = new (wideDtype(x) === 'float64' ? Float64Array : Float32Array)(data.length)
    for (let b = 0; b < count; b++) {
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < length; i++) {
          const to = ((b * outer + o) * length + i) * inner
          const from = ((b * outer + o) * length + (places[b * length + i] as number)) * inner
          out.set(data.subarray(from, from + inner), to)
        }
      }
    }
    return out
  }
  return opaque(reorder, [x, order], { like: x })
}
