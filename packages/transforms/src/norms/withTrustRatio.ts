import {
  type AnyGradientTransformation,
  add,
  check,
  definitionOf,
  div,
  type ExtraOf,
  equal,
  type GradientTransformation,
  type Leaf,
  min,
  mul,
  nonNegative,
  norm,
  type Operand,
  oneOf,
  type StateOf,
  sub,
  type Tree,
  transformation,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { checkMask, expandMask } from '../internal/expandMask.js'
import type { Mask } from '../selection/mask.js'

/** Options of {@link withTrustRatio}. */
export interface WithTrustRatioOptions<P = Tree<Leaf>, M = never> {
  /** Length τ of an update in units of that of its params, finite and ≥ 0. @defaultValue `1` */
  readonly trustCoefficient?: number
  /** Added to the denominator, finite and ≥ 0. @defaultValue `0` */
  readonly eps?: number
  /** What the params are measured against: the update of inner, or the gradient and what inner adds to it, apart. @defaultValue `'update'` */
  readonly denominator?: 'update' | 'sum'
  /** Which leaves are scaled; the others keep the update of inner. @defaultValue `true` */
  readonly mask?: Mask<P, M> | undefined
}

/** State of {@link withTrustRatio}. */
export interface WithTrustRatioState<Inner> {
  /** State of the inner transformation. */
  readonly innerState: Inner
}

/**
 * Gives what the inner transformation makes of a gradient, its weight decay above all, the length of the params: LARS.
 *
 * For each leaf g of the updates with the params p, r = inner(g), and τ = trustCoefficient:
 *
 *     u = r · τ ‖p‖ / (d + eps)         d = ‖r‖                  ‖x‖ = √Σx², over the elements of the leaf
 *     u = r   where ‖p‖ or m is 0       d = ‖g‖ + ‖r − g‖        with denominator 'sum'
 *
 * with m = ‖r‖, or ‖g‖ for a sum. Around weight decay, r = g + λ p, the sum is ‖g‖ + λ ‖p‖: the denominator of LARS's paper and of
 * timm. As the norm of the update it is what Optax divides by, and {@link scaleByTrustRatio} behind the decay does the same.
 *
 * Laws: around the identity either is scaleByTrustRatio, but for roundings; odd in g, where inner is; with a sum u is nowhere
 * longer than with the norm of the update; each leaf is treated as if it were alone, where inner does so.
 *
 * @example
 * const tx = withTrustRatio(addDecayedWeights(0.5), { denominator: 'sum' })
 * const params = { w: new Float32Array([6, 8]) }
 * // Of length 10, over 10 + ½ · 10.
 * tx.update({ w: new Float32Array([0, 10]) }, tx.init(params), params)[0] // => { w: Float32Array [2, 9.33…] }
 *
 * @throws InvalidOption at construction, when an option is unknown or outside its range; InvalidTree at init and update, where
 * the mask does not fit the params.
 * @see You, Gitman and Ginsburg (2017), algorithm 1, {@link https://arxiv.org/abs/1708.03888}
 * @see lars, scaleByTrustRatio
 */
export const withTrustRatio = <T extends AnyGradientTransformation, P = Tree<Leaf>, const M = never>(
  inner: T,
  options: WithTrustRatioOptions<P, M> = {}
): GradientTransformation<WithTrustRatioState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('withTrustRatio', inner)
  const { trustCoefficient, eps, denominator, mask } = withDefaults<Chosen<P, M>>('withTrustRatio', options, {
    trustCoefficient: 1,
    eps: 0,
    denominator: 'update',
    mask: true
  })
  check('withTrustRatio', { trustCoefficient, eps }, nonNegative)
  check('withTrustRatio', { denominator }, oneOf('update', 'sum'))
  checkMask('withTrustRatio', mask)

  const scaled = (g: Operand, r: Operand, p: Operand): Value => {
    const measured = norm(denominator === 'sum' ? g : r)
    const ofParams = norm(p)
    const hasNone = equal(min(measured, ofParams), 0)
    const against = add(denominator === 'sum' ? add(measured, norm(sub(r, g))) : measured, eps)
    return mul(div(r, where(hasNone, 1, against)), where(hasNone, 1, mul(trustCoefficient, ofParams)))
  }

  return transformation<WithTrustRatioState<StateOf<T>>, ExtraOf<T>>({
    origin: ['withTrustRatio', inner, { ...options }],
    init: (params) => {
      // Only to have a mask that does not fit refused before the first update.
      expandMask('withTrustRatio', mask, params)
      return { innerState: init(params) }
    },
    update: (updates, state, params, extra) => {
      const [transformed, innerState] = update(updates, state.innerState, params, extra)
      const isScaled = expandMask('withTrustRatio', mask, params)
      const long = tree.map((g, r, p) => scaled(g, r, p), updates, transformed, params)
      const all = tree.map((r, u, on) => (on ? u : r), transformed, long, isScaled)
      return [all, { innerState }]
    }
  })
}

/** The options with their defaults. */
interface Chosen<P, M> {
  readonly trustCoefficient: number
  readonly eps: number
  readonly denominator: 'update' | 'sum'
  readonly mask: Mask<P, M>
}
