import {
  add,
  check,
  div,
  equal,
  finite,
  type GradientTransformation,
  max,
  min,
  mul,
  neg,
  nonNegative,
  type Operand,
  oneOf,
  orSchedule,
  pow,
  type Requirement,
  sqrt,
  square,
  sub,
  type Tree,
  transformation,
  updatesTo,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { valueAt } from '../internal/valueAt.js'

/** Options of {@link scaleByFtrl}. */
export interface ScaleByFtrlOptions {
  /** Power −q with which steps shrink as squares of gradients add up, finite and ≤ 0; with 0 they do not. @defaultValue `-0.5` */
  readonly learningRatePower?: number
  /** The sum n₀ of squares before the first update, finite and ≥ 0. @defaultValue `0` */
  readonly initialAccumulatorValue?: number
  /** Added to nᵠ, so that the first steps are not too long, finite and ≥ 0. @defaultValue `1` */
  readonly beta?: number
  /** Strength λ₁ of the penalty λ₁ |p|, which makes params exactly 0; finite and ≥ 0. @defaultValue `0` */
  readonly l1?: number
  /** Strength λ₂ of the penalty λ₂ p² / 2, which counts once; finite and ≥ 0. @defaultValue `0` */
  readonly l2?: number
  /** Strength s of the penalty s p² / 2 that is part of every loss: s p is added to each gradient; finite and ≥ 0. @defaultValue `0` */
  readonly l2Shrinkage?: number
  /**
   * Which learning rate past steps count with while a schedule changes it: `'own'`, the one they were made with, or `'current'`, as in
   * Keras and TensorFlow, where params go to 0 with the learning rate. @defaultValue `'own'`
   */
  readonly pastRate?: 'own' | 'current'
}

/** State of {@link scaleByFtrl}. */
export interface ScaleByFtrlState {
  /** How many updates were seen. */
  readonly count: number
  /** The sum n of squared gradients, shaped like the params. */
  readonly accumulator: Tree
  /** The linear part z of what is minimized, shaped like the params. */
  readonly linear: Tree
  /** The last learning rate that was not 0, and 0 before there was one. */
  readonly learningRate: number
}

/**
 * Follows the regularized leader: FTRL-Proximal, for data that come one by one. It emits whole updates, which descend by themselves.
 *
 * Elementwise, for the gradient g and the param p at step t = 1, 2, …, with q = −learningRatePower, α = α(t − 1), α₀ = α(0), from
 * n = initialAccumulatorValue and z = 0:
 *
 *     nₜ = nₜ₋₁ + g²
 *     σ  = nₜᵠ / αₜ − nₜ₋₁ᵠ / αₜ₋₁                       (nₜᵠ − nₜ₋₁ᵠ) / αₜ with pastRate 'current'
 *     zₜ = zₜ₋₁ + g + s p − σ p
 *     u  = w − p,   w = −sign(zₜ) max(|zₜ| − λ₁, 0) / ((β + nₜᵠ) / αₜ + λ₂)
 *
 * so that w is where the sum of all losses so far is least, each replaced by its tangent and held near the param it was seen at:
 *
 *     w = argmin Σ (gᵢ + s pᵢ) w + Σ σᵢ (w − pᵢ)² / 2 + (β + n₀ᵠ) w² / 2α + λ₁ |w| + λ₂ w² / 2
 *
 * Params are pulled to 0, from where they should start: of others the first updates forget a part. At a step with learning rate 0
 * nothing moves and nothing is learnt, and where the divisor is 0 the param stays.
 *
 * Laws: elementwise; odd in gradients and params together; where |zₜ| ≤ λ₁ the next param is 0; with λ₁ = λ₂ = s = β = n₀ = 0 it is
 * AdaGrad, u = −α g / √nₜ; a number is its constant schedule.
 *
 * Keras's and TensorFlow's form is `{ initialAccumulatorValue: 0.1, beta: 0, pastRate: 'current' }`; their strengths of `l2` and
 * `l2Shrinkage` are half of these, as their penalties are λ p².
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = scaleByFtrl(1, { l1: 1 })
 * const params = { w: [0, 0] }
 * const [u, state] = tx.update({ w: [3, -0.5] }, tx.init(params), params)
 * u // => { w: [-0.5, 0] }
 * state.linear // => { w: [3, -0.5] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what the schedule gives is no number.
 * @see McMahan et al. (2013), algorithm 1, {@link https://doi.org/10.1145/2487575.2488200}
 */
export const scaleByFtrl = (
  learningRate: ScalarOrSchedule,
  options: ScaleByFtrlOptions = {}
): GradientTransformation<ScaleByFtrlState> => {
  const { learningRatePower, initialAccumulatorValue, beta, l1, l2, l2Shrinkage, pastRate } = withDefaults<
    Required<ScaleByFtrlOptions>
  >('scaleByFtrl', options, {
    learningRatePower: -0.5,
    initialAccumulatorValue: 0,
    beta: 1,
    l1: 0,
    l2: 0,
    l2Shrinkage: 0,
    pastRate: 'own'
  })
  check('scaleByFtrl', { learningRate }, orSchedule(nonNegative))
  check('scaleByFtrl', { learningRatePower }, notPositive)
  check('scaleByFtrl', { initialAccumulatorValue, beta, l1, l2, l2Shrinkage }, nonNegative)
  check('scaleByFtrl', { pastRate }, oneOf('own', 'current'))
  const rateAt = asSchedule(learningRate)
  const power = powerOf(-learningRatePower)

  return transformation<ScaleByFtrlState>({
    origin: ['scaleByFtrl', learningRate, { ...options }],
    init: (params) => ({
      count: 0,
      accumulator: tree.fullLike(tree.widen(params), initialAccumulatorValue),
      linear: tree.zerosLike(tree.widen(params)),
      learningRate: 0
    }),
    update: (updates, state, params) => {
      const count = state.count + 1
      const rate = valueAt('scaleByFtrl', rateAt, state.count)
      if (rate === 0) return [tree.zerosLike(updates), { ...state, count }]
      // What was divided by its own rate, times the current one.
      const ratio = pastRate === 'current' || state.learningRate === 0 ? 1 : rate / state.learningRate
      const accumulator = tree.map((g, n) => add(n, square(g)), updates, state.accumulator)
      const linear = tree.map(
        (g, p, z, n, before) => {
          const past = ratio === 1 ? power(before) : mul(ratio, power(before))
          const tangent = l2Shrinkage === 0 ? g : add(g, mul(l2Shrinkage, p))
          return add(z, sub(tangent, mul(div(sub(power(n), past), rate), p)))
        },
        updates,
        params,
        state.linear,
        accumulator,
        state.accumulator
      )
      const targets = tree.map(
        (z, n, p) => {
          const divisor = add(div(add(power(n), beta), rate), l2)
          return where(equal(divisor, 0), p, div(shrunk(z, l1), divisor))
        },
        linear,
        accumulator,
        params
      )
      return [updatesTo(params, targets), { count, accumulator, linear, learningRate: rate }]
    }
  })
}

const notPositive: Requirement = {
  what: 'a finite number ≤ 0',
  holds: (value) => finite.holds(value) && (value as number) <= 0
}

const powerOf =
  (q: number) =>
  (n: Operand): Operand =>
    q === 1 / 2 ? sqrt(n) : q === 0 ? 1 : pow(n, q)

/** −z, nearer to 0 by `by`, and 0 where it would get past it. */
const shrunk = (z: Operand, by: number): Operand => (by === 0 ? neg(z) : sub(max(min(z, by), -by), z))
