import {
  type AnyGradientTransformation,
  abs,
  boolean,
  check,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  mul,
  type StateOf,
  sign,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Options of {@link grams}. */
export interface GramsOptions {
  /** Whether updates are to go against the gradients, as those of a whole optimizer do. @defaultValue `true` */
  readonly descends?: boolean
}

/**
 * Takes from another transformation how large updates are, and from the gradient at hand where they go: Grams.
 *
 * Elementwise, for the gradient g and the update v of `inner`:
 *
 *     u = −sign(g) |v|           sign(g) |v| unless descends
 *
 * Laws: |u| = |v| where the gradient is not 0; nothing moves where it is; elementwise where `inner` is.
 *
 * @example
 * const tx = grams(chain(trace(0.5), scale(-1)))
 * const params = { w: [0, 0] }
 * const [, state] = tx.update({ w: [4, 4] }, tx.init(params), params)
 * // Momentum goes on to −1 and −3, but the first gradient has turned.
 * tx.update({ w: [-1, 1] }, state, params)[0] // => { w: [1, -3] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Cao, Li and Song (2024), Grams: Gradient Descent with Adaptive Momentum Scaling, definition 4.3,
 * {@link https://arxiv.org/abs/2412.17107}
 * @see cautious
 */
export const grams = <T extends AnyGradientTransformation>(
  inner: T,
  options: GramsOptions = {}
): GradientTransformation<StateOf<T>, ExtraOf<T>> => {
  const { init, update } = definitionOf('grams', inner)
  const { descends } = withDefaults<Required<GramsOptions>>('grams', options, { descends: true })
  check('grams', { descends }, boolean)
  const towards = descends ? -1 : 1

  return transformation<StateOf<T>, ExtraOf<T>>({
    origin: ['grams', inner, { ...options }],
    init,
    update: (updates, state, params, extra) => {
      const [steps, next] = update(updates, state, params, extra)
      return [tree.map((g, v) => mul(mul(towards, sign(g)), abs(v)), updates, steps), next]
    }
  })
}
