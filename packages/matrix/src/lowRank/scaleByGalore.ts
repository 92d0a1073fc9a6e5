import {
  type AnyGradientTransformation,
  check,
  definitionOf,
  type ExtraOf,
  finite,
  type GradientTransformation,
  matmul,
  mul,
  type Operand,
  oneOf,
  positiveInteger,
  type StateOf,
  shapeOf,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import { type ScaleByAdamState, scaleByAdam } from '@gradchain/transforms'
import {
  fansOf,
  fromMatrices,
  toMatrices,
  type View,
  type WeightDimensionNumbers
} from '../internal/dimensionNumbers.js'
import { mapPlaced, type Places, placesOf } from '../internal/mapPlaced.js'
import { subspaceOf } from '../internal/subspace.js'
import { someDimensionNumbers, viewAt } from '../internal/views.js'
import { wideDtype } from '../internal/wideDtype.js'
import { zeros } from '../internal/zeros.js'

/** Options of {@link scaleByGalore}. */
export interface ScaleByGaloreOptions<T extends AnyGradientTransformation = GradientTransformation<ScaleByAdamState>> {
  /** How many directions r of a matrix are kept, a whole number ≥ 1; no more than its shorter side has. @defaultValue `128` */
  readonly rank?: number
  /** After how many steps the directions are chosen anew, a whole number ≥ 1. @defaultValue `200` */
  readonly updateProjGap?: number
  /** Factor of the updates of the matrices, finite. @defaultValue `1` */
  readonly scale?: number
  /** What scales the small gradients, and those of all leaves that are no matrices. @defaultValue `scaleByAdam()` */
  readonly baseOptimizer?: T | undefined
  /**
   * Which side of a matrix is made short: the `'long'` one, as in Optax; the `'short'` one, as in the paper; the rows, `'left'`; the
   * columns, `'right'`; both, `'full'`. @defaultValue `'long'`
   */
  readonly projection?: 'long' | 'short' | 'left' | 'right' | 'full'
  /** How leaves are seen as matrices. @defaultValue leaves of two axes, `[rows summed over, columns]` */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/** State of {@link scaleByGalore}. */
export interface ScaleByGaloreState<S> {
  /** How many updates were seen. */
  readonly count: number
  /** The state of baseOptimizer, for gradients that are r rows or r columns. */
  readonly baseOptimizerState: S
  /** Of a matrix whose rows are projected the directions P, `[…, m, r]`; 0 for all other leaves. */
  readonly left: Tree
  /** Of a matrix whose columns are projected the directions Q, `[…, n, r]`; 0 for all other leaves. */
  readonly right: Tree
}

/**
 * GaLore: scales the gradient of a matrix in the few directions in which it is largest, so that moments are as small as those are few.
 *
 * For each matrix G of m rows and n columns at step t = 0, 1, …, with its singular value decomposition G = U Σ Vᵀ:
 *
 *     P ← the first r columns of U, Q ← the first r columns of V        when t mod updateProjGap = 0
 *     R = Pᵀ G   (or G Q, or Pᵀ G Q)
 *     S = baseOptimizer's update for R
 *     U = scale · P S   (or S Qᵀ, or P S Qᵀ)
 *
 * Adam keeps 2 r n numbers in place of 2 m n, and there are m r for P. `'long'` projects the rows when m ≥ n, `'short'` when m ≤ n. A leaf that is
 * no matrix goes through baseOptimizer as it is, without the factor. A leaf with more axes is a matrix, or a stack of them, by its
 * dimension numbers; of a stack each matrix has directions of its own.
 *
 * baseOptimizer is given params that are projected as the gradients are, so that a decay decays what is in the directions;
 * Optax gives it none.
 *
 * Laws: with rank 1 or more a matrix of rank 1 is projected without loss; with the full rank, sgd for baseOptimizer and scale 1 it is
 * the identity; updates do not leave the directions; between refreshes the directions stay; odd in the gradient when
 * baseOptimizer is.
 *
 * Signs of singular vectors are arbitrary: those here point along the ones before, so that Adam's moments go on after a refresh. Optax leaves
 * them as LAPACK has them, and a moment may then turn around. Of zeros the directions are some, and the update is zero; a NaN
 * or infinity in a matrix at a refresh makes all of its directions NaN until the next: skip such gradients, with
 * `skipNotFinite`.
 *
 * @example
 * const tx = scaleByGalore({ rank: 1, baseOptimizer: scaleBySign() })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const grads = { w: ndarray(new Float64Array([5, 0, 0, 1]), [2, 2]) }
 * const [u, state] = tx.update(grads, tx.init(params), params)
 * u.w.data // => Float64Array [1, 0, 0, 0]
 * state.left // => { w: { dtype: 'float64', shape: [2, 1], data: Float64Array [1, 0] } }
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for what is no transformation.
 * @see Zhao et al. (2024), algorithm 2, {@link https://arxiv.org/abs/2403.03507}
 */
export const scaleByGalore = <T extends AnyGradientTransformation = GradientTransformation<ScaleByAdamState>>(
  options: ScaleByGaloreOptions<T> = {}
): GradientTransformation<ScaleByGaloreState<StateOf<T>>, ExtraOf<T>> => {
  const chosen = withDefaults<Required<ScaleByGaloreOptions<T>>>('scaleByGalore', options, {
    rank: 128,
    updateProjGap: 200,
    scale: 1,
    baseOptimizer: undefined,
    projection: 'long',
    weightDimensionNumbers: undefined
  })
  const { rank, updateProjGap, scale, baseOptimizer, projection, weightDimensionNumbers } = chosen
  check('scaleByGalore', { rank, updateProjGap }, positiveInteger)
  check('scaleByGalore', { scale }, finite)
  check('scaleByGalore', { projection }, oneOf('long', 'short', 'left', 'right', 'full'))
  check('scaleByGalore', { weightDimensionNumbers }, someDimensionNumbers)
  // Where T is not given by an argument it is its default.
  const base = definitionOf('scaleByGalore', baseOptimizer ?? (scaleByAdam() as unknown as T))

  const matricesIn = (params: Tree): Places<Place | null> =>
    placesOf((path, leaf) => {
      const shape = shapeOf(leaf)
      const view = viewAt('scaleByGalore', weightDimensionNumbers, path, shape)
      return view === null ? null : placeOf(view, shape, projection, rank)
    }, params)
  const projected = (places: Places<Place | null>, leaves: Tree, left: Tree, right: Tree): Tree =>
    mapPlaced((place, x, p, q) => (place === null ? x : project(place, x, p, q)), places, leaves, left, right)

  return transformation<ScaleByGaloreState<StateOf<T>>, ExtraOf<T>>({
    origin: ['scaleByGalore', { ...options }],
    init: (params) => {
      const places = matricesIn(params)
      const noDirections = (side: 'left' | 'right'): Tree =>
        mapPlaced(
          (place, p) =>
            place === null || !place[side]
              ? 0
              : zeros([...place.batch, place[side === 'left' ? 'rows' : 'columns'], place.rank], wideDtype(p)),
          places,
          params
        )
      const [left, right] = [noDirections('left'), noDirections('right')]
      return { count: 0, baseOptimizerState: base.init(projected(places, params, left, right)), left, right }
    },
    update: (updates, state, params, extra) => {
      const places = matricesIn(params)
      const isDue = state.count % updateProjGap === 0
      const chosen = (side: 'left' | 'right'): Tree =>
        isDue
          ? mapPlaced(
              (place, g, p, q) =>
                place === null || !place[side]
                  ? 0
                  : subspaceOf('scaleByGalore', toMatrices(g, place.view), place.rank, { left: p, right: q })[side],
              places,
              updates,
              state.left,
              state.right
            )
          : state[side]
      const [left, right] = [chosen('left'), chosen('right')]
      const [scaled, baseOptimizerState] = base.update(
        projected(places, updates, left, right),
        state.baseOptimizerState,
        projected(places, params, left, right),
        extra
      )
      const whole = mapPlaced(
        (place, u, g, p, q) =>
          place === null ? u : mul(scale, fromMatrices(back(place, u, p, q), place.view, shapeOf(g))),
        places,
        scaled,
        updates,
        left,
        right
      )
      return [whole, { count: state.count + 1, baseOptimizerState, left, right }]
    }
  })
}

/** A leaf that is projected. */
interface Place {
  readonly view: View
  readonly batch: readonly number[]
  readonly rows: number
  readonly columns: number
  readonly rank: number
  /** Whether its rows are projected. */
  readonly left: boolean
  /** Whether its columns are. */
  readonly right: boolean
}

const placeOf = (
  view: View,
  shape: readonly number[],
  projection: 'long' | 'short' | 'left' | 'right' | 'full',
  rank: number
): Place => {
  const [rows, columns] = fansOf(view, shape)
  const isTall = rows >= columns
  const isWide = rows <= columns
  const left =
    projection === 'left' ||
    projection === 'full' ||
    (projection === 'long' && isTall) ||
    (projection === 'short' && isWide)
  const right = projection === 'full' || !left
  const batch = view.batch.length === 0 ? [] : [view.batch.reduce((n, axis) => n * (shape[axis] as number), 1)]
  return { view, batch, rows, columns, rank: Math.min(rank, rows, columns), left, right }
}

const project = ({ view, left, right }: Place, x: Operand, p: Operand, q: Operand): Operand => {
  const whole = toMatrices(x, view)
  const fewRows = left ? matmul(p, whole, { transposeA: true }) : whole
  return right ? matmul(fewRows, q) : fewRows
}

const back = ({ left, right }: Place, u: Operand, p: Operand, q: Operand): Operand => {
  const allRows = left ? matmul(p, u) : u
  return right ? matmul(allRows, q, { transposeB: true }) : allRows
}
