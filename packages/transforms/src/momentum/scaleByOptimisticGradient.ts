import {
  check,
  type DType,
  finite,
  type GradientTransformation,
  mul,
  orSchedule,
  sub,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { asSchedule, type ScalarOrSchedule } from '@gradchain/schedules'
import { dtypeOption } from '../internal/dtypeOption.js'
import { emitLike } from '../internal/emitLike.js'
import { valueAt } from '../internal/valueAt.js'

/** Options of {@link scaleByOptimisticGradient}. */
export interface ScaleByOptimisticGradientOptions {
  /** Weight α of the gradient, a finite number or a schedule. @defaultValue `1` */
  readonly alpha?: ScalarOrSchedule
  /** Weight β of its change, the negative momentum, a finite number or a schedule. @defaultValue `1` */
  readonly beta?: ScalarOrSchedule
  /** The dtype in which the gradient before is kept; by default that of the params, float32 where they are 16-bit. */
  readonly accumulatorDtype?: DType | undefined
}

/** State of {@link scaleByOptimisticGradient}. */
export interface ScaleByOptimisticGradientState {
  /** How many updates were seen, which is the step of the next one. */
  readonly count: number
  /** The gradient before, shaped like the params; zeros before the first update. */
  readonly previousGradient: Tree
}

/**
 * Adds to each update what it has changed by, as if it were to change so again: generalised optimistic gradients, for games.
 *
 * Elementwise, for the update g = gₜ at step t = 0, 1, 2, …, with α and β numbers or schedules:
 *
 *     u₀ = α(0) g₀
 *     uₜ = (α(t) + β(t)) gₜ − β(t) gₜ₋₁
 *
 * Laws: elementwise; linear in the history of gradients; with β = 0 it is `scale(alpha)`; of equal gradients u = α g.
 *
 * Unlike Optax: α and β may be schedules.
 *
 * @example
 * const tx = scaleByOptimisticGradient()
 * const params = { w: 0 }
 * const [first, state] = tx.update({ w: 2 }, tx.init(params), params)
 * first // => { w: 2 }
 * tx.update({ w: 3 }, state, params)[0] // => { w: 4 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; at update, when what a schedule gives is no number.
 * @see Mokhtari et al. (2019), section 4, {@link https://arxiv.org/abs/1901.08511}
 */
export const scaleByOptimisticGradient = (
  options: ScaleByOptimisticGradientOptions = {}
): GradientTransformation<ScaleByOptimisticGradientState> => {
  const { alpha, beta, accumulatorDtype } = withDefaults<Required<ScaleByOptimisticGradientOptions>>(
    'scaleByOptimisticGradient',
    options,
    { alpha: 1, beta: 1, accumulatorDtype: undefined }
  )
  check('scaleByOptimisticGradient', { alpha, beta }, orSchedule(finite))
  check('scaleByOptimisticGradient', { accumulatorDtype }, dtypeOption)
  const [alphaAt, betaAt] = [asSchedule(alpha), asSchedule(beta)]

  return transformation<ScaleByOptimisticGradientState>({
    origin: ['scaleByOptimisticGradient', { ...options }],
    init: (params) => ({ count: 0, previousGradient: tree.zerosLike(tree.widen(params), accumulatorDtype) }),
    update: (updates, { count, previousGradient }) => {
      const a = valueAt('scaleByOptimisticGradient', alphaAt, count)
      const b = valueAt('scaleByOptimisticGradient', betaAt, count)
      const ahead = tree.map(
        // There is no gradient before the first.
        (g, before) => (count === 0 ? mul(a, g) : emitLike(sub(mul(a + b, g), mul(b, before)), g)),
        updates,
        previousGradient
      )
      return [ahead, { count: count + 1, previousGradient: tree.castLike(updates, previousGradient) }]
    }
  })
}
