import {
  add,
  biasCorrection,
  broadcast,
  callable,
  check,
  div,
  Expr,
  type GradientTransformation,
  InvalidOption,
  inUnitInterval,
  mean,
  nonNegative,
  type Operand,
  optional,
  reshape,
  shapeOf,
  show,
  sqrt,
  square,
  type Tree,
  transformation,
  updateMoment,
  withDefaults,
  zerosLike
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { mapPlaced, type Places, placesOf } from '../internal/mapPlaced.js'
import { wideDtype } from '../internal/wideDtype.js'
import { zeros } from '../internal/zeros.js'

/**
 * What of a leaf has one second moment: the whole of it; each element, as in Adam; each slice across an axis; or as many slices as there are
 * parts, each so many neighbours: the heads of an attention layer.
 */
export type AdamMiniBlocks =
  | 'whole'
  | 'elements'
  | {
      /** The axis; from the end when it is below 0. */
      readonly axis: number
      /** Into how many equal parts the axis is cut; it must be divisible. @defaultValue its length */
      readonly parts?: number
    }

/** Options of {@link scaleByAdamMini}. */
export interface ScaleByAdamMiniOptions {
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moments, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /**
   * The blocks of a leaf, by its path and shape. @defaultValue each slice across the last axis of a leaf with two axes or more, which is an
   * output of a layer `[in, out]`, and the whole of any other
   */
  readonly blocks?: ((path: string, shape: readonly number[]) => AdamMiniBlocks) | undefined
}

/** State of {@link scaleByAdamMini}. */
export interface ScaleByAdamMiniState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, shaped like the params. */
  readonly mu: Tree
  /** The second moments v: of each leaf an array of one number for each block, `[blocks]`, or a number for a number; shaped like the leaf where blocks are elements. */
  readonly nu: Tree
}

/**
 * Adam-mini: Adam with one second moment for each block of a leaf, the mean square of all of it.
 *
 * For the gradient g at step t = 1, 2, …, from m₀ = v₀ = 0, with a mean over each block:
 *
 *     mₜ = β₁ mₜ₋₁ + (1 − β₁) g               m̂ = mₜ / (1 − β₁ᵗ)
 *     vₜ = β₂ vₜ₋₁ + (1 − β₂) mean(g²)        v̂ = vₜ / (1 − β₂ᵗ)
 *     uₜ = m̂ / (√v̂ + eps)
 *
 * A transformer is cut as in the paper with a function of the path: embeddings and the head by their tokens, queries and keys by their heads,
 * everything else by its outputs, vectors as a whole:
 *
 *     blocks: (path, shape) =>
 *       shape.length < 2 ? 'whole' : /embed/.test(path) ? { axis: 0 } : /query|key/.test(path) ? { axis: -1, parts: heads } : { axis: -1 }
 *
 * It keeps half of what Adam does, and a number for each block.
 *
 * Laws: where blocks are elements it is `scaleByAdam`; odd in the gradient; blind to its scale when eps = 0; elements of a block keep the
 * proportions of their first moments.
 *
 * Of zeros the update is zero. A NaN stays in its block, as it does in Adam.
 *
 * @example
 * const tx = scaleByAdamMini({ eps: 0 })
 * const params = { w: ndarray(new Float64Array(4), [2, 2]) }
 * const grads = { w: ndarray(new Float64Array([1, 3, 7, 3]), [2, 2]) }
 * const [u, state] = tx.update(grads, tx.init(params), params)
 * u.w.data // => Float64Array [0.2, 1, 1.4, 1]
 * state.nu // => { w: { dtype: 'float64', shape: [2], data: Float64Array [0.02…, 0.009…] } }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at init, for blocks that a leaf cannot be cut into.
 * @see Zhang et al. (2024), algorithms 1 to 3, {@link https://arxiv.org/abs/2406.16793}
 */
export const scaleByAdamMini = (options: ScaleByAdamMiniOptions = {}): GradientTransformation<ScaleByAdamMiniState> => {
  const { b1, b2, eps, blocks } = withDefaults<Required<ScaleByAdamMiniOptions>>('scaleByAdamMini', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    blocks: undefined
  })
  check('scaleByAdamMini', { b1, b2 }, inUnitInterval)
  check('scaleByAdamMini', { eps }, nonNegative)
  check('scaleByAdamMini', { blocks }, optional(callable))

  const cutsOf = (params: Tree): Places<Cut | null> =>
    placesOf((path, leaf) => {
      const shape = shapeOf(leaf)
      return cutOf(path, shape, blocks?.(path, shape) ?? (shape.length > 1 ? { axis: -1 } : 'whole'))
    }, params)

  return transformation<ScaleByAdamMiniState>({
    origin: ['scaleByAdamMini', { ...options }],
    init: (params) => ({
      count: 0,
      mu: tree.zerosLike(tree.widen(params)),
      nu: mapPlaced(
        (cut, p) => (cut === null || !(p instanceof Expr) ? zerosLike(p) : zeros([cut.parts], wideDtype(p))),
        cutsOf(params),
        tree.widen(params)
      )
    }),
    update: (updates, state, params) => {
      const count = state.count + 1
      const cuts = cutsOf(params)
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const nu = mapPlaced((cut, g, v) => updateMoment(meanSquares(g, cut), v, b2, 1), cuts, updates, state.nu)
      const scaled = mapPlaced(
        (cut, m, v) => {
          const root = add(sqrt(biasCorrection(v, b2, count)), eps)
          return div(biasCorrection(m, b1, count), stretched(root, m, cut))
        },
        cuts,
        mu,
        nu
      )
      return [scaled, { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu) }]
    }
  })
}

/** How a leaf is cut: its shape as what stands before, the parts, the rest of the axis, and what stands behind. */
interface Cut {
  readonly parts: number
  readonly form: readonly [before: number, parts: number, each: number, behind: number]
}

const product = (lengths: readonly number[]): number => lengths.reduce((n, length) => n * length, 1)

const cutOf = (path: string, shape: readonly number[], blocks: AdamMiniBlocks): Cut | null => {
  if (blocks === 'elements') return null
  if (blocks === 'whole') return { parts: 1, form: [1, 1, product(shape), 1] }
  const at = typeof blocks === 'object' && blocks !== null ? blocks.axis : Number.NaN
  const axis = at < 0 ? at + shape.length : at
  const length = shape[axis]
  const parts = length === undefined ? 0 : (blocks.parts ?? length)
  if (
    length === undefined ||
    !Number.isSafeInteger(parts) ||
    parts < 0 ||
    (parts === 0 ? length > 0 : length % parts !== 0)
  ) {
    const what = `'whole', 'elements', or { axis, parts } with an axis of shape ${show(shape)} that is divisible by its parts`
    throw new InvalidOption(`scaleByAdamMini: blocks(${show(path)}) must be ${what}, got ${show(blocks)}`)
  }
  const each = parts === 0 ? 0 : length / parts
  return { parts, form: [product(shape.slice(0, axis)), parts, each, product(shape.slice(axis + 1))] }
}

/** The mean square of each block. */
const meanSquares = (g: Operand, cut: Cut | null): Operand => {
  if (cut === null || !(g instanceof Expr) || g.isScalar) return square(g)
  return reshape(mean(reshape(square(g), cut.form), [0, 2, 3]), [cut.parts])
}

/** The number of each block, at each of its elements. */
const stretched = (v: Operand, like: Operand, cut: Cut | null): Operand => {
  if (cut === null || !(like instanceof Expr) || like.isScalar) return v
  return reshape(broadcast(reshape(v, [1, cut.parts, 1, 1]), cut.form), like.shape)
}
