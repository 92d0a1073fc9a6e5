import {
  check,
  type GradientTransformation,
  nonNegative,
  oneOf,
  positive,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { type ReduceOnPlateauExtra, type ReduceOnPlateauState, reduceOnPlateau } from '@gradchain/transforms'

/** Options of {@link reduceLROnPlateau}. */
export interface ReduceLROnPlateauOptions {
  /** Whether values are to fall or to rise. @defaultValue `'min'` */
  readonly mode?: 'min' | 'max'
  /** What the learning rate is multiplied by, in `(0, 1)`. @defaultValue `0.1` */
  readonly factor?: number
  /** How many values without improvement are borne, a whole number ≥ 0; it falls at the one after them. @defaultValue `10` */
  readonly patience?: number
  /** By how much a value must be better, finite and ≥ 0. @defaultValue `1e-4` */
  readonly threshold?: number
  /** Whether the threshold is a share of the best value, or a number. @defaultValue `'rel'` */
  readonly thresholdMode?: 'rel' | 'abs'
  /** How many values after a fall count for nothing but the best one, a whole number ≥ 0. @defaultValue `0` */
  readonly cooldown?: number
  /** The least learning rate, finite and ≥ 0. @defaultValue `0` */
  readonly minLr?: number
  /** The largest change that is left out as too small to matter, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** How many values are averaged to one, as those of the batches of an epoch, a whole number ≥ 1. @defaultValue `1` */
  readonly accumulationSize?: number
}

/**
 * PyTorch's `ReduceLROnPlateau`: behind an optimizer, in a chain, it scales its updates down when the value that is passed to `update` has
 * stopped improving.
 *
 *     reduceOnPlateau({ factor, patience, rtol: threshold, cooldown, minScale: minLr / learningRate, eps: eps / learningRate,
 *       patienceRule: 'torch', marginRule: 'signed', … })
 *
 * The learning rate falls one value later than in Optax and Keras: with a patience of 2, at the fourth constant value. A threshold is a share of the
 * best value as it is, so that a value that stays at −1 is better each time, and nothing is ever reduced. A value counts for the step that it
 * is given with, in PyTorch for the next one.
 *
 * @param learningRate - that of the optimizer before it, finite and > 0; only for `minLr` and `eps`.
 *
 * @example
 * const tx = chain(pytorch.sgd(0.5), pytorch.reduceLROnPlateau(0.5, { factor: 0.5, patience: 1 }))
 * let params = { w: 0 }
 * let state = tx.init(params)
 * for (const value of [1, 1, 1]) [params, state] = step(tx, { w: -2 }, state, params, { value })
 * params // => { w: 2.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range, one of a part in the name of the part; at update, when the
 * value is no number.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html}
 */
export const reduceLROnPlateau = (
  learningRate: number,
  options: ReduceLROnPlateauOptions = {}
): GradientTransformation<ReduceOnPlateauState, ReduceOnPlateauExtra> => {
  const owner = 'pytorch.reduceLROnPlateau'
  const { threshold, thresholdMode, minLr, eps, ...rest } = withDefaults<Required<ReduceLROnPlateauOptions>>(
    owner,
    options,
    {
      mode: 'min',
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: 'rel',
      cooldown: 0,
      minLr: 0,
      eps: 1e-8,
      accumulationSize: 1
    }
  )
  check(owner, { learningRate }, positive)
  check(owner, { threshold, minLr, eps }, nonNegative)
  check(owner, { thresholdMode }, oneOf('rel', 'abs'))
  return withOrigin(
    ['pytorch.reduceLROnPlateau', learningRate, { ...options }],
    reduceOnPlateau({
      ...rest,
      thresholdMode,
      ...(thresholdMode === 'rel' ? { rtol: threshold } : { atol: threshold }),
      minScale: Math.min(1, minLr / learningRate),
      eps: eps / learningRate,
      patienceRule: 'torch',
      marginRule: 'signed'
    })
  )
}
