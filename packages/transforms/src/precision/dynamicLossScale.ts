import {
  type AnyGradientTransformation,
  check,
  definitionOf,
  div,
  type ExtraOf,
  type GradientTransformation,
  InvalidOption,
  InvalidState,
  inUnitInterval,
  positive,
  positiveInteger,
  type Requirement,
  type StateOf,
  show,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { countNotFinite } from '../internal/countNotFinite.js'

/** Options of {@link dynamicLossScale}. */
export interface DynamicLossScaleOptions {
  /** The scale of the first step, finite and > 0. @defaultValue `65536` */
  readonly initialScale?: number
  /** What the scale is multiplied by after `growthInterval` good steps, a finite number > 1. @defaultValue `2` */
  readonly growthFactor?: number
  /** What it is multiplied by after a step that was not finite, in `(0, 1)`. @defaultValue `0.5` */
  readonly backoffFactor?: number
  /** After how many finite steps in a row the scale grows, a whole number ≥ 1. @defaultValue `2000` */
  readonly growthInterval?: number
  /** What the scale does not fall below, finite and > 0. @defaultValue `1` */
  readonly minScale?: number
  /** What the scale does not grow beyond, finite and no less than minScale. @defaultValue `2 ** 24` */
  readonly maxScale?: number
}

/** State of {@link dynamicLossScale}. */
export interface DynamicLossScaleState<Inner> {
  /** What the next loss is to be multiplied by before it is differentiated. */
  readonly scale: number
  /** How many steps in a row were finite, since the scale last changed. */
  readonly goodSteps: number
  /** How many steps were left out so far. */
  readonly skipped: number
  /** State of the inner transformation. */
  readonly innerState: Inner
}

/**
 * An optimizer for gradients of a loss that was multiplied by a scale, so that they do not vanish in 16 bits; the scale adjusts itself.
 *
 * For the gradients G of scale · loss:
 *
 *     all of G finite:   u = inner(G / scale)     scale′ = scale · growthFactor after growthInterval such steps in a row, else scale
 *     otherwise:         u = 0                    scale′ = scale · backoffFactor, inner is not called, its state stays
 *
 * within [minScale, maxScale]. The loss of the next step is multiplied by `state.scale`, a number. Gradients may be of any dtype where those of `inner` may. With factors that are powers of two nothing is rounded by it.
 *
 * Laws: on finite gradients, `inner` of what was not scaled; a step that is not finite might as well not have been, but for the scale.
 *
 * @example
 * const tx = dynamicLossScale(sgd(0.5), { initialScale: 8, growthInterval: 1 })
 * const params = { w: 1 }
 * let state = tx.init(params)
 * const gradients = ({ w }: { w: number }, scale: number) => ({ w: scale * 2 * w })
 * const [updates, grown] = tx.update(gradients(params, state.scale), state, params)
 * updates // => { w: -1 }
 * grown.scale // => 16
 * const [none, lower] = tx.update({ w: Infinity }, grown, params)
 * none // => { w: 0 }
 * lower.scale // => 8
 *
 * @throws InvalidOption at construction, when an option is outside its range; InvalidState in `update`, for a state whose scale is not a finite number > 0.
 * @see Micikevicius et al. (2017), section 3.2, {@link https://arxiv.org/abs/1710.03740}; PyTorch's GradScaler, whose numbers the defaults are
 * @see mixedPrecision, which keeps params in float32; applyIfFinite
 */
export const dynamicLossScale = <T extends AnyGradientTransformation>(
  inner: T,
  options: DynamicLossScaleOptions = {}
): GradientTransformation<DynamicLossScaleState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update, gradients } = definitionOf('dynamicLossScale', inner)
  const { initialScale, growthFactor, backoffFactor, growthInterval, minScale, maxScale } = withDefaults(
    'dynamicLossScale',
    options,
    {
      initialScale: 65536,
      growthFactor: 2,
      backoffFactor: 0.5,
      growthInterval: 2000,
      minScale: 1,
      maxScale: 2 ** 24
    }
  )
  check('dynamicLossScale', { initialScale, minScale, maxScale }, positive)
  check('dynamicLossScale', { growthFactor }, aboveOne)
  check('dynamicLossScale', { backoffFactor }, positive)
  check('dynamicLossScale', { backoffFactor }, inUnitInterval)
  check('dynamicLossScale', { growthInterval }, positiveInteger)
  if (!(minScale <= initialScale && initialScale <= maxScale)) {
    throw new InvalidOption(
      `dynamicLossScale: initialScale must be from minScale to maxScale, ${minScale} to ${maxScale}, got ${initialScale}`
    )
  }

  return transformation<DynamicLossScaleState<StateOf<T>>, ExtraOf<T>>({
    origin: ['dynamicLossScale', inner, { ...options }],
    gradients,
    init: (params) => ({ scale: initialScale, goodSteps: 0, skipped: 0, innerState: init(params) }),
    update: (updates, { scale, goodSteps, skipped, innerState }, params, extra) => {
      if (!positive.holds(scale)) {
        throw new InvalidState(`dynamicLossScale: state.scale must be ${positive.what}, got ${show(scale)}`)
      }
      if (countNotFinite(updates) > 0) {
        const lower = Math.max(minScale, scale * backoffFactor)
        return [tree.zerosLike(updates), { scale: lower, goodSteps: 0, skipped: skipped + 1, innerState }]
      }
      const unscaled = tree.map((g) => div(g, scale), updates)
      const [transformed, next] = update(unscaled, innerState, params, extra)
      const grows = goodSteps + 1 >= growthInterval
      const higher = grows ? Math.min(maxScale, scale * growthFactor) : scale
      return [transformed, { scale: higher, goodSteps: grows ? 0 : goodSteps + 1, skipped, innerState: next }]
    }
  })
}

const aboveOne: Requirement = {
  what: 'a finite number > 1',
  holds: (value) => typeof value === 'number' && value > 1 && value < Infinity
}
