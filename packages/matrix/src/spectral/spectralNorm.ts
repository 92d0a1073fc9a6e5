import {
  boolean,
  castLike,
  check,
  div,
  type Expr,
  type GradientTransformation,
  type Key,
  keyOrSeed,
  less,
  matmul,
  mul,
  type NdArray,
  type Operand,
  paramsAfter,
  positive,
  positiveInteger,
  shapeOf,
  type Tree,
  transformation,
  updatesTo,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import {
  fansOf,
  fromMatrices,
  toMatrices,
  type View,
  type WeightDimensionNumbers
} from '../internal/dimensionNumbers.js'
import { mapPlaced, mapPlaces, type Places, placesOf, withKeys } from '../internal/mapPlaced.js'
import { byLargest, lengthOf, orOne, spread } from '../internal/stacks.js'
import { someDimensionNumbers, viewAt } from '../internal/views.js'
import { wideDtype } from '../internal/wideDtype.js'

/** Options of {@link spectralNorm}. */
export interface SpectralNormOptions {
  /** The spectral norm that matrices are brought to, finite and > 0. @defaultValue `1` */
  readonly norm?: number
  /** Whether matrices of a smaller norm are left alone. @defaultValue `false` */
  readonly atMost?: boolean
  /** How many steps of the power iteration each update makes, a whole number ≥ 1. @defaultValue `1` */
  readonly steps?: number
  /** Where the first directions come from: a key, or a whole number for the key of that seed. @defaultValue `0` */
  readonly key?: Key | number
  /** How leaves are seen as matrices; all others are left alone. @defaultValue leaves of two axes */
  readonly weightDimensionNumbers?: WeightDimensionNumbers | undefined
}

/** State of {@link spectralNorm}. */
export interface SpectralNormState {
  /** The direction u of each matrix: `[batch, m, 1]`, or `[m, 1]` where the leaf is one matrix; 0 for a leaf that is none. */
  readonly u: Tree
}

/**
 * Keeps the largest singular value of each matrix at 1, as found by a power iteration that goes on from step to step: spectral normalization.
 *
 * For the matrix W = p + g of m × n, from u₀ of normal random numbers, `steps` times:
 *
 *     v = Wᵀ u / ‖Wᵀ u‖        u = W v / ‖W v‖        σ = ‖W v‖
 *
 * and then the update is norm · W / σ − p; with atMost W − p where σ ≤ norm. It stands last in a chain, after the learning rate. σ is never above
 * the largest singular value, and comes closer with each step while the matrix moves slowly; {@link projectSpectralNorm} is exact. Of zeros nothing
 * is made. PyTorch's `spectral_norm` normalises for each forward pass and keeps what it was made from; here the params are what is normalised.
 *
 * Laws: with more steps the norm tends to what was asked for; leaves that are no matrices pass unchanged; blind to the scale of W, without
 * atMost.
 *
 * @example
 * const tx = spectralNorm({ steps: 30 })
 * const params = { w: ndarray(new Float64Array([4, 0, 0, 1]), [2, 2]) }
 * const [u] = tx.update({ w: ndarray(new Float64Array(4), [2, 2]) }, tx.init(params), params)
 * applyUpdates(params, u).w.data // => Float64Array [1, 0, 0, 0.25]
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Miyato et al. (2018), Spectral Normalization for Generative Adversarial Networks, algorithm 1,
 * {@link https://arxiv.org/abs/1802.05957}
 */
export const spectralNorm = (options: SpectralNormOptions = {}): GradientTransformation<SpectralNormState> => {
  const { norm, atMost, steps, key, weightDimensionNumbers } = withDefaults<Required<SpectralNormOptions>>(
    'spectralNorm',
    options,
    { norm: 1, atMost: false, steps: 1, key: 0, weightDimensionNumbers: undefined }
  )
  check('spectralNorm', { norm }, positive)
  check('spectralNorm', { atMost }, boolean)
  check('spectralNorm', { steps }, positiveInteger)
  check('spectralNorm', { key }, keyOrSeed)
  check('spectralNorm', { weightDimensionNumbers }, someDimensionNumbers)
  const first = typeof key === 'number' ? random.key(key) : key
  const viewsOf = (leaves: Tree): Places<View | null> =>
    placesOf((path, leaf) => {
      const shape = shapeOf(leaf)
      return shape.includes(0) ? null : viewAt('spectralNorm', weightDimensionNumbers, path, shape)
    }, leaves)

  return transformation<SpectralNormState>({
    origin: ['spectralNorm', { ...options }],
    init: (params) => {
      // Of zeros only the form and the dtype are looked at, which is float32 for 16 bits.
      const forms = tree.zerosLike(params)
      const draw = ([view, own]: readonly [View | null, Key], p: Operand): Operand =>
        view === null ? 0 : drawn(own, p, view)
      return { u: mapPlaced(draw, withKeys(viewsOf(params), first), forms) }
    },
    update: (updates, state, params) => {
      const views = viewsOf(params)
      const found = mapPlaces(
        (view, w, from): { readonly w: Operand; readonly u: Operand } => {
          if (view === null) return { w, u: 0 }
          const { w: image, u } = normalized(toMatrices(w, view), from, { norm, atMost, steps })
          return { w: fromMatrices(image, view, shapeOf(w)), u }
        },
        views,
        paramsAfter(params, updates),
        state.u
      )
      const targets = updatesTo(
        params,
        mapPlaced(({ w }) => w, found)
      )
      const moved = mapPlaced((view, g, target) => (view === null ? g : target), views, updates, targets)
      return [
        moved,
        {
          u: tree.castLike(
            mapPlaced(({ u }) => u, found),
            state.u
          )
        }
      ]
    }
  })
}

/** The first direction of one leaf. */
const drawn = (key: Key, like: Operand, view: View): NdArray => {
  const shape = shapeOf(like)
  const [rows] = fansOf(view, shape)
  const batch = view.batch.length === 0 ? [] : [view.batch.reduce((n, axis) => n * (shape[axis] as number), 1)]
  return random.normal(key, [...batch, rows, 1], { dtype: wideDtype(like) })
}

interface How {
  readonly norm: number
  readonly atMost: boolean
  readonly steps: number
}

const normalized = (w: Expr, from: Operand, { norm, atMost, steps }: How): { readonly w: Value; readonly u: Value } => {
  const { unit, size } = byLargest(w)
  let u = castLike(from, unit)
  let sigma: Value = 0
  for (let step = 0; step < steps; step++) {
    const v = toLength1(matmul(unit, u, { transposeA: true }))
    const image = matmul(unit, v)
    sigma = lengthOf(image)
    // Of zeros there is no direction: the one there was stays.
    const isSome = spread(less(0, sigma), shapeOf(image))
    u = where(isSome, toLength1(image), u)
  }
  const whole = shapeOf(unit)
  const scaled = mul(unit, spread(div(norm, orOne(sigma)), whole))
  // What is zeros, or small enough, stays to the bit.
  const isScaled = less(atMost ? norm : 0, atMost ? mul(sigma, size) : sigma)
  return { w: where(spread(isScaled, whole), scaled, w), u }
}

const toLength1 = (x: Expr): Expr => div(x, spread(orOne(lengthOf(x)), shapeOf(x))) as Expr
