import {
  abs,
  add,
  broadcast,
  type DType,
  div,
  type Expr,
  identityMatrix,
  matmul,
  max,
  maxOf,
  mul,
  type Operand,
  reshape,
  rsqrt,
  square,
  sum,
  transpose,
  type Value,
  withDefaults
} from '@gradchain/core'
import { svd } from '../decompositions/svd.js'
import type { Coefficients, Quintic } from '../internal/coefficients.js'
import { matricesOf } from '../internal/matrices.js'
import { ORTHOGONALIZATION, type Orthogonalization, orthogonalizationOf } from '../internal/orthogonalization.js'
import { byLargest, lengthOf, orOne, spread } from '../internal/stacks.js'

/** Options of {@link orthogonalize}. */
export interface OrthogonalizeOptions {
  /**
   * How: `'newtonSchulz'`, an odd polynomial of degree 5 applied again and again; `'polarExpress'`, the same with the coefficients
   * that are best for each step; `'svd'`, exactly. @defaultValue `'newtonSchulz'`
   */
  readonly method?: 'newtonSchulz' | 'polarExpress' | 'svd'
  /** How many times the polynomial is applied, a whole number ≥ 1. @defaultValue `5` */
  readonly steps?: number
  /**
   * The coefficients a, b, c: one triple for all steps, or one for each (the last is repeated); `'jordan'` is
   * (3.4445, −4.775, 2.0315), `'dion'` five triples, `'polarExpress'` eight and `'polarExpressSafer'` eight with a larger margin. Of method `'newtonSchulz'` alone. @defaultValue `'jordan'`
   */
  readonly coefficients?: Coefficients | undefined
  /**
   * By what the matrix is divided first, so that its singular values are at most 1: its `'frobenius'` norm; its `'spectral'` norm, which
   * takes a singular value decomposition; `'schatten'`, the Schatten 4-norm, and `'aol'`, row by row, which come with the first
   * step at no cost. @defaultValue `'frobenius'`
   */
  readonly preconditioning?: 'frobenius' | 'spectral' | 'aol' | 'schatten'
  /** Added to that norm, or its least value for `'aol'` and `'schatten'`; finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /**
   * Whether to iterate on X Xᵀ, which is small where the matrix is long: half the work at 1 : 4. It is squares of singular values that are
   * iterated on then, which costs digits: in float32, of matrices of 32 × 128 and 256 × 1024 with singular values down to 1e-4 of
   * the largest, what became of each was off by at most 4e-4 of itself, and by 3e-5 without. @defaultValue `false`
   */
  readonly gram?: boolean
}

/**
 * The orthogonal factor of a matrix, or of each of a stack of them: U Vᵀ where A = U Σ Vᵀ, as nearly as asked for.
 *
 * With X₀ = A / (‖A‖ + eps), transposed where A is taller than wide, and for each step with its coefficients
 *
 *     G = X Xᵀ        X ← a X + (b G + c G²) X
 *
 * Shapes: A is `[…, m, n]`, and so is the result. Every singular value σ of X₀ becomes p(p(…p(σ))) with p(σ) = a σ + b σ³ + c σ⁵, its
 * singular vectors stay. The default coefficients do not converge: they lift small singular values as fast as possible and leave
 * all of them about 1: between 0.68 and 1.21 what was above 0.002, below 1.14 what was above 0.01. Those of `'polarExpress'` do converge, to within 1e-3 after 7 steps
 * from 0.001 on. Singular values of 0 stay 0: of zeros the result is zeros. NaN makes its whole matrix NaN.
 *
 * Laws: odd; blind to the scale of A when eps = 0; commutes with the transpose and with rotations from either side; the exact one is
 * idempotent.
 *
 * Optax makes fewer steps with a list of coefficients that is shorter than `ns_steps` and refuses a longer one; here the last triple is
 * repeated, and what is too much is left out, as timm does.
 *
 * @example
 * const a = ndarray(new Float64Array([3, 0, 0, -0.1]), [2, 2])
 * force(orthogonalize(a, { method: 'svd' })) // => { dtype: 'float64', shape: [2, 2], data: Float64Array [1, 0, 0, -1] }
 * force(orthogonalize(a)) // => { dtype: 'float64', shape: [2, 2], data: Float64Array [0.69…, 0, 0, -1.12…] }
 *
 * @throws InvalidTree for what is no matrix; InvalidOption for an option outside its range, and for coefficients of a method that has
 * its own.
 * @see Jordan (2024), {@link https://kellerjordan.github.io/posts/muon}; Amsel et al. (2025), The Polar Express: Optimal Matrix
 * Sign Methods and Their Application to the Muon Algorithm, for `'polarExpress'`, {@link https://arxiv.org/abs/2505.16932};
 * Boissin et al. (2025), Turbo-Muon: Accelerating Orthogonality-Based Optimization with Pre-Conditioning, for `'aol'`,
 * {@link https://arxiv.org/abs/2512.04632}
 */
export const orthogonalize = (x: Operand, options: OrthogonalizeOptions = {}): Value =>
  orthogonalized(
    'orthogonalize',
    x,
    orthogonalizationOf(
      'orthogonalize',
      withDefaults<Required<OrthogonalizeOptions>>('orthogonalize', options, ORTHOGONALIZATION)
    )
  )

/** The orthogonal factors, with options that were checked. */
export const orthogonalized = (
  owner: string,
  x: Operand,
  { method, quintics, preconditioning, eps, gram }: Orthogonalization
): Value => {
  const { node, batch, rows, columns } = matricesOf(owner, 'x', x)
  if (rows === 0 || columns === 0) return node
  if (method === 'svd') {
    const { u, vt } = svd(node)
    return matmul(u, vt)
  }
  const isTall = rows > columns
  const wide = isTall ? transpose(node) : node
  const [m, n] = isTall ? [columns, rows] : [rows, columns]
  const iterated = (gram ? iterateGram : iterate)(wide, { batch, m, n }, quintics, preconditioning, eps)
  return isTall ? transpose(iterated) : iterated
}

/** The form of the matrices that are iterated on: no taller than wide. */
interface Form {
  readonly batch: readonly number[]
  readonly m: number
  readonly n: number
}

/** The smallest number of a dtype whose root can be divided by. */
const leastDivisor = (dtype: DType): number => (dtype === 'float64' ? 2 ** -1022 : 2 ** -126)

type Preconditioning = Orthogonalization['preconditioning']

const gramOf = (x: Expr): Expr => matmul(x, x, { transposeB: true })

const squared = (g: Expr): Expr => matmul(g, g, { symmetric: true })

/** b G + c G² */
const tail = (g: Expr, [, b, c]: Quintic): Expr => add(mul(b, g), mul(c, squared(g))) as Expr

const iterate = (
  x: Expr,
  form: Form,
  quintics: readonly Quintic[],
  preconditioning: Preconditioning,
  eps: number
): Expr => {
  let { current, g } = prepared(x, form, preconditioning, eps)
  for (const quintic of quintics) {
    g ??= gramOf(current)
    current = add(mul(quintic[0], current), matmul(tail(g, quintic), current)) as Expr
    g = null
  }
  return current
}

/** The same polynomials of G alone, gathered in one matrix P with which X is multiplied at the end. */
const iterateGram = (
  x: Expr,
  form: Form,
  quintics: readonly Quintic[],
  preconditioning: Preconditioning,
  eps: number
): Expr => {
  const { current, g: first } = prepared(x, form, preconditioning, eps)
  let g = first ?? gramOf(current)
  const identity = stretched(identityMatrix(form.m, g.dtype), [...form.batch, form.m, form.m])
  let total: Expr | null = null
  quintics.forEach((quintic, i) => {
    // All of these are polynomials of the same symmetric matrix: they commute, and so are symmetric.
    const p = add(mul(quintic[0], identity), tail(g, quintic)) as Expr
    if (i + 1 < quintics.length) g = matmul(p, matmul(p, g, { symmetric: true }), { symmetric: true })
    total = total === null ? p : matmul(p, total, { symmetric: true })
  })
  return matmul(total ?? identity, current)
}

const stretched = (x: Expr, shape: readonly number[]): Expr =>
  shape.length === 2
    ? x
    : (broadcast(
        reshape(
          x,
          shape.map((length, axis) => (axis < shape.length - 2 ? 1 : length))
        ),
        shape
      ) as Expr)

/** The matrix divided by its norm, and its Gram matrix where that is known by then. */
const prepared = (
  given: Expr,
  { batch, m, n }: Form,
  preconditioning: Preconditioning,
  eps: number
): { readonly current: Expr; g: Expr | null } => {
  const whole = [...batch, m, n]
  if (preconditioning === 'frobenius' || preconditioning === 'spectral') {
    const size = preconditioning === 'frobenius' ? lengthOf(given) : spectral(given, batch)
    return { current: div(given, spread(orOne(add(size, eps)), whole)) as Expr, g: null }
  }
  // Squares of what is huge are infinite, of what is tiny 0; not of what is left when the largest element is taken out.
  const { unit, size } = byLargest(given)
  const least = max(div(div(eps, size), size), leastDivisor(unit.dtype))
  const g = gramOf(unit)
  if (preconditioning === 'aol') {
    // A row of zeros stays one: no divisor is 0.
    const s = rsqrt(max(sum(abs(g), [batch.length + 1]), spread(least, [...batch, m, 1])))
    const rows = broadcast(s, [...batch, m, m])
    return { current: mul(unit, broadcast(s, whole)) as Expr, g: mul(mul(g, rows), transpose(rows)) as Expr }
  }
  const s = rsqrt(max(lengthOf(g), least))
  return { current: mul(unit, spread(s, whole)) as Expr, g: mul(g, square(spread(s, [...batch, m, m]))) as Expr }
}

const spectral = (x: Expr, batch: readonly number[]): Value => {
  const { s } = svd(x)
  return batch.length === 0 ? maxOf(s) : reshape(maxOf(s, [batch.length]), [...batch, 1, 1])
}
