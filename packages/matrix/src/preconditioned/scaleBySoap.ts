import {
  add,
  biasCorrection,
  boolean,
  check,
  div,
  type GradientTransformation,
  inUnitInterval,
  mul,
  nonNegative,
  type Operand,
  optional,
  positiveInteger,
  sqrt,
  type Tree,
  transformation,
  updateMoment,
  withDefaults,
  zerosLike
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { perAxis } from '../internal/axisTrees.js'
import type { WeightDimensionNumbers } from '../internal/dimensionNumbers.js'
import { eigenbasisOf, type Refreshed, refreshedBasis, reordered } from '../internal/eigenbasis.js'
import { type Folding, fold, foldingsOf, gramAlong, productAlong, unfold } from '../internal/folding.js'
import { identities } from '../internal/identities.js'
import { mapPlaced, mapPlaces, type Places } from '../internal/mapPlaced.js'
import { someDimensionNumbers } from '../internal/views.js'
import { wideDtype } from '../internal/wideDtype.js'
import { zeros } from '../internal/zeros.js'

/** Options of {@link scaleBySoap}. */
export interface ScaleBySoapOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.95` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.95` */
  readonly b2?: number
  /** Added to the root of the second moment, before its correction, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Decay rate β of the matrices L, in `[0, 1)`. @defaultValue that of the second moment */
  readonly shampooBeta?: number | undefined
  /** After how many steps the bases are refreshed, a whole number ≥ 1. @defaultValue `10` */
  readonly preconditionFrequency?: number
  /** The longest axis that has a matrix, a whole number ≥ 1; longer ones are left as they are. @defaultValue `10000` */
  readonly maxPreconditionerDim?: number
  /** Whether neighbouring axes are put together, as long as they are no longer than that. @defaultValue `false` */
  readonly mergeDims?: boolean
  /** Whether vectors have a matrix, too. @defaultValue `false` */
  readonly precondition1d?: boolean
  /**
   * How leaves are seen as matrices or stacks of them, each with a matrix for its rows and one for its columns; then a leaf that is none has no
   * matrix. @defaultValue every axis of every leaf with two axes or more has a matrix
   */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/** State of {@link scaleBySoap}. */
export interface ScaleBySoapState {
  /** How many updates were seen, the one that was skipped among them. */
  readonly count: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** Second raw moment v in the bases, shaped like the params. */
  readonly nu: Tree
  /** A tree for each axis i: of each leaf the mean Lᵢ of its products, `[d, d]` or `[stack, d, d]`; 0 where an axis has none. */
  readonly gg: readonly Tree[]
  /** A tree for each axis i: of each leaf the basis Qᵢ, shaped like Lᵢ. */
  readonly q: readonly Tree[]
}

/**
 * SOAP: Adam in the slowly turning eigenbases of Shampoo's matrices, without the learning rate.
 *
 * For the gradient G of a leaf with axes i, at step t = 0, 1, 2, …, from m₀ = v₀ = Lᵢ = 0. G₍ᵢ₎ is the matrix whose rows are the slices
 * across axis i, and for a matrix L₁ sums G Gᵀ, L₂ sums Gᵀ G:
 *
 *     Ĝ = G with every axis i multiplied by Qᵢᵀ            a matrix: Q₁ᵀ G Q₂
 *     m ← β₁ m + (1 − β₁) G           m̂ = m / (1 − β₁ᵗ), multiplied by every Qᵢᵀ
 *     v ← β₂ v + (1 − β₂) Ĝ²
 *     u = m̂ √(1 − β₂ᵗ) / (√v + eps), multiplied by every Qᵢ
 *     Lᵢ ← β Lᵢ + (1 − β) G₍ᵢ₎ G₍ᵢ₎ᵀ
 *     Qᵢ ← qr(Lᵢ Qᵢ)                  when t mod preconditionFrequency = 0, its columns, and v along axis i, sorted first
 *
 * At t = 0 there is no basis yet: the update is zero, m and v stay, Lᵢ begins and Qᵢ are its eigenvectors. So it is in the reference, whose
 * defaults these are. The columns of Qᵢ are sorted by qᵀ Lᵢ q, from the largest.
 *
 * Vectors and numbers have no matrices, nor do axes that are longer than maxPreconditionerDim: they go through Adam. A convolution's kernel
 * `[height, width, in, out]` has four, or with mergeDims those of a matrix of as many rows as fit, or of one
 * axis where all of it fits; a matrix of m × n keeps 2 m n + 2 m² + 2 n² numbers.
 *
 * Laws: from the second step on and with Qᵢ = I it is Adam with its eps "hat"; the columns of Qᵢ stay orthonormal; odd in the gradient;
 * blind to its scale when eps = 0; a matrix and its transpose have transposed updates.
 *
 * Of zeros the update is zero, and Qᵢ is some orthonormal basis, as in all directions in which there were no gradients. A NaN or infinity
 * stays in m, v and Lᵢ, as it does in Adam: skip such gradients, with `skipNotFinite`.
 *
 * @example
 * const tx = scaleBySoap()
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const grads = { w: ndarray(new Float64Array([1, 2, 2, 4]), [2, 2]) }
 * const [skipped, state] = tx.update(grads, tx.init(params), params)
 * skipped.w.data // => Float64Array [0, 0, 0, 0]
 * tx.update(grads, state, params)[0].w.data // => Float64Array [0.19…, 0.39…, 0.39…, 0.79…]
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Vyas et al. (2024), SOAP: Improving and Stabilizing Shampoo using Adam, algorithms 3 and 4,
 * {@link https://arxiv.org/abs/2409.11321}
 */
export const scaleBySoap = (options: ScaleBySoapOptions = {}): GradientTransformation<ScaleBySoapState> => {
  const chosen = withDefaults<Required<ScaleBySoapOptions>>('scaleBySoap', options, {
    b1: 0.95,
    b2: 0.95,
    eps: 1e-8,
    shampooBeta: undefined,
    preconditionFrequency: 10,
    maxPreconditionerDim: 10_000,
    mergeDims: false,
    precondition1d: false,
    weightDimensionNumbers: undefined
  })
  const { b1, b2, eps, shampooBeta, preconditionFrequency, maxPreconditionerDim, mergeDims, precondition1d } = chosen
  const { weightDimensionNumbers } = chosen
  check('scaleBySoap', { b1, b2 }, inUnitInterval)
  check('scaleBySoap', { eps }, nonNegative)
  check('scaleBySoap', { shampooBeta }, optional(inUnitInterval))
  check('scaleBySoap', { preconditionFrequency, maxPreconditionerDim }, positiveInteger)
  check('scaleBySoap', { mergeDims, precondition1d }, boolean)
  check('scaleBySoap', { weightDimensionNumbers }, someDimensionNumbers)
  const decay = shampooBeta ?? b2

  const foldingsIn = (params: Tree): Places<Folding> =>
    foldingsOf('scaleBySoap', { weightDimensionNumbers, mergeUpTo: mergeDims ? maxPreconditionerDim : 0 }, params)
  const hasMatrix = ({ lengths, isVector }: Folding, axis: number): boolean => {
    const length = lengths[axis]
    return length !== undefined && length <= maxPreconditionerDim && (!isVector || precondition1d)
  }
  /** An array multiplied along each of its axes by the basis there, or by its transpose. */
  const rotated = (x: Operand, folding: Folding, bases: readonly Operand[], isInto: boolean): Operand =>
    bases.reduce<Operand>(
      (turned, q, axis) => (hasMatrix(folding, axis) ? productAlong(turned, folding, axis, q, isInto) : turned),
      x
    )

  /** The bases one step of iteration later, and the second moment in them. */
  const refreshed = (
    foldings: Places<Folding>,
    second: Tree,
    gg: readonly Tree[],
    bases: readonly Tree[]
  ): { readonly q: readonly Tree[]; readonly nu: Tree } => {
    let nu = second
    const q = bases.map((before, axis) => {
      const turns = mapPlaces(
        (folding, l, old): Turn => ({
          folding,
          to: hasMatrix(folding, axis) ? refreshedBasis('scaleBySoap', l, old) : null
        }),
        foldings,
        gg[axis] as Tree,
        before
      )
      nu = mapPlaced(
        ({ folding, to }, v) => (to === null ? v : reordered(v, to.order, folding.batch.length, axis)),
        turns,
        nu
      )
      return mapPlaced(({ to }) => to?.basis ?? 0, turns)
    })
    return { q, nu }
  }

  return transformation<ScaleBySoapState>({
    origin: ['scaleBySoap', { ...options }],
    init: (params) => {
      const foldings = foldingsIn(params)
      const square = ({ batch, lengths }: Folding, axis: number): readonly number[] => {
        const length = lengths[axis] as number
        return [...batch, length, length]
      }
      const gg = perAxis(foldings, hasMatrix, (folding, axis, p) => zeros(square(folding, axis), wideDtype(p)), params)
      const q = perAxis(
        foldings,
        hasMatrix,
        (folding, axis, p) => identities(square(folding, axis), wideDtype(p)),
        params
      )
      return { count: 0, mu: tree.zerosLike(tree.widen(params)), nu: tree.zerosLike(tree.widen(params)), gg, q }
    },
    update: (updates, state, params) => {
      const foldings = foldingsIn(params)
      const { count } = state
      const grads = mapPlaced((folding, g) => fold(g, folding), foldings, updates)
      const gg = perAxis(
        foldings,
        hasMatrix,
        (folding, axis, g, l) => add(mul(decay, l), mul(1 - decay, gramAlong(g, folding, axis))),
        grads,
        state.gg
      )
      if (count === 0) {
        const q = perAxis(foldings, hasMatrix, (_, __, ___, l) => eigenbasisOf('scaleBySoap', l), grads, gg)
        return [tree.map((g) => zerosLike(g), updates), { ...state, count: 1, gg, q }]
      }
      const inBases = mapPlaced((folding, g, ...q) => rotated(g, folding, q, true), foldings, grads, ...state.q)
      const foldedNu = mapPlaced((folding, v) => fold(v, folding), foldings, state.nu)
      const second = tree.map((g, v) => updateMoment(g, v, b2, 2), inBases, foldedNu)
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const weight = Math.sqrt(1 - integerPower(b2, count))
      const scaled = mapPlaced(
        (folding, m, v, g, ...q) => {
          const mean = rotated(fold(biasCorrection(m, b1, count), folding), folding, q, true)
          const step = div(mul(mean, weight), add(sqrt(v), eps))
          return unfold(rotated(step, folding, q, false), folding, g)
        },
        foldings,
        mu,
        second,
        updates,
        ...state.q
      )
      const { q, nu } =
        count % preconditionFrequency === 0 ? refreshed(foldings, second, gg, state.q) : { q: state.q, nu: second }
      const next = mapPlaced((folding, v, g) => unfold(v, folding, g), foldings, nu, updates)
      return [scaled, { count: count + 1, mu: tree.castLike(mu, state.mu), nu: tree.castLike(next, state.nu), gg, q }]
    }
  })
}

/** A leaf, and its basis along an axis one step later. */
interface Turn {
  readonly folding: Folding
  readonly to: Refreshed | null
}
