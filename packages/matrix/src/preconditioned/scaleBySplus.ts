import {
  add,
  check,
  type GradientTransformation,
  inUnitInterval,
  matmul,
  mul,
  type Operand,
  positiveInteger,
  shapeOf,
  sign,
  type Tree,
  transformation,
  updateMoment,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import {
  fansOf,
  fromMatrices,
  toMatrices,
  type View,
  type WeightDimensionNumbers
} from '../internal/dimensionNumbers.js'
import { eigenbasisOf } from '../internal/eigenbasis.js'
import { identities } from '../internal/identities.js'
import { mapPlaced, type Places, placesOf } from '../internal/mapPlaced.js'
import { someDimensionNumbers, viewAt } from '../internal/views.js'
import { wideDtype } from '../internal/wideDtype.js'
import { zeros } from '../internal/zeros.js'

/** Options of {@link scaleBySplus}. */
export interface ScaleBySplusOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the covariances, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** After how many steps the bases are computed anew, a whole number ≥ 1. @defaultValue `100` */
  readonly refreshEvery?: number
  /** The longest side that has a basis, a whole number ≥ 1. @defaultValue `10000` */
  readonly maxPreconditionerDim?: number
  /** How leaves are seen as matrices. @defaultValue leaves of two axes, `[rows summed over, columns]` */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/** State of {@link scaleBySplus}. */
export interface ScaleBySplusState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment M, shaped like the params. */
  readonly mu: Tree
  /** The covariances of rows, L, `[…, m, m]`, and of columns, R, `[…, n, n]`; 0 for a side without a basis. */
  readonly gg: readonly [left: Tree, right: Tree]
  /** Their eigenvectors as columns, P and Q; 0 for a side without a basis. */
  readonly q: readonly [left: Tree, right: Tree]
}

/**
 * Takes the sign of momentum in the eigenbases of Shampoo's matrices, where it is stable though these are computed now and then: SPlus,
 * without the learning rate and its factors for shapes.
 *
 * For each matrix G of m rows and n columns at step t = 1, 2, …, from M₀ = L₀ = R₀ = 0 and P₀ = Q₀ = I:
 *
 *     Mₜ = β₁ Mₜ₋₁ + (1 − β₁) G
 *     Uₜ = Pₜ₋₁ sign(Pₜ₋₁ᵀ Mₜ Qₜ₋₁) Qₜ₋₁ᵀ
 *     Lₜ = β₂ Lₜ₋₁ + (1 − β₂) G Gᵀ              Rₜ = β₂ Rₜ₋₁ + (1 − β₂) Gᵀ G
 *     Pₜ, Qₜ = the eigenvectors of Lₜ and Rₜ    when t = 1 or t is a multiple of refreshEvery
 *
 * A leaf that is no matrix has the sign of its first moment, and a side that is too long has no basis. A leaf with more axes is a matrix, or a
 * stack of them, by its dimension numbers. The authors add 1e-30 to the diagonals of L
 * and R before they decompose them, which is left out here.
 * In directions that no gradient has had, the sign is that of a rounding error, here and there.
 *
 * Laws: odd in the gradient; blind to its scale; the norm of U is that of its signs, √(m n) where none is 0; the first update is the sign of
 * the gradient.
 *
 * @example
 * const tx = scaleBySplus()
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const [, state] = tx.update({ w: ndarray(new Float64Array([1, 1, 1, -1]), [2, 2]) }, tx.init(params), params)
 * tx.update({ w: ndarray(new Float64Array([2, 0, 0, 0]), [2, 2]) }, state, params)[0].w.shape // => [2, 2]
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Frans, Levine and Abbeel (2025), A Stable Whitening Optimizer for Efficient Neural Network Training,
 * {@link https://arxiv.org/abs/2506.07254}
 * @see scaleBySoap, scaleByShampoo
 */
export const scaleBySplus = (options: ScaleBySplusOptions = {}): GradientTransformation<ScaleBySplusState> => {
  const { b1, b2, refreshEvery, maxPreconditionerDim, weightDimensionNumbers } = withDefaults<
    Required<ScaleBySplusOptions>
  >('scaleBySplus', options, {
    b1: 0.9,
    b2: 0.999,
    refreshEvery: 100,
    maxPreconditionerDim: 10_000,
    weightDimensionNumbers: undefined
  })
  check('scaleBySplus', { b1, b2 }, inUnitInterval)
  check('scaleBySplus', { refreshEvery, maxPreconditionerDim }, positiveInteger)
  check('scaleBySplus', { weightDimensionNumbers }, someDimensionNumbers)

  const sidesIn = (params: Tree): Places<Sides | null> =>
    placesOf((path, leaf) => {
      const shape = shapeOf(leaf)
      const view = viewAt('scaleBySplus', weightDimensionNumbers, path, shape)
      return view === null ? null : sidesOf(view, shape, maxPreconditionerDim)
    }, params)
  /** What there is of a side of each matrix that has a basis there; 0 elsewhere. */
  const perSide = (
    sides: Places<Sides | null>,
    side: 'left' | 'right',
    f: (shape: readonly number[], view: View, ...leaves: Operand[]) => Operand,
    ...trees: Tree[]
  ): Tree =>
    mapPlaced(
      (place, ...leaves) => {
        const shape = place?.[side]
        return place === null || shape === undefined || shape === null ? 0 : f(shape, place.view, ...leaves)
      },
      sides,
      ...trees
    )

  return transformation<ScaleBySplusState>({
    origin: ['scaleBySplus', { ...options }],
    init: (params) => {
      const sides = sidesIn(params)
      const empty = (side: 'left' | 'right') =>
        perSide(sides, side, (shape, _, p) => zeros(shape, wideDtype(p)), params)
      const basis = (side: 'left' | 'right') =>
        perSide(sides, side, (shape, _, p) => identities(shape, wideDtype(p)), params)
      return {
        count: 0,
        mu: tree.zerosLike(tree.widen(params)),
        gg: [empty('left'), empty('right')],
        q: [basis('left'), basis('right')]
      }
    },
    update: (updates, state, params) => {
      const count = state.count + 1
      const sides = sidesIn(params)
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const signs = mapPlaced(
        (place, m, p, q, g) => {
          if (place === null) return sign(m)
          const { view, left, right } = place
          let inside: Operand = toMatrices(m, view)
          if (left !== null) inside = matmul(p, inside, { transposeA: true })
          if (right !== null) inside = matmul(inside, q)
          let outside: Operand = sign(inside)
          if (left !== null) outside = matmul(p, outside)
          if (right !== null) outside = matmul(outside, q, { transposeB: true })
          return fromMatrices(outside, view, shapeOf(g))
        },
        sides,
        mu,
        ...state.q,
        updates
      )
      const gathered = (side: 'left' | 'right', before: Tree): Tree =>
        perSide(
          sides,
          side,
          (_, view, g, l) => {
            const whole = toMatrices(g, view)
            const gram = matmul(whole, whole, side === 'left' ? { transposeB: true } : { transposeA: true })
            return add(mul(b2, l), mul(1 - b2, gram))
          },
          updates,
          before
        )
      const [left, right] = [gathered('left', state.gg[0]), gathered('right', state.gg[1])]
      const isDue = count === 1 || count % refreshEvery === 0
      const basis = (side: 'left' | 'right', covariance: Tree): Tree =>
        perSide(sides, side, (_, __, l) => eigenbasisOf('scaleBySplus', l), covariance)
      const q: ScaleBySplusState['q'] = isDue ? [basis('left', left), basis('right', right)] : state.q
      return [signs, { count, mu: tree.castLike(mu, state.mu), gg: [left, right], q }]
    }
  })
}

/** A leaf that is matrices, and the shapes of what is kept of their sides, `null` for one that is too long. */
interface Sides {
  readonly view: View
  readonly left: readonly number[] | null
  readonly right: readonly number[] | null
}

const sidesOf = (view: View, shape: readonly number[], longest: number): Sides => {
  const [rows, columns] = fansOf(view, shape)
  const batch = view.batch.length === 0 ? [] : [view.batch.reduce((n, axis) => n * (shape[axis] as number), 1)]
  const square = (n: number): readonly number[] | null => (n > longest ? null : [...batch, n, n])
  return { view, left: square(rows), right: square(columns) }
}
