import {
  type AnyGradientTransformation,
  add,
  boolean,
  check,
  definitionOf,
  div,
  type ExtraOf,
  type GradientTransformation,
  greater,
  max,
  mul,
  oneOf,
  type StateOf,
  sign,
  sum,
  transformation,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** Options of {@link cautious}. */
export interface CautiousOptions {
  /** Whether `inner` descends, as a whole optimizer does: its updates are then to go against the gradients. @defaultValue `true` */
  readonly descends?: boolean
  /**
   * How what is kept of a leaf makes up for what is not: over the share that is kept, at least 1e-3, as timm does, `'share'`; over the
   * share with one more element, as the paper does, `'paper'`; not at all, `'none'`. @defaultValue `'share'`
   */
  readonly normalize?: 'share' | 'paper' | 'none'
}

/**
 * Leaves out of the updates of another transformation what goes against the gradient at hand: cautious optimizers.
 *
 * For each leaf, the gradients g and the updates v of `inner`, elementwise, with n elements of which k are kept:
 *
 *     φ = 1 where v g < 0, else 0                   v g > 0 unless descends
 *     u = φ v / max(k / n, 1e-3)                    normalize 'share'
 *     u = φ v n / (k + 1)                           normalize 'paper'
 *     u = φ v                                       normalize 'none'
 *
 * Around a whole optimizer its weight decay is left out, too, where it goes against the gradient. To spare it, what is wrapped is the
 * part: `chain(cautious(scaleByAdam(), { descends: false }), addDecayedWeights(0.01), scaleByLearningRate(1e-3))` is timm's AdamW
 * with `caution=True`. So it is with Lion, ADOPT, LaProp, MARS, LAMB and momentum; timm's Adan masks the mean of gradients and not
 * that of their changes, and its AdamP what is left after the projection, which no wrapper sees.
 *
 * Laws: ⟨u, g⟩ ≤ 0, or ≥ 0 unless descends; each leaf is treated as if it were alone; without normalisation |u| ≤ |v|, and it is
 * elementwise where `inner` is.
 *
 * @example
 * const tx = cautious(chain(trace(0.5), scale(-1)), { normalize: 'none' })
 * const params = { w: [0, 0] }
 * const [, state] = tx.update({ w: [4, 4] }, tx.init(params), params)
 * // Momentum goes on to −1 and −3, but the first gradient has turned.
 * tx.update({ w: [-1, 1] }, state, params)[0] // => { w: [0, -3] }
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Liang et al. (2024), Cautious Optimizers: Improving Training with One Line of Code, algorithm 1,
 * {@link https://arxiv.org/abs/2411.16085}
 */
export const cautious = <T extends AnyGradientTransformation>(
  inner: T,
  options: CautiousOptions = {}
): GradientTransformation<StateOf<T>, ExtraOf<T>> => {
  const { init, update } = definitionOf('cautious', inner)
  const { descends, normalize } = withDefaults<Required<CautiousOptions>>('cautious', options, {
    descends: true,
    normalize: 'share'
  })
  check('cautious', { descends }, boolean)
  check('cautious', { normalize }, oneOf('share', 'paper', 'none'))
  const towards = descends ? -1 : 1

  return transformation<StateOf<T>, ExtraOf<T>>({
    origin: ['cautious', inner, { ...options }],
    init,
    update: (updates, state, params, extra) => {
      const [steps, next] = update(updates, state, params, extra)
      const kept = tree.map(
        (g, v) => {
          // Of signs: a product of what is small would be 0.
          const agree = greater(mul(mul(towards, sign(g)), sign(v)), 0)
          const part = where(agree, v, 0)
          if (normalize === 'none') return part
          const [count, size] = [sum(where(agree, 1, 0)), tree.size(v)]
          return size === 0 ? part : div(part, shareOf(count, size, normalize))
        },
        updates,
        steps
      )
      return [kept, next]
    }
  })
}

/** What kept elements are divided by. */
const shareOf = (count: Value, size: number, normalize: 'share' | 'paper'): Value =>
  normalize === 'share' ? max(div(count, size), 1e-3) : div(add(count, 1), size)
