import {
  aNumber,
  check,
  type GradientTransformation,
  InvalidOption,
  inClosedUnitInterval,
  mul,
  nonNegative,
  nonNegativeInteger,
  oneOf,
  positiveInteger,
  show,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { inOpenUnitInterval } from '../internal/requirements.js'

/** Options of {@link reduceOnPlateau}. */
export interface ReduceOnPlateauOptions {
  /** What the scale is multiplied by at each reduction, in `(0, 1)`. @defaultValue `0.1` */
  readonly factor?: number
  /** How many values without improvement are borne, a whole number ≥ 1; ≥ 0 with the rule of torch. @defaultValue `10` */
  readonly patience?: number
  /** Share of the size of the best value by which one must be better, in `[0, 1]`. @defaultValue `1e-4`; `0` where thresholds are absolute */
  readonly rtol?: number
  /** By how much a value must be better, ≥ 0. @defaultValue `0`; `1e-4` where thresholds are absolute */
  readonly atol?: number
  /** How many values after a reduction count for nothing but the best one, a whole number ≥ 0. @defaultValue `0` */
  readonly cooldown?: number
  /** How many values are averaged to one, a whole number ≥ 1. @defaultValue `1` */
  readonly accumulationSize?: number
  /** The scale below which it does not go, in `[0, 1]`. @defaultValue `0` */
  readonly minScale?: number
  /** The largest change of the scale that is left out as too small to matter, finite and ≥ 0. @defaultValue `0` */
  readonly eps?: number
  /** Whether values are to fall or to rise. @defaultValue `'min'` */
  readonly mode?: 'min' | 'max'
  /** Whether the threshold is a share of the best value or a number: the defaults of `rtol` and `atol`. @defaultValue `'rel'` */
  readonly thresholdMode?: 'rel' | 'abs'
  /** Whether the scale falls at the last value that is borne, as in Optax, or at the one after it. @defaultValue `'optax'` */
  readonly patienceRule?: 'optax' | 'torch'
  /**
   * Of what `rtol` is a share: of |b|, or of b itself, as in Optax and PyTorch, where the margin of a negative b lies on the
   * wrong side. @defaultValue `'size'`
   */
  readonly marginRule?: 'size' | 'signed'
}

/** State of {@link reduceOnPlateau}. */
export interface ReduceOnPlateauState {
  /** What updates are multiplied by. */
  readonly scale: number
  /** The best value so far; before the first, the worst finite one, which JSON keeps as it does any other. */
  readonly bestValue: number
  /** How many values in a row were no improvement. */
  readonly plateauCount: number
  /** How many values of the cooldown are still to come. */
  readonly cooldownCount: number
  /** How many values are in the average that is being made. */
  readonly count: number
  /** The average of these. */
  readonly avgValue: number
}

/** What {@link reduceOnPlateau} needs beyond the params. */
export interface ReduceOnPlateauExtra {
  /** The value that is to improve: the loss, or any other measure of how well it goes. */
  readonly value: number
}

/**
 * Scales updates down when a value has stopped improving. Last in a chain it is the learning rate that falls.
 *
 * For the mean v of `accumulationSize` values, from scale s = 1, best b = ∞ and k = 0 bad values:
 *
 *     better:         v < b − rtol |b| − atol       (mode 'max': v > b + rtol |b| + atol, from b = −∞)
 *     if better:      b ← v, k ← 0;  otherwise k ← k + 1
 *     in a cooldown:  k ← 0
 *     if k reaches patience:  s ← max(s · factor, minScale), k ← 0, and a cooldown begins
 *                             s stays where that is a change of at most eps
 *     u = s g
 *
 * With `patienceRule: 'torch'` it is when k exceeds patience, one value later: then, with minScale = min_lr / lr and PyTorch's
 * eps / lr (there 1e-8), it is PyTorch's ReduceLROnPlateau, whose default threshold is ours. Its `step()` once an epoch is an update with `accumulationSize` the number of updates in an epoch, the value being a mean.
 *
 * A value that is NaN is never better.
 *
 * Optax and PyTorch take the margin of b and not of its size, so that a value which does not change at −1 is better each time,
 * and nothing is ever reduced; `marginRule: 'signed'` reproduces their runs. Where b is positive it is the same.
 *
 * Laws: the identity before the first reduction; linear in the gradient; the scale never rises; mode `'max'` of −value is mode
 * `'min'`; a value that stays what it is, of whatever sign, is a plateau.
 *
 * Unlike Optax: a patience of 0 is refused, with which Optax reduces at improvements; rtol = atol = 0 is allowed, any fall
 * being better; with rtol = 1 the first value is better; the state is numbers, never rounded to the dtype of the params.
 *
 * @example
 * const tx = chain(scale(-1), reduceOnPlateau({ factor: 0.5, patience: 2 }))
 * const params = { w: 0 }
 * let state = tx.init(params)
 * const emitted: number[] = []
 * for (const value of [3, 2, 2, 2, 2]) {
 *   const [updates, next] = tx.update({ w: 1 }, state, params, { value })
 *   state = next
 *   emitted.push(updates.w)
 * }
 * emitted // => [-1, -1, -1, -0.5, -0.5]
 *
 * @throws InvalidOption at construction, when an option is outside its range, and for an rtol where thresholds are absolute; at
 * update, when the value is no number.
 * @see skipLargeUpdates, applyIfFinite, which look at the gradients and not at the loss.
 */
export const reduceOnPlateau = (
  options: ReduceOnPlateauOptions = {}
): GradientTransformation<ReduceOnPlateauState, ReduceOnPlateauExtra> => {
  const given = withDefaults<Given>('reduceOnPlateau', options, {
    factor: 0.1,
    patience: 10,
    rtol: undefined,
    atol: undefined,
    cooldown: 0,
    accumulationSize: 1,
    minScale: 0,
    eps: 0,
    mode: 'min',
    thresholdMode: 'rel',
    patienceRule: 'optax',
    marginRule: 'size'
  })
  const { factor, patience, cooldown, accumulationSize, minScale, eps } = given
  const { mode, thresholdMode, patienceRule, marginRule } = given
  check('reduceOnPlateau', { mode }, oneOf('min', 'max'))
  check('reduceOnPlateau', { thresholdMode }, oneOf('rel', 'abs'))
  check('reduceOnPlateau', { patienceRule }, oneOf('optax', 'torch'))
  check('reduceOnPlateau', { marginRule }, oneOf('size', 'signed'))
  const isAbsolute = thresholdMode === 'abs'
  const { rtol = isAbsolute ? 0 : 1e-4, atol = isAbsolute ? 1e-4 : 0 } = given
  check('reduceOnPlateau', { factor }, inOpenUnitInterval)
  check('reduceOnPlateau', { patience }, patienceRule === 'torch' ? nonNegativeInteger : positiveInteger)
  check('reduceOnPlateau', { rtol, minScale }, inClosedUnitInterval)
  check('reduceOnPlateau', { atol, eps }, nonNegative)
  check('reduceOnPlateau', { cooldown }, nonNegativeInteger)
  check('reduceOnPlateau', { accumulationSize }, positiveInteger)
  if (isAbsolute && rtol > 0) {
    throw new InvalidOption(`reduceOnPlateau: rtol must be left out with thresholdMode "abs", got ${show(rtol)}`)
  }

  const better = mode === 'min' ? -1 : 1
  const worst = -better * Number.MAX_VALUE
  const barOf = (best: number): number => {
    if (best === worst) return worst
    const away = marginRule === 'size' && best < 0 ? -better : better
    return (1 + away * rtol) * best + better * atol
  }
  const isBetter = (value: number, best: number): boolean =>
    mode === 'min' ? value < barOf(best) : value > barOf(best)
  const limit = patienceRule === 'torch' ? patience + 1 : patience

  /** The state after a value, or a mean of several. */
  const judged = (state: ReduceOnPlateauState, value: number): ReduceOnPlateauState => {
    const isBest = isBetter(value, state.bestValue)
    const bad = isBest ? 0 : state.plateauCount + 1
    const isCooling = state.cooldownCount > 0
    const isReduced = !isCooling && bad >= limit
    const reduced = Math.max(state.scale * factor, minScale)
    return {
      scale: isReduced && state.scale - reduced > eps ? reduced : state.scale,
      bestValue: isBest ? value : state.bestValue,
      plateauCount: isCooling || isReduced ? 0 : bad,
      cooldownCount: isReduced ? cooldown : Math.max(0, state.cooldownCount - 1),
      count: 0,
      avgValue: 0
    }
  }

  return transformation<ReduceOnPlateauState, ReduceOnPlateauExtra>({
    origin: ['reduceOnPlateau', { ...options }],
    init: () => ({ scale: 1, bestValue: worst, plateauCount: 0, cooldownCount: 0, count: 0, avgValue: 0 }),
    update: (updates, state, _, extra) => {
      const value = extra?.value
      check('reduceOnPlateau', { value }, aNumber)
      const count = state.count + 1
      const avgValue = (state.count * state.avgValue + value) / count
      const next = count >= accumulationSize ? judged(state, avgValue) : { ...state, count, avgValue }
      return [tree.map((g) => mul(next.scale, g), updates), next]
    }
  })
}

/** The options with their defaults; those of the tolerances depend on the mode. */
type Given = Required<Omit<ReduceOnPlateauOptions, 'rtol' | 'atol'>> & {
  readonly rtol: number | undefined
  readonly atol: number | undefined
}
