import {
  check,
  type DType,
  type GradientTransformation,
  inPositiveUnitInterval,
  less,
  max,
  min,
  mul,
  positive,
  type Requirement,
  sign,
  type Tree,
  transformation,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'

/** Options of {@link scaleByRprop}. */
export interface ScaleByRpropOptions {
  /** What a step size is multiplied by when the gradient has turned, in `(0, 1]`. @defaultValue `0.5` */
  readonly etaMinus?: number
  /** What a step size is multiplied by when the gradient has not turned, finite and ≥ 1. @defaultValue `1.2` */
  readonly etaPlus?: number
  /** The smallest step size, finite and > 0. @defaultValue `1e-6` */
  readonly minStepSize?: number
  /** The largest step size, finite and ≥ minStepSize. @defaultValue `50` */
  readonly maxStepSize?: number
  /** The dtype in which the step sizes are kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link scaleByRprop}. */
export interface ScaleByRpropState {
  /** The step size Δ of each element, shaped like the params. */
  readonly stepSizes: Tree
  /** The sign σ of the gradient before, 0 where it had just turned, shaped like the params. */
  readonly prevSigns: Tree
}

/**
 * Replaces each update by its sign times a step size of its own, which grows while the sign stays: Rprop.
 *
 * Elementwise, for the update g at step t = 1, 2, …, from Δ₀ = learningRate and σ₀ = 0, Δ being kept between minStepSize and
 * maxStepSize:
 *
 *     sign(g) σₜ₋₁ > 0:     Δₜ = Δₜ₋₁ · etaPlus        σₜ = sign(g)
 *     sign(g) σₜ₋₁ < 0:     Δₜ = Δₜ₋₁ · etaMinus       σₜ = 0
 *     otherwise:            Δₜ = Δₜ₋₁                  σₜ = sign(g)
 *     uₜ = σₜ Δₜ
 *
 * The learning rate is the first step size and nothing else; after this link only a minus sign is missing. It is for the
 * gradients of the whole data: the noise of mini-batches turns signs.
 *
 * Laws: elementwise; odd in the gradient; blind to its scale; |u| ≤ maxStepSize; the first update is learningRate · sign(g); an
 * update is 0 where the gradient has just turned.
 *
 * Like PyTorch and unlike Optax 0.2.8, which emits each update one step late and so at first zeros. What is
 * remembered is a sign and no gradient: products of tiny ones would vanish.
 *
 * @param learningRate - the step size of all elements at first, a number from minStepSize to maxStepSize.
 *
 * @example
 * const tx = scaleByRprop(0.5, { etaPlus: 2 })
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: -3 }, tx.init(params), params)
 * first // => { w: -0.5 }
 * tx.update({ w: -0.1 }, state, params)[0] // => { w: -1 }
 * tx.update({ w: 0.1 }, state, params) // => [{ w: 0 }, { stepSizes: { w: 0.25 }, prevSigns: { w: 0 } }]
 *
 * @throws InvalidOption at construction, when an option is outside its range.
 * @see Riedmiller and Braun (1993), {@link https://doi.org/10.1109/ICNN.1993.298623}
 * @see Igel and Hüsken (2000), Improving the Rprop Learning Algorithm, for Rprop⁻ with its state kept,
 * {@link https://citeseerx.ist.psu.edu/doc/10.1.1.17.1332}
 */
export const scaleByRprop = (
  learningRate: number,
  options: ScaleByRpropOptions = {}
): GradientTransformation<ScaleByRpropState> => {
  const { etaMinus, etaPlus, minStepSize, maxStepSize, accumulatorDtype } = withDefaults<Required<ScaleByRpropOptions>>(
    'scaleByRprop',
    options,
    { etaMinus: 0.5, etaPlus: 1.2, minStepSize: 1e-6, maxStepSize: 50, accumulatorDtype: undefined }
  )
  check('scaleByRprop', { etaMinus }, inPositiveUnitInterval)
  check('scaleByRprop', { etaPlus }, from(1))
  check('scaleByRprop', { minStepSize }, positive)
  check('scaleByRprop', { maxStepSize }, from(minStepSize))
  check('scaleByRprop', { learningRate }, from(minStepSize, maxStepSize))
  check('scaleByRprop', { accumulatorDtype }, dtypeOption)

  return transformation<ScaleByRpropState>({
    // A sign is exact in every dtype.
    origin: ['scaleByRprop', learningRate, { ...options }],
    init: (params) => ({
      stepSizes: tree.fullLike(tree.widen(params), learningRate, accumulatorDtype),
      prevSigns: tree.zerosLike(params)
    }),
    update: (updates, state) => {
      const agreement = tree.map((g, before) => mul(g, before), updates, state.prevSigns)
      const stepSizes = tree.map(
        (a, step) => {
          const factor = where(less(0, a), etaPlus, where(less(a, 0), etaMinus, 1))
          return min(max(mul(step, factor), minStepSize), maxStepSize)
        },
        agreement,
        state.stepSizes
      )
      const prevSigns = tree.map((g, a) => where(less(a, 0), 0, sign(g)), updates, agreement)
      const next = {
        stepSizes: tree.castLike(stepSizes, state.stepSizes),
        prevSigns: tree.castLike(prevSigns, state.prevSigns)
      }
      return [tree.map((g, step, s) => emitLike(mul(step, s), g), updates, stepSizes, prevSigns), next]
    }
  })
}

const from = (least: number, most = Infinity): Requirement => ({
  what: most === Infinity ? `a finite number ≥ ${least}` : `a number from ${least} to ${most}`,
  holds: (value) => typeof value === 'number' && value >= least && value <= most && value < Infinity
})
