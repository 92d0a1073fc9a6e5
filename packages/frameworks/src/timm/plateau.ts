import {
  check,
  definitionOf,
  finite,
  type GradientTransformation,
  mul,
  nonNegative,
  nonNegativeInteger,
  oneOf,
  positive,
  positiveInteger,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { type ReduceOnPlateauExtra, type ReduceOnPlateauState, reduceOnPlateau } from '@gradchain/transforms'

/** Options of {@link plateau}. */
export interface PlateauOptions {
  /** What the learning rate is multiplied by, in `(0, 1)`. @defaultValue `0.1` */
  readonly decayRate?: number
  /** How many values without improvement are borne, a whole number ≥ 0; it falls at the one after them. @defaultValue `10` */
  readonly patienceT?: number
  /** Share of the best value by which one must be better, in `[0, 1]`. @defaultValue `1e-4` */
  readonly threshold?: number
  /** How many values after a fall count for nothing but the best one, a whole number ≥ 0. @defaultValue `0` */
  readonly cooldownT?: number
  /** How many values make up the warmup, and count for nothing, a whole number ≥ 0. @defaultValue `0` */
  readonly warmupT?: number
  /** Learning rate at the beginning of the warmup, any finite number. @defaultValue `0` */
  readonly warmupLrInit?: number
  /** The least learning rate, finite and ≥ 0. @defaultValue `0` */
  readonly lrMin?: number
  /** Whether values are to fall or to rise. @defaultValue `'max'` */
  readonly mode?: 'min' | 'max'
  /** How many values are averaged to one, as those of the batches of an epoch, a whole number ≥ 1. @defaultValue `1` */
  readonly accumulationSize?: number
}

/** State of {@link plateau}. */
export interface PlateauState {
  /** How many updates were seen. */
  readonly count: number
  /** State of what lowers the learning rate after the warmup. */
  readonly reduction: ReduceOnPlateauState
}

/**
 * timm's `PlateauLRScheduler`: behind an optimizer, in a chain, it warms its updates up, and scales them down when the value that is passed to
 * `update` has stopped improving. After the warmup it is `pytorch.reduceLROnPlateau`.
 *
 * Values are to rise by default, as an accuracy does: a loss wants `mode: 'min'`. A value of the warmup is not looked at, not even as the best one.
 * The value t = 1, 2, … of the warmup ends with a learning rate of that share of the way, so that the first one is not 0. Noise is a matter
 * of `timm.schedules.noisy`.
 *
 * @param learningRate - that of the optimizer before it, finite and > 0.
 *
 * @example
 * const tx = chain(pytorch.sgd(1), timm.plateau(1, { warmupT: 2, patienceT: 0, mode: 'min', decayRate: 0.5 }))
 * let params = { w: 0 }
 * let state = tx.init(params)
 * for (const value of [9, 9, 5, 5]) [params, state] = step(tx, { w: -1 }, state, params, { value })
 * // Half of the way, all of it, a first value, and one that is no better.
 * params // => { w: 3 }
 *
 * @throws InvalidOption at construction, when an option is outside its range, one of a part in the name of the part; at update, when the
 * value is no number.
 * @see {@link https://huggingface.co/docs/timm/reference/schedulers}
 */
export const plateau = (
  learningRate: number,
  options: PlateauOptions = {}
): GradientTransformation<PlateauState, ReduceOnPlateauExtra> => {
  const owner = 'timm.plateau'
  const chosen = withDefaults<Required<PlateauOptions>>(owner, options, {
    decayRate: 0.1,
    patienceT: 10,
    threshold: 1e-4,
    cooldownT: 0,
    warmupT: 0,
    warmupLrInit: 0,
    lrMin: 0,
    mode: 'max',
    accumulationSize: 1
  })
  const { decayRate, patienceT, threshold, cooldownT, warmupT, warmupLrInit, lrMin, mode, accumulationSize } = chosen
  check(owner, { learningRate }, positive)
  check(owner, { warmupT }, nonNegativeInteger)
  check(owner, { warmupLrInit }, finite)
  check(owner, { lrMin }, nonNegative)
  check(owner, { mode }, oneOf('min', 'max'))
  check(owner, { accumulationSize }, positiveInteger)
  const { init, update } = definitionOf(
    owner,
    reduceOnPlateau({
      factor: decayRate,
      patience: patienceT,
      rtol: threshold,
      cooldown: cooldownT,
      minScale: Math.min(1, lrMin / learningRate),
      eps: 1e-8 / learningRate,
      mode,
      accumulationSize,
      patienceRule: 'torch',
      marginRule: 'signed'
    })
  )
  const first = warmupLrInit / learningRate

  return transformation<PlateauState, ReduceOnPlateauExtra>({
    origin: ['timm.plateau', learningRate, { ...options }],
    init: (params) => ({ count: 0, reduction: init(params) }),
    update: (updates, { count, reduction }, params, extra) => {
      const next = { count: count + 1, reduction }
      if (count < warmupT * accumulationSize) {
        const share = Math.floor(next.count / accumulationSize) / warmupT
        return [tree.map((g) => mul(first + share * (1 - first), g), updates), next]
      }
      const [reduced, lowered] = update(updates, reduction, params, extra)
      return [reduced, { ...next, reduction: lowered }]
    }
  })
}
