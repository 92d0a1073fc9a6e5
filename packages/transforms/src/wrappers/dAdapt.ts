import {
  type AnyGradientTransformation,
  abs,
  add,
  castLike,
  check,
  definitionOf,
  div,
  type ExtraOf,
  equal,
  type GradientTransformation,
  InvalidOption,
  inPositiveUnitInterval,
  max,
  min,
  mul,
  nonNegative,
  type Operand,
  oneOf,
  orSchedule,
  positive,
  type StateOf,
  show,
  type Tree,
  transformation,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { emitLike } from '../internal/emitLike.js'
import { valueAt } from '../internal/valueAt.js'

/** Options of {@link dAdapt}. */
export interface DAdaptOptions {
  /** The first estimate d₀, finite and > 0. @defaultValue `1e-6` */
  readonly estimLr0?: number
  /** How many times as large the estimate may get in one step, a number > 1, or infinity. @defaultValue `Infinity` */
  readonly growthRate?: number
  /** What is summed up: the `'gradients'`, or the `'updates'` of the inner transformation. @defaultValue `'gradients'` */
  readonly along?: 'gradients' | 'updates'
  /** In which norm the sum is measured: `'l1'` for a distance by the farthest param, `'l2'` for the Euclidean. @defaultValue `'l1'` */
  readonly norm?: 'l1' | 'l2'
  /** Decay rate γ of the sums, in `(0, 1]`; 0.9995 is the authors' with Adam. @defaultValue `1` */
  readonly decay?: number
  /** What the estimate is multiplied by, c, finite and > 0; 2 is the authors' with gradient descent. @defaultValue `1` */
  readonly estimLrCoef?: number
}

/** State of {@link dAdapt}. */
export interface DAdaptState<Inner> {
  /** State of the inner transformation. */
  readonly baseOptimizerState: Inner
  /** How many updates were seen. */
  readonly count: number
  /** The estimate d of the distance to the solution, a number. */
  readonly estimLr: Operand
  /** The sum r of what was gained along each step, a number. */
  readonly numeratorWeighted: Operand
  /** The sum s of the steps in gradients or in updates, shaped like the params. */
  readonly gradSum: Tree
  /** The params before the first update; `null` where updates are summed up. */
  readonly x0: Tree
}

/**
 * Finds the learning rate of another optimizer: D-Adaptation, a lower bound of how far the solution is that gets better on the way. That of
 * `inner` is to be 1.
 *
 * For the gradients g, all leaves together, the params p, p₀ at the first update, and the updates v of `inner`, at step
 * t = 1, 2, …, from s = r = 0 and d = d₀:
 *
 *     η = d α(t − 1)
 *     r ← γ r + η ⟨g, p₀ − p⟩             along gradients
 *     s ← γ s + η g
 *
 *     r ← γ r + η ⟨v, s⟩                  along updates
 *     s ← γ s + η v
 *
 *     d ← max(d, min(c r / ‖s‖, growthRate · d))
 *     u = η v                             with η of before
 *
 * Along gradients nothing is asked of `inner`: where the loss is convex, r / ‖s‖ is less than the distance from p₀ to the solution,
 * however the params moved. Along updates these stand in for gradients, and must not depend on the scale of the loss. What the papers
 * and the authors' code have for particular optimizers is
 *
 *     SGD        chain(
 *                  dAdapt(scale(-1 / G), 1, { along: 'updates', norm: 'l2', estimLrCoef: 2 }),
 *                  ema(0.9, { debias: false })
 *                ), where G is the length of the first gradients, `globalNorm(grads)`
 *     Lion       dAdapt(lion(1), 1, { along: 'updates', decay: Math.sqrt(b2) })
 *     AdaGrad    dAdapt(adagrad(1))
 *     Adam       dAdapt(adam(1), 1, { decay: Math.sqrt(b2) }), or {@link scaleByDadaptAdamw}
 *     Adan       dAdapt(adan(1), 1, { decay: b3 })
 *
 * In the last three p₀ − p is what was moved, which the authors have from s over the divisor at hand. What `inner` averages is not
 * weighted by d, which in the authors' Lion, Adam and Adan it is.
 *
 * Laws: d never falls, and never grows more than `growthRate` times in a step; along gradients, with γ = c = 1, for a convex loss it is at
 * most the distance to the solution; the first update is d₀ α(0) times that of `inner`; a number is its constant schedule.
 *
 * @param learningRate - the factor α, a finite number ≥ 0, or a schedule that is 1 at its highest; 1 by default.
 *
 * @example
 * const tx = dAdapt(scale(-1), 1, { estimLr0: 0.25 })
 * let params = { w: 0 }
 * let state = tx.init(params)
 * const estimates: unknown[] = []
 * for (let t = 0; t < 4; t++) {
 *   // f = |w − 8|, whose solution is 8 away
 *   ;[params, state] = step(tx, { w: -1 }, state, params)
 *   estimates.push(state.estimLr)
 * }
 * estimates // => [0.25, 0.25, 0.25, 0.375]
 * params // => { w: 1 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what the schedule gives is no
 * number.
 * @see Defazio and Mishchenko (2023), {@link https://arxiv.org/abs/2301.07733}
 * @see mechanize, scaleByProdigy
 */
export const dAdapt = <T extends AnyGradientTransformation>(
  inner: T,
  learningRate: ScalarOrSchedule = 1,
  options: DAdaptOptions = {}
): GradientTransformation<DAdaptState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('dAdapt', inner)
  const chosen = withDefaults<Required<DAdaptOptions>>('dAdapt', options, {
    estimLr0: 1e-6,
    growthRate: Number.POSITIVE_INFINITY,
    along: 'gradients',
    norm: 'l1',
    decay: 1,
    estimLrCoef: 1
  })
  const { estimLr0, growthRate, along, norm, decay, estimLrCoef } = chosen
  check('dAdapt', { learningRate }, orSchedule(nonNegative))
  check('dAdapt', { estimLr0, estimLrCoef }, positive)
  if (!(typeof growthRate === 'number' && growthRate > 1)) {
    throw new InvalidOption(`dAdapt: growthRate must be a number > 1, got ${show(growthRate)}`)
  }
  check('dAdapt', { along }, oneOf('gradients', 'updates'))
  check('dAdapt', { norm }, oneOf('l1', 'l2'))
  check('dAdapt', { decay }, inPositiveUnitInterval)
  const rateAt = asSchedule(learningRate)
  const isAlongGradients = along === 'gradients'
  const lengthOf = (s: Tree): Value => (norm === 'l2' ? tree.norm(s) : tree.sum(tree.map(abs, s)))

  return transformation<DAdaptState<StateOf<T>>, ExtraOf<T>>({
    origin: ['dAdapt', inner, learningRate, { ...options }],
    init: (params) => ({
      baseOptimizerState: init(params),
      count: 0,
      estimLr: estimLr0,
      numeratorWeighted: 0,
      gradSum: tree.zerosLike(tree.widen(params)),
      x0: isAlongGradients ? params : null
    }),
    update: (updates, state, params, extra) => {
      const [steps, baseOptimizerState] = update(updates, state.baseOptimizerState, params, extra)
      const size = mul(state.estimLr, valueAt('dAdapt', rateAt, state.count))
      // Params that were loaded after `init` are where it starts from.
      const x0 = state.count === 0 && isAlongGradients ? params : state.x0
      const gained = isAlongGradients ? tree.vdot(updates, tree.sub(x0, params)) : tree.vdot(steps, state.gradSum)
      const numeratorWeighted = add(mul(decay, state.numeratorWeighted), mul(size, gained))
      const summed = isAlongGradients ? updates : steps
      const gradSum = tree.map((g, s) => castLike(add(mul(decay, s), mul(size, g)), s), summed, state.gradSum)

      const total = lengthOf(gradSum)
      // 0, which changes nothing, where nothing has been seen yet.
      const isEmpty = equal(total, 0)
      const estimate = where(isEmpty, 0, mul(estimLrCoef, div(numeratorWeighted, where(isEmpty, 1, total))))
      const estimLr = max(state.estimLr, min(estimate, mul(growthRate, state.estimLr)))
      const emitted = tree.map((v, g) => emitLike(mul(size, v), g), steps, updates)
      return [emitted, { baseOptimizerState, count: state.count + 1, estimLr, numeratorWeighted, gradSum, x0 }]
    }
  })
}
