import {
  broadcast,
  castLike,
  check,
  force,
  type Given,
  InvalidOption,
  InvalidTree,
  type Key,
  keyOrSeed,
  type Like,
  nonNegative,
  type Operand,
  positiveInteger,
  random,
  read,
  reshape,
  shapeOf,
  show,
  sum,
  type Tree,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { computed, matricesOf, squaresOf } from '../internal/matrices.js'
import { dominantOf, powerIterationOf, startOf } from '../internal/powerIterationOf.js'

/** Options of {@link powerIteration}. */
export interface PowerIterationOptions {
  /** The vector to begin with, of length n; for a function, a tree as it takes. @defaultValue uniform between −1 and 1, drawn from the key */
  readonly v0?: Operand | undefined
  /** How many steps are taken at the most, a whole number ≥ 1. @defaultValue `100` */
  readonly numIters?: number
  /** The relative error at which the iteration ends, finite and ≥ 0. @defaultValue `1e-6` */
  readonly errorTolerance?: number
  /** The key, or its seed, that v0 is drawn from. @defaultValue `0` */
  readonly key?: Key | number
}

/** What {@link powerIteration} gives of a matrix. */
export interface PowerIterationResult {
  /** The eigenvalue λ of largest magnitude. A number, or one for each matrix of a stack. */
  readonly value: Value
  /** Its eigenvector v, of length 1. */
  readonly vector: Value
}

/**
 * The eigenvalue of largest magnitude and its eigenvector: of a square matrix, of each of a stack of them, or of a function that
 * multiplies a tree by a matrix, such as a product with a Hessian.
 *
 *     v₀ ← v₀ / ‖v₀‖        z ← A v₀        v ← z / ‖z‖        z ← A v        λ = ⟨v, z⟩        again from z, until ‖z − λ v‖ / |λ| < errorTolerance
 *
 * and v = z / ‖z‖ at the end. It converges by the ratio of the two largest magnitudes at each step; where they are the same, or the matrix
 * has no basis of eigenvectors, it need not. A vector that is mapped to 0 has the eigenvalue 0. With NaN or infinity in A all of
 * the result is NaN, as it is from a v₀ of zeros.
 *
 * Shapes: A is `[…, n, n]`, λ `[…]`, v `[…, n]`. Matrices are multiplied in float64, as an expression like any other. A function is called at
 * once, with trees of arrays of the dtypes of v₀, and so λ is a number and v a tree of arrays.
 *
 * Laws: scaling A scales λ alone; A v is λ v where it has converged; blind to the length of v₀.
 *
 * @example
 * const { value, vector } = powerIteration(ndarray(new Float64Array([3, 0, 0, -1]), [2, 2]))
 * read(value).toFixed(9) // => '3.000000000'
 * force(abs(vector)) // => { dtype: 'float64', shape: [2], data: Float64Array [0.9999…, 2.4…] }
 *
 * const loss = ({ x, y }: { x: Operand; y: Operand }) => add(mul(3, sumSquares(x)), sumSquares(y))
 * const params = { x: new Float32Array([1, 2]), y: 5 }
 * const sharpest = powerIteration((v) => hvp(loss)(params, v), { v0: { x: new Float32Array([1, 0]), y: 1 } })
 * sharpest.value.toFixed(4) // => '6.0000'
 * sharpest.vector.x[0]?.toFixed(4) // => '1.0000'
 *
 * @throws InvalidTree for what is no square matrix, and for a v0 of another length; InvalidOption for a function without v0, and for an
 * option outside its range.
 * @see Golub and Van Loan (2013), section 7.3.1
 */
export function powerIteration(x: Operand, options?: PowerIterationOptions): PowerIterationResult
export function powerIteration<P>(
  product: (v: Like<P>) => NoInfer<Given<P>>,
  options: Omit<PowerIterationOptions, 'v0' | 'key'> & { readonly v0: P }
): { readonly value: number; readonly vector: Like<P> }
export function powerIteration(
  x: Operand | ((v: Tree) => Tree),
  options: Omit<PowerIterationOptions, 'v0'> & { readonly v0?: unknown } = {}
): { readonly value: Value; readonly vector: Tree } {
  const chosen = withDefaults<Required<PowerIterationOptions>>('powerIteration', options as PowerIterationOptions, {
    v0: undefined,
    numIters: 100,
    errorTolerance: 1e-6,
    key: 0
  })
  const { v0, numIters, errorTolerance, key } = chosen
  check('powerIteration', { numIters }, positiveInteger)
  check('powerIteration', { errorTolerance }, nonNegative)
  check('powerIteration', { key }, keyOrSeed)
  if (typeof x === 'function') {
    if (v0 === undefined) throw new InvalidOption('powerIteration: v0 must be given for a function, got undefined')
    return powerIterationOf(spaceOf(x), v0 as Tree, numIters, errorTolerance)
  }
  const matrices = squaresOf('powerIteration', 'x', x)
  const { rows: n, batch, dtype, node } = matrices
  const start = v0 ?? startOf(typeof key === 'number' ? random.key(key) : key, n, dtype)
  const shape = shapeOf(start)
  if (shape.length !== 1 || shape[0] !== n) {
    throw new InvalidTree(`powerIteration: v0 must have shape ${show([n])}, got shape ${show(shape)}`)
  }
  const column = reshape(castLike(start, node), [...batch.map(() => 1), n, 1])
  const starts = matricesOf('powerIteration', 'v0', broadcast(column, [...batch, n, 1]))
  const [value, vector] = computed('powerIteration', [matrices, starts], [[], [n]], (a, v) => {
    const found = dominantOf(a as Float64Array, n, v as Float64Array, numIters, errorTolerance)
    return [Float64Array.of(found.value), found.vector]
  })
  return { value: batch.length === 0 ? sum(value) : value, vector }
}

/** Trees of arrays, and a function that multiplies one by a matrix. */
const spaceOf = (product: (v: Tree) => Tree) => ({
  product: (v: Tree): Tree => force(product(v)),
  norm: (v: Tree): number => read(tree.norm(v)),
  dot: (v: Tree, w: Tree): number => read(tree.vdot(v, w)),
  minus: (v: Tree, c: number, w: Tree): Tree => tree.addScale(v, -c, w),
  scale: (c: number, v: Tree): Tree => force(tree.scale(c, v))
})
