import {
  abs,
  add,
  biasCorrection,
  boolean,
  check,
  div,
  type GradientTransformation,
  inUnitInterval,
  matmul,
  mul,
  nonNegative,
  type Operand,
  positiveInteger,
  shapeOf,
  sqrt,
  square,
  sub,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { qr } from '../decompositions/qr.js'
import { fromMatrices, toMatrices, type WeightDimensionNumbers } from '../internal/dimensionNumbers.js'
import { mapPlaced, type Places, placesOf } from '../internal/mapPlaced.js'
import { alongShort, backShort, projectedShort, type ShortSide, shortSideOf } from '../internal/shortSide.js'
import { subspaceOf } from '../internal/subspace.js'
import { someDimensionNumbers, viewAt } from '../internal/views.js'
import { wideDtype } from '../internal/wideDtype.js'
import { zeros } from '../internal/zeros.js'

/** Options of {@link scaleByLdadam}. */
export interface ScaleByLdadamOptions {
  /** How many directions r a gradient is projected onto, a whole number ≥ 1; no more than its shorter side has. @defaultValue `16` */
  readonly rank?: number
  /** Share ρ of the momentum in what the directions follow, in `[0, 1)`; the rest is the gradient. @defaultValue `0.908` */
  readonly rho?: number
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.908` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.99` */
  readonly b2?: number
  /** Added outside the square root, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Whether what projections lose is added to the next gradient. @defaultValue `true` */
  readonly errorFeedback?: boolean
  /** How leaves are seen as matrices. @defaultValue leaves of two axes, `[rows summed over, columns]` */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/** State of {@link scaleByLdadam}. */
export interface ScaleByLdadamState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m: of a matrix in its directions, `[r, n]` or `[m, r]`; of other leaves shaped like the leaf. */
  readonly mu: Tree
  /** Second moment v, shaped like m. */
  readonly nu: Tree
  /** Of a matrix its directions P, `[d, r]` with d its shorter side; 0 for other leaves. */
  readonly projector: Tree
  /** Of a matrix what was lost so far, shaped like the leaf; 0 for other leaves, and without errorFeedback. */
  readonly error: Tree
}

/**
 * LDAdam: Adam in few directions, which turn at every step, and its moments with them; what is lost is made up for.
 *
 * For a matrix G of m ≤ n (of m > n transposed) at step t = 1, 2, …, from M₀ = V₀ = E₀ = 0:
 *
 *     A = G + Eₜ₋₁
 *     P ← qr(B Bᵀ Pₜ₋₁) with B = ρ Pₜ₋₁ M̂ₜ₋₁ + (1 − ρ) A       at first the r largest left singular vectors of A
 *     R = Pᵀ A,   C = Pᵀ Pₜ₋₁
 *     M′ = C M
 *     V′ = (1 − β₂ᵗ⁻¹) |C² (V̂ₜ₋₁ − M̂ₜ₋₁²) + (C M̂ₜ₋₁)²|            C² and squares elementwise
 *     E = A − P R + β₁ / (1 − β₁) (Pₜ₋₁ M − P M′)
 *     M ← β₁ M′ + (1 − β₁) R,   V ← β₂ V′ + (1 − β₂) R²
 *     u = P M̂ / (√V̂ + eps)
 *
 * with M̂ = M / (1 − β₁ᵗ), V̂ = V / (1 − β₂ᵗ). Leaves that are no matrices go through Adam. A leaf with more axes is a matrix, or a stack of them, by its
 * dimension numbers. A matrix keeps 2 r n + m r numbers, and with errorFeedback m n more, which the reference keeps in the memory of the gradient.
 *
 * Laws: updates do not leave the directions, which stay orthonormal; with the full rank there is no error; odd in the gradient; a matrix and its
 * transpose have transposed updates.
 *
 * Of zeros the update is zero. A NaN or infinity stays: skip such gradients, with `skipNotFinite`.
 *
 * @example
 * const tx = scaleByLdadam({ rank: 1 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const grads = { w: ndarray(new Float64Array([5, 0, 0, 1]), [2, 2]) }
 * const [u, state] = tx.update(grads, tx.init(params), params)
 * u.w.data // => Float64Array [0.99…, 0, 0, 0]
 * state.error // => { w: { dtype: 'float64', shape: [2, 2], data: Float64Array [0, 0, 0, 1] } }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Robert et al. (2024), algorithm 1, {@link https://arxiv.org/abs/2410.16103}
 */
export const scaleByLdadam = (options: ScaleByLdadamOptions = {}): GradientTransformation<ScaleByLdadamState> => {
  const chosen = withDefaults<Required<ScaleByLdadamOptions>>('scaleByLdadam', options, {
    rank: 16,
    rho: 0.908,
    b1: 0.908,
    b2: 0.99,
    eps: 1e-8,
    errorFeedback: true,
    weightDimensionNumbers: undefined
  })
  const { rank, rho, b1, b2, eps, errorFeedback, weightDimensionNumbers } = chosen
  check('scaleByLdadam', { rank }, positiveInteger)
  check('scaleByLdadam', { rho, b1, b2 }, inUnitInterval)
  check('scaleByLdadam', { eps }, nonNegative)
  check('scaleByLdadam', { errorFeedback }, boolean)
  check('scaleByLdadam', { weightDimensionNumbers }, someDimensionNumbers)

  const matricesIn = (params: Tree): Places<ShortSide | null> =>
    placesOf((path, leaf) => {
      const shape = shapeOf(leaf)
      const view = viewAt('scaleByLdadam', weightDimensionNumbers, path, shape)
      return view === null ? null : shortSideOf(view, shape, rank)
    }, params)
  /** The directions of this step. */
  const turned = (matrix: ShortSide, a: Operand, m: Operand, before: Operand, count: number): Operand => {
    if (count === 1) {
      const sides = { left: matrix.isLeft ? before : 0, right: matrix.isLeft ? 0 : before }
      return subspaceOf('scaleByLdadam', a, matrix.rank, sides)[matrix.isLeft ? 'left' : 'right']
    }
    const mean = backShort(matrix, biasCorrection(m, b1, count - 1), before)
    const b = add(mul(rho, mean), mul(1 - rho, a))
    const moved = matrix.isLeft
      ? matmul(b, matmul(b, before, { transposeA: true }))
      : matmul(b, matmul(b, before), { transposeA: true })
    return qr(moved).q
  }
  /** Pᵀ P of this step and of the one before, or for columns its transpose. */
  const changeOf = ({ isLeft }: ShortSide, p: Operand, before: Operand): Operand =>
    isLeft ? matmul(p, before, { transposeA: true }) : matmul(before, p, { transposeA: true })
  const applied = ({ isLeft }: ShortSide, change: Operand, x: Operand): Operand =>
    isLeft ? matmul(change, x) : matmul(x, change)

  return transformation<ScaleByLdadamState>({
    origin: ['scaleByLdadam', { ...options }],
    init: (params) => {
      const places = matricesIn(params)
      const wide = tree.widen(params)
      const projector = mapPlaced(
        (matrix, p) => (matrix === null ? 0 : zeros([...matrix.batch, matrix.side, matrix.rank], wideDtype(p))),
        places,
        params
      )
      const small = mapPlaced(
        (matrix, x, p) => (matrix === null ? x : projectedShort(matrix, x, p)),
        places,
        wide,
        projector
      )
      const error = mapPlaced((matrix, x) => (matrix === null || !errorFeedback ? 0 : mul(0, x)), places, wide)
      return { count: 0, mu: tree.zerosLike(small), nu: tree.zerosLike(small), projector, error: tree.zerosLike(error) }
    },
    update: (updates, state, params) => {
      const count = state.count + 1
      const places = matricesIn(params)
      const whole = mapPlaced(
        (matrix, g, e) => (matrix === null ? g : toMatrices(errorFeedback ? add(g, e) : g, matrix.view)),
        places,
        updates,
        state.error
      )
      const projector = mapPlaced(
        (matrix, a, m, before) => (matrix === null ? 0 : turned(matrix, a, m, before, count)),
        places,
        whole,
        state.mu,
        state.projector
      )
      const small = mapPlaced(
        (matrix, a, p) => (matrix === null ? a : alongShort(matrix, a, p)),
        places,
        whole,
        projector
      )
      const moved = mapPlaced(
        (matrix, m, p, before) => (matrix === null ? m : applied(matrix, changeOf(matrix, p, before), m)),
        places,
        state.mu,
        projector,
        state.projector
      )
      const spread = mapPlaced(
        (matrix, v, m, after, p, before) => {
          if (matrix === null || count === 1) return v
          const weight = 1 - integerPower(b2, count - 1)
          const [mean, next] = [biasCorrection(m, b1, count - 1), biasCorrection(after, b1, count - 1)]
          const variance = sub(div(v, weight), square(mean))
          const kept = applied(matrix, square(changeOf(matrix, p, before)), variance)
          return mul(weight, abs(add(kept, square(next))))
        },
        places,
        state.nu,
        state.mu,
        moved,
        projector,
        state.projector
      )
      const mu = tree.map((r, m) => updateMoment(r, m, b1, 1), small, moved)
      const nu = tree.map((r, v) => updateMoment(r, v, b2, 2), small, spread)
      const error = mapPlaced(
        (matrix, a, r, m, after, p, before, g) => {
          if (matrix === null || !errorFeedback) return 0
          const lost = sub(backShort(matrix, m, before), backShort(matrix, after, p))
          const all = add(sub(a, backShort(matrix, r, p)), mul(b1 / (1 - b1), lost))
          return fromMatrices(all, matrix.view, shapeOf(g))
        },
        places,
        whole,
        small,
        state.mu,
        moved,
        projector,
        state.projector,
        updates
      )
      const scaled = mapPlaced(
        (matrix, m, v, p, g) => {
          const u = div(biasCorrection(m, b1, count), add(sqrt(biasCorrection(v, b2, count)), eps))
          return matrix === null ? u : fromMatrices(backShort(matrix, u, p), matrix.view, shapeOf(g))
        },
        places,
        mu,
        nu,
        projector,
        updates
      )
      const next = {
        count,
        mu: tree.castLike(mu, state.mu),
        nu: tree.castLike(nu, state.nu),
        projector,
        error: tree.castLike(error, state.error)
      }
      return [scaled, next]
    }
  })
}
