import {
  abs,
  add,
  type DType,
  type Expr,
  force,
  identityMatrix,
  matmul,
  maxOf,
  mul,
  type NdArray,
  ndarray,
  norm,
  type Operand,
  random,
  read,
  sub
} from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import { dominantOf, startOf } from './powerIterationOf.js'
import { scaleOf } from './reflector.js'

/** A⁻¹ᐟᵖ, and by how much the iteration missed the identity at the end. */
export interface InversePthRoot {
  readonly root: Float64Array
  readonly error: number
}

/** How much the error may grow from one step to the next: it does before it falls, at times. */
const MOST_GROWTH = 1.2
/** The least norm that the ridge is relative to. */
const LEAST_NORM = 1e-16

// All that is multiplied is a polynomial of one symmetric matrix: it commutes, and so every product is symmetric.
const product = (a: Operand, b: Operand): Expr => matmul(a, b, { symmetric: true })

const power = (x: Operand, p: number): Operand => {
  if (p === 1) return x
  const half = power(x, Math.floor(p / 2))
  const even = product(half, half)
  return p % 2 === 0 ? even : product(even, x)
}

/** The coupled Newton iteration of a symmetric matrix of n rows. */
export const inversePthRootOf = (
  a: Float64Array,
  n: number,
  p: number,
  dtype: DType,
  options: { readonly numIters: number; readonly ridgeEpsilon: number; readonly errorTolerance: number }
): InversePthRoot => {
  const { numIters, ridgeEpsilon, errorTolerance } = options
  if (n === 0) return { root: a, error: 0 }
  if (Number.isNaN(scaleOf(a))) return { root: a.map(() => NaN), error: NaN }
  const symmetric = a.map((x, i) => x / 2 + (a[(i % n) * n + Math.floor(i / n)] as number) / 2)
  const start = Float64Array.from(startOf(random.key(0), n, dtype).data)
  const largest = dominantOf(symmetric, n, start, 100, 1e-6).value
  const ridge = ridgeEpsilon * Math.max(largest, LEAST_NORM)
  const damped = symmetric.map((x, i) => (i % (n + 1) === 0 ? x + ridge : x))
  if (n === 1) return { root: damped.map((x) => pow(x, -1 / p)), error: 0 }

  const identity = identityMatrix(n, 'float64')
  const distanceOf = (m: Operand): Operand => maxOf(abs(sub(m, identity)))
  const z = (1 + p) / (2 * read(norm(damped)))
  let m: NdArray = ndarray(
    damped.map((x) => x * z),
    [n, n]
  )
  let h = force(mul(identity, pow(z, 1 / p))) as NdArray
  let before = h
  let error = read(distanceOf(m))
  let isFalling = true
  for (let i = 0; i < numIters && error > errorTolerance && isFalling; i++) {
    const factor = add(mul(1 + 1 / p, identity), mul(-1 / p, m))
    const nextM = product(power(factor, p), m)
    const next = force({ m: nextM, h: product(h, factor), error: distanceOf(nextM) }) as {
      readonly m: NdArray
      readonly h: NdArray
      readonly error: number
    }
    isFalling = next.error < error * MOST_GROWTH
    before = h
    ;({ m, h, error } = next)
  }
  return { root: Float64Array.from((isFalling ? h : before).data), error }
}
