import {
  aNumber,
  check,
  type GradientTransformation,
  mul,
  nonNegative,
  nonNegativeInteger,
  oneOf,
  positive,
  positiveInteger,
  type Requirement,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { ReduceOnPlateauExtra } from '@gradchain/transforms'

/** Options of {@link greedyLR}. */
export interface GreedyLROptions {
  /** Whether values are to fall or to rise. @defaultValue `'min'` */
  readonly mode?: 'min' | 'max'
  /** What the learning rate is multiplied by where values get no better, and divided by where they do, in `(0, 1)`. @defaultValue `0.95` */
  readonly factor?: number
  /** How many values in a row of one kind are borne, a whole number ≥ 0. @defaultValue `10` */
  readonly patience?: number
  /** By how much a value must be better, finite and ≥ 0. @defaultValue `1e-6` */
  readonly threshold?: number
  /** Whether the threshold is a share of the best value, or a number. @defaultValue `'abs'` */
  readonly thresholdMode?: 'rel' | 'abs'
  /** How many values after a fall count for nothing, a whole number ≥ 0. @defaultValue `0` */
  readonly cooldown?: number
  /** How many values after a rise count for nothing, a whole number ≥ 0. @defaultValue `0` */
  readonly warmup?: number
  /** The least learning rate, finite and ≥ 0. @defaultValue `1e-3` */
  readonly minLr?: number
  /** The largest learning rate, finite and > 0. @defaultValue `1` */
  readonly maxLr?: number
  /** The largest change that is left out as too small to matter, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** After how many falls at the least learning rate all begins anew, a whole number ≥ 1. @defaultValue `500` */
  readonly resetStart?: number
}

/** State of {@link greedyLR}. */
export interface GreedyLRState {
  /** The learning rate. */
  readonly learningRate: number
  /** The best value so far; before the first, the worst finite one. */
  readonly best: number
  /** How many values in a row were better. */
  readonly good: number
  /** How many values in a row were not. */
  readonly bad: number
  /** How many values that count for nothing are still to come. */
  readonly pause: number
  /** How many falls at the least learning rate are left until all begins anew. */
  readonly untilReset: number
}

/**
 * transformers' `GreedyLR`, `greedy` of its schedules: behind an optimizer, in a chain, it scales its updates up while the value that is passed
 * to `update` gets better, and down while it does not.
 *
 * From 11 better values in a row on the learning rate is divided by `factor`, from 11 that are not it is multiplied, between `minLr` and `maxLr`. The
 * least learning rate is 1e-3 by default, far above what models of language are trained with: from below it nothing is reduced. A better value
 * resets the count of the others. Values that count for nothing do not set the best one either, unlike with `pytorch.reduceLROnPlateau`,
 * which is `reduce_lr_on_plateau` of transformers. `smooth` is not here: it is the mean of the last 50 values.
 *
 * @param learningRate - that of the optimizer before it, finite and > 0.
 *
 * @example
 * const tx = chain(pytorch.sgd(0.5), transformers.greedyLR(0.5, { factor: 0.5, patience: 1 }))
 * let params = { w: 0 }
 * let state = tx.init(params)
 * for (const value of [3, 2, 1]) [params, state] = step(tx, { w: -2 }, state, params, { value })
 * params // => { w: 5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when the value is no number.
 * @see Subramanian, Krishnamoorthy and Murthy (2025), Dynamic Learning Rate Scheduling based on Loss Changes Leads to Faster
 * Convergence, {@link https://arxiv.org/abs/2512.14527}
 */
export const greedyLR = (
  learningRate: number,
  options: GreedyLROptions = {}
): GradientTransformation<GreedyLRState, ReduceOnPlateauExtra> => {
  const owner = 'transformers.greedyLR'
  const chosen = withDefaults<Required<GreedyLROptions>>(owner, options, {
    mode: 'min',
    factor: 0.95,
    patience: 10,
    threshold: 1e-6,
    thresholdMode: 'abs',
    cooldown: 0,
    warmup: 0,
    minLr: 1e-3,
    maxLr: 1,
    eps: 1e-8,
    resetStart: 500
  })
  const { mode, factor, patience, threshold, thresholdMode, cooldown, warmup, minLr, maxLr, eps, resetStart } = chosen
  check(owner, { learningRate, maxLr }, positive)
  check(owner, { mode }, oneOf('min', 'max'))
  check(owner, { thresholdMode }, oneOf('rel', 'abs'))
  check(owner, { factor }, inOpenUnitInterval)
  check(owner, { patience, cooldown, warmup }, nonNegativeInteger)
  check(owner, { threshold, minLr, eps }, nonNegative)
  check(owner, { resetStart }, positiveInteger)
  const better = mode === 'min' ? -1 : 1
  const worst = -better * Number.MAX_VALUE
  const start = { learningRate, best: worst, good: 0, bad: 0, pause: 0, untilReset: resetStart }

  const isBetter = (value: number, best: number): boolean => {
    if (best === worst) return better * (value - best) > 0
    const bar = thresholdMode === 'rel' ? best * (1 + better * threshold) : best + better * threshold
    return better * (value - bar) > 0
  }
  const judged = (state: GreedyLRState, value: number): GreedyLRState => {
    if (state.pause > 0) return { ...state, pause: state.pause - 1, good: 0, bad: 0 }
    const isBest = isBetter(value, state.best)
    const best = isBest ? value : state.best
    const [good, bad] = isBest ? [state.good + 1, 0] : [0, state.bad + 1]
    if (good > patience) {
      const raised = Math.min(state.learningRate / factor, maxLr)
      const now = raised - state.learningRate > eps ? raised : state.learningRate
      return { learningRate: now, best, good: 0, bad: 0, pause: warmup, untilReset: resetStart }
    }
    if (bad <= patience) return { ...state, best, good, bad }

    const lowered = Math.max(state.learningRate * factor, minLr)
    const now = state.learningRate - lowered > eps ? lowered : state.learningRate
    const untilReset = now > minLr ? state.untilReset : state.untilReset - 1
    // What begins anew pauses all the same, as its cooldown is set after that.
    if (untilReset <= 0) return { ...start, pause: cooldown }
    return { learningRate: now, best, good: 0, bad: 0, pause: cooldown, untilReset }
  }

  return transformation<GreedyLRState, ReduceOnPlateauExtra>({
    origin: ['transformers.greedyLR', learningRate, { ...options }],
    init: () => start,
    update: (updates, state, _, extra) => {
      const value = extra?.value
      check(owner, { value }, aNumber)
      const next = judged(state, value)
      return [tree.map((g) => mul(next.learningRate / learningRate, g), updates), next]
    }
  })
}

const inOpenUnitInterval: Requirement = {
  what: 'in (0, 1)',
  holds: (value) => typeof value === 'number' && value > 0 && value < 1
}
