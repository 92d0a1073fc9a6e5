import {
  add,
  boolean,
  broadcast,
  check,
  div,
  equal,
  type GradientTransformation,
  inClosedUnitInterval,
  mul,
  nonNegative,
  norm,
  type Operand,
  oneOf,
  optional,
  positive,
  positiveInteger,
  pow,
  shapeOf,
  sqrt,
  square,
  type Tree,
  transformation,
  where,
  withDefaults,
  zerosLike
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import { perAxis } from '../internal/axisTrees.js'
import { type Blocks, blocksOf, cut, joined } from '../internal/blocks.js'
import type { WeightDimensionNumbers } from '../internal/dimensionNumbers.js'
import { type Folding, fold, foldingsOf, gramAlong, productAlong, unfold } from '../internal/folding.js'
import { identities } from '../internal/identities.js'
import { mapPlaced, mapPlaces, type Places } from '../internal/mapPlaced.js'
import { inversePower } from '../internal/symmetricPower.js'
import { someDimensionNumbers } from '../internal/views.js'
import { wideDtype } from '../internal/wideDtype.js'
import { zeros } from '../internal/zeros.js'

/** Options of {@link scaleByShampoo}. */
export interface ScaleByShampooOptions {
  /** Decay rate β₂ of the matrices, in `[0, 1]`; 1 sums them up, as in the paper. @defaultValue `1` */
  readonly b2?: number
  /** The exponent p of every matrix, finite and > 0. @defaultValue 1 / (2 k) for a leaf of k axes, or 1/2 for one of none */
  readonly exponent?: number | undefined
  /** Added to the eigenvalues of a matrix, as a share of the largest; finite and ≥ 0. @defaultValue `1e-6` */
  readonly matrixEps?: number
  /** Added to the squares of leaves without matrices, and to those of the grafted update; finite and ≥ 0. @defaultValue `1e-10` */
  readonly eps?: number
  /** The longest axis of a block, a whole number ≥ 1: longer axes are cut. @defaultValue `1024` */
  readonly blockSize?: number
  /** After how many steps the roots are computed anew, a whole number ≥ 1. @defaultValue `1` */
  readonly refreshEvery?: number
  /**
   * From which update the norm of each leaf is taken, and from Shampoo the direction alone: `'none'`; that of plain descent, `'sgd'`; of AdaGrad,
   * `'adagrad'`; of RMSprop, `'rmsprop'`. @defaultValue `'none'`
   */
  readonly grafting?: 'none' | 'sgd' | 'adagrad' | 'rmsprop'
  /** Decay rate of the squares that `'rmsprop'` divides by, in `[0, 1]`; 1 sums them up. @defaultValue `0.999` */
  readonly graftingB2?: number
  /** Whether neighbouring axes are put together, as long as they are no longer than a block; a leaf that fits as a whole is one axis. @defaultValue `false` */
  readonly mergeDims?: boolean
  /** Whether vectors have a matrix, too. @defaultValue `false` */
  readonly precondition1d?: boolean
  /**
   * How leaves are seen as matrices or stacks of them; then a leaf that is none has no matrix. @defaultValue every axis of every leaf with two
   * axes or more has a matrix
   */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/** State of {@link scaleByShampoo}. */
export interface ScaleByShampooState {
  /** How many updates were seen. */
  readonly count: number
  /** A tree for each axis i: of each leaf the matrices Lᵢ, `[d, d]` or `[blocks, d, d]`; 0 where an axis has none. */
  readonly gg: readonly Tree[]
  /** A tree for each axis i: of each leaf the powers Pᵢ, shaped like Lᵢ. */
  readonly roots: readonly Tree[]
  /** The squares of leaves without matrices, shaped like the params; 0 for all others. */
  readonly diagonal: Tree
  /** The squares of the grafted update, shaped like the params; 0 where none are needed. */
  readonly grafting: Tree
}

/**
 * Shampoo: multiplies a gradient along each of its axes by a power of the matrix of that axis, which has summed up the products of all
 * gradients so far.
 *
 * For the gradient G of a leaf with axes i = 1 … k, at step t = 1, 2, …, from Lᵢ = 0. G₍ᵢ₎ is the matrix whose rows are the slices across
 * axis i; for a matrix L₁ sums G Gᵀ, L₂ sums Gᵀ G, and P₁ G P₂ is L₁^(−1/4) G L₂^(−1/4):
 *
 *     Lᵢ ← Lᵢ + G₍ᵢ₎ G₍ᵢ₎ᵀ                           or β₂ Lᵢ + (1 − β₂) G₍ᵢ₎ G₍ᵢ₎ᵀ when β₂ < 1
 *     Pᵢ ← (L̂ᵢ + matrixEps λ I)^(−p)                 at the first step, and refreshEvery steps after; p = 1 / (2k)
 *     U = G with every axis i multiplied by Pᵢ
 *     u = U ‖S‖ / ‖U‖                                S is the grafted update, unless grafting is 'none'
 *
 * L̂ is L, over 1 − β₂ᵗ when β₂ < 1; λ is its largest eigenvalue. The paper begins with a multiple of the identity in place of adding one. S is g, or
 * g / √(Σ g² + eps), or g / √(v̂ + eps) with the mean square v̂ of decay graftingB2; norms are those of a leaf, or of each matrix of a stack.
 *
 * Leaves without matrices, which vectors and numbers are, have the diagonal of one: u = g / (Σ g² + eps)^p with p = 1/2, AdaGrad, or its
 * decaying kin. Axes longer than blockSize are cut into equal blocks, each with matrices of its own: an m × n matrix keeps 2 m² + 2 n² numbers, or
 * 4 m n in square blocks of b, whose roots take time m n b.
 *
 * Laws: on vectors it is `scaleByRss({ initialAccumulatorValue: 0, eps })`; odd in the gradient; with eps = 0 and grafting none, blind to its scale;
 * a rotation of rows or of columns rotates the updates; with grafting the norm is that of the grafted update; a matrix in blocks does
 * what its blocks do.
 *
 * Of zeros the update is zero; in directions in which there were no gradients matrixEps bounds the power. A NaN or infinity stays in
 * Lᵢ, and makes all updates of its block NaN: skip such gradients, with `skipNotFinite`.
 *
 * @example
 * const tx = scaleByShampoo({ matrixEps: 0 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]), b: new Float64Array(2) }
 * const grads = { w: ndarray(new Float64Array([4, 0, 0, 9]), [2, 2]), b: new Float64Array([3, 0]) }
 * const [u, state] = tx.update(grads, tx.init(params), params)
 * u.w.data // => Float64Array [0.999…, 0, 0, 1]
 * u.b // => Float64Array [0.999…, 0]
 * state.gg[0] // => { w: { dtype: 'float64', shape: [2, 2], data: Float64Array [16, 0, 0, 81] }, b: 0 }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Gupta, Koren and Singer (2018), Shampoo: Preconditioned Stochastic Tensor Optimization, algorithms 1 and 2,
 * {@link https://arxiv.org/abs/1802.09568}; Anil et al. (2020), for blocks and grafting, {@link https://arxiv.org/abs/2002.09018}
 */
export const scaleByShampoo = (options: ScaleByShampooOptions = {}): GradientTransformation<ScaleByShampooState> => {
  const chosen = withDefaults<Required<ScaleByShampooOptions>>('scaleByShampoo', options, {
    b2: 1,
    exponent: undefined,
    matrixEps: 1e-6,
    eps: 1e-10,
    blockSize: 1024,
    refreshEvery: 1,
    grafting: 'none',
    graftingB2: 0.999,
    mergeDims: false,
    precondition1d: false,
    weightDimensionNumbers: undefined
  })
  const { b2, exponent, matrixEps, eps, blockSize, refreshEvery, grafting, graftingB2, mergeDims, precondition1d } =
    chosen
  const { weightDimensionNumbers } = chosen
  check('scaleByShampoo', { b2, graftingB2 }, inClosedUnitInterval)
  check('scaleByShampoo', { exponent }, optional(positive))
  check('scaleByShampoo', { matrixEps, eps }, nonNegative)
  check('scaleByShampoo', { blockSize, refreshEvery }, positiveInteger)
  check('scaleByShampoo', { grafting }, oneOf('none', 'sgd', 'adagrad', 'rmsprop'))
  check('scaleByShampoo', { mergeDims, precondition1d }, boolean)
  check('scaleByShampoo', { weightDimensionNumbers }, someDimensionNumbers)
  const graftingDecay = grafting === 'adagrad' ? 1 : graftingB2
  const graftsSquares = grafting === 'adagrad' || grafting === 'rmsprop'

  const placesOf = (params: Tree): Places<Blocks> =>
    mapPlaces(
      (whole) => blocksOf(hasMatrices(whole, precondition1d) ? whole : { ...whole, lengths: [] }, blockSize),
      foldingsOf('scaleByShampoo', { weightDimensionNumbers, mergeUpTo: mergeDims ? blockSize : 0 }, params)
    )
  const powered = (gg: Operand, axes: number, correction: number): Operand =>
    inversePower('scaleByShampoo', mul(correction, gg), exponent ?? 1 / (2 * axes), matrixEps)

  return transformation<ScaleByShampooState>({
    origin: ['scaleByShampoo', { ...options }],
    init: (params) => {
      const places = placesOf(params)
      const foldings = mapPlaces(({ folding }) => folding, places)
      const square = ({ batch, lengths }: Folding, axis: number): readonly number[] => {
        const length = lengths[axis] as number
        return [...batch, length, length]
      }
      return {
        count: 0,
        gg: perAxis(foldings, hasAxis, (folding, axis, p) => zeros(square(folding, axis), wideDtype(p)), params),
        roots: perAxis(
          foldings,
          hasAxis,
          (folding, axis, p) => identities(square(folding, axis), wideDtype(p)),
          params
        ),
        diagonal: mapPlaced(
          ({ lengths }, p) => (lengths.length === 0 ? zerosLike(p) : 0),
          foldings,
          tree.widen(params)
        ),
        grafting: graftsSquares ? tree.zerosLike(tree.widen(params)) : tree.map(() => 0, params)
      }
    },
    update: (updates, state, params) => {
      const count = state.count + 1
      const places = placesOf(params)
      const foldings = mapPlaces(({ folding }) => folding, places)
      const grads = mapPlaced((place, g) => cut(fold(g, place.whole), place), places, updates)
      const gg = perAxis(
        foldings,
        hasAxis,
        (folding, axis, g, l) => accumulated(l, gramAlong(g, folding, axis), b2),
        grads,
        state.gg
      )
      const isDue = state.count % refreshEvery === 0
      const correction = correctionOf(b2, count)
      const roots = isDue
        ? perAxis(foldings, hasAxis, ({ lengths }, _, __, l) => powered(l, lengths.length, correction), grads, gg)
        : state.roots
      const diagonal = mapPlaced(
        ({ lengths }, g, d) => (lengths.length === 0 ? accumulated(d, square(g), b2) : 0),
        foldings,
        updates,
        state.diagonal
      )
      const squares = graftsSquares
        ? tree.map((g, s) => accumulated(s, square(g), graftingDecay), updates, state.grafting)
        : state.grafting
      const scaled = mapPlaced(
        (place, g, x, d, s, ...own) => {
          const { lengths } = place.folding
          const u =
            lengths.length === 0
              ? where(equal(d, 0), 0, divided(g, add(mul(correction, d), eps), exponent ?? 1 / 2))
              : lengths.reduce<Operand>((y, _, axis) => productAlong(y, place.folding, axis, own[axis] as Operand), x)
          const whole = joined(u, place)
          if (grafting === 'none') return unfold(whole, place.whole, g)
          const model = graftsSquares
            ? where(equal(s, 0), 0, divided(g, add(mul(correctionOf(graftingDecay, count), s), eps), 1 / 2))
            : g
          return unfold(withNormOf(whole, fold(model, place.whole), place.whole), place.whole, g)
        },
        places,
        updates,
        grads,
        diagonal,
        squares,
        ...roots
      )
      const next = {
        count,
        gg,
        roots,
        diagonal: tree.castLike(diagonal, state.diagonal),
        grafting: tree.castLike(squares, state.grafting)
      }
      return [scaled, next]
    }
  })
}

const hasMatrices = ({ lengths, isVector }: Folding, precondition1d: boolean): boolean =>
  lengths.length > 0 && (!isVector || precondition1d)

const hasAxis = ({ lengths }: Folding, axis: number): boolean => axis < lengths.length

const accumulated = (before: Operand, now: Operand, decay: number): Operand =>
  decay === 1 ? add(before, now) : add(mul(decay, before), mul(1 - decay, now))

/** What makes up for a mean that began at 0; 1 for a sum. */
const correctionOf = (decay: number, count: number): number => (decay === 1 ? 1 : 1 / (1 - integerPower(decay, count)))

const divided = (g: Operand, squares: Operand, exponent: number): Operand =>
  div(g, exponent === 1 / 2 ? sqrt(squares) : pow(squares, exponent))

/** An array with the norm of another: as a whole, or each of a stack. */
const withNormOf = (u: Operand, model: Operand, { batch, lengths }: Folding): Operand => {
  const axes = lengths.map((_, axis) => axis + 1)
  const sizeOf = (x: Operand): Operand => (batch.length === 0 ? norm(x) : norm(x, axes))
  const [own, wanted] = [sizeOf(u), sizeOf(model)]
  const factor = where(equal(own, 0), 0, div(wanted, own))
  return mul(batch.length === 0 ? factor : broadcast(factor, shapeOf(u)), u)
}
