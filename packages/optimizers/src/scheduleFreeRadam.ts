import {
  chain,
  check,
  type GradientTransformation,
  inUnitInterval,
  type Leaf,
  nonNegative,
  orSchedule,
  type Tree,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { asSchedule, mulSchedules, type ScalarOrSchedule } from '@gradchain/schedules'
import { addDecayedWeights, type Mask, scaleByLearningRate, scaleByRms, scheduleFree } from '@gradchain/transforms'
import { rectification } from './internal/rectification.js'
import type { ScheduleFreeAdamwOptions, ScheduleFreeAdamwState } from './scheduleFreeAdamw.js'

/** Options of {@link scheduleFreeRadam}: those of `scheduleFreeAdamw` but for the warm-up, which it finds itself. */
export type ScheduleFreeRadamOptions<P = Tree<Leaf>, M = never> = Omit<ScheduleFreeAdamwOptions<P, M>, 'warmupSteps'>

/** State of {@link scheduleFreeRadam}. */
export type ScheduleFreeRadamState = ScheduleFreeAdamwState

/**
 * Schedule-free RAdam: no schedule of the learning rate, and no warm-up to choose either.
 *
 *     scheduleFree(
 *       chain(
 *         scaleByRms({ decay: b2, eps, epsInSqrt: false, biasCorrection: true }),
 *         addDecayedWeights(weightDecay, { mask }),
 *         scaleByLearningRate(α r)
 *       ),
 *       α r,
 *       { b1, weightLrPower, c, stateDtype }
 *     )
 *
 * where α is the learning rate, and r what RAdam multiplies its step with at t = 1, 2, …, with ρ∞ = 2 / (1 − β₂) − 1:
 *
 *     ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)
 *     r = √((ρ − 4) (ρ − 2) ρ∞ / ((ρ∞ − 4) (ρ∞ − 2) ρ))      0 while ρ ≤ 4
 *
 * So nothing moves in the first four steps, or never with β₂ ≤ 0.6; RAdam's steps of plain gradients there, which have another size,
 * would be part of the average. Gradients are taken at the params y, `scheduleFreeEvalParams` gives x, which is what to evaluate and
 * keep.
 *
 * Laws: `scheduleFreeAdamw` with the rate α r for a schedule; a number is its constant schedule.
 *
 * @param learningRate - the rate α, a finite number ≥ 0, or a schedule; 0.0025 by default.
 *
 * @example
 * const tx = scheduleFreeRadam(0.5)
 * let params = { w: 8 }
 * let state = tx.init(params)
 * for (let t = 0; t < 4; t++) [params, state] = step(tx, { w: 3 }, state, params)
 * params // => { w: 8 }
 * step(tx, { w: 3 }, state, params)[0].w < 8 // => true
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part;
 * InvalidTree at init and update, where the mask does not fit the params.
 * @see Defazio et al. (2024), The Road Less Scheduled, {@link https://arxiv.org/abs/2405.15682}
 * @see Liu et al. (2019), algorithm 2, {@link https://arxiv.org/abs/1908.03265}
 * @see scheduleFreeAdamw, radam
 */
export const scheduleFreeRadam = <P = Tree<Leaf>, const M = never>(
  learningRate: ScalarOrSchedule = 0.0025,
  options: ScheduleFreeRadamOptions<P, M> = {}
): GradientTransformation<ScheduleFreeRadamState> => {
  const { b2, eps, weightDecay, mask, ...rest } = withDefaults<{
    readonly [K in keyof ScheduleFreeRadamOptions<P, M>]-?: ScheduleFreeRadamOptions<P, M>[K]
  }>('scheduleFreeRadam', options, {
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8,
    weightDecay: 0,
    weightLrPower: 2,
    c: undefined,
    stateDtype: undefined,
    mask: true as Mask<P, M>
  })
  check('scheduleFreeRadam', { learningRate, weightDecay }, orSchedule(nonNegative))
  check('scheduleFreeRadam', { b2 }, inUnitInterval)
  // The weights of the average are read one step ahead, at t; the step itself at t − 1.
  const rate = asSchedule(learningRate)
  const inner = chain(
    scaleByRms({ decay: b2, eps, epsInSqrt: false, biasCorrection: true }),
    addDecayedWeights(weightDecay, { mask }),
    scaleByLearningRate(mulSchedules(rate, (count) => rectification(b2, count + 1)))
  )

  return withOrigin(
    ['scheduleFreeRadam', learningRate, { ...options }],
    scheduleFree(
      inner,
      mulSchedules(rate, (count) => rectification(b2, count)),
      rest
    )
  )
}
