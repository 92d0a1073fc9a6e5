import {
  chain,
  check,
  type EmptyState,
  finite,
  type GradientTransformation,
  nonNegative,
  orSchedule,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { asSchedule, mapSchedule, type ScalarOrSchedule, type Schedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type ScaleByScheduleState,
  scaleByLearningRate,
  scaleByTrustRatio
} from '@gradchain/transforms'

/** Options of {@link fromage}. */
export interface FromageOptions {
  /** The smallest norm of params and gradients that counts, finite and ≥ 0. @defaultValue `1e-6` */
  readonly minNorm?: number
}

/** State of {@link fromage}. */
export type FromageState = readonly [EmptyState, ScaleByScheduleState, AddDecayedWeightsState]

/**
 * Fromage: each layer turns by the same angle, and is brought back to about its length.
 *
 *     chain(scaleByTrustRatio({ minNorm }), scaleByLearningRate(α c), addDecayedWeights(c − 1))      c = 1 / √(1 + α²)
 *
 * For each leaf of the params p with the gradient g at step t = 1, 2, … and the learning rate α = α(t − 1):
 *
 *     p + u = (p − α g ‖p‖ / ‖g‖) / √(1 + α²)           ‖x‖ = max(√Σx², minNorm), over the elements of the leaf
 *
 * Laws: odd in g for p and −p; blind to the scale of the gradient when minNorm = 0; where g is orthogonal to p, ‖p + u‖ = ‖p‖; each
 * leaf is treated as if it were alone; a learning rate that is a number is its constant schedule.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; the authors recommend 0.01.
 *
 * @example
 * const tx = fromage(0.75)
 * const params = { w: new Float32Array([4, 0]) }
 * step(tx, { w: new Float32Array([0, 9]) }, tx.init(params), params)[0] // => { w: Float32Array [3.2…, -2.4…] }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part; at update,
 * when what the schedule gives is no number.
 * @see Bernstein et al. (2020), On the distance between two neural networks and the stability of learning, algorithm 1,
 * {@link https://arxiv.org/abs/2002.03432}
 */
export const fromage = (
  learningRate: ScalarOrSchedule,
  options: FromageOptions = {}
): GradientTransformation<FromageState> => {
  const { minNorm } = withDefaults<Required<FromageOptions>>('fromage', options, { minNorm: 1e-6 })
  check('fromage', { learningRate }, orSchedule(nonNegative))
  const schedule = asSchedule(learningRate)
  const rateAt: Schedule = (step) => {
    const rate = schedule(step)
    check('fromage', { [`learningRate(${step})`]: rate }, finite)
    return rate
  }

  return withOrigin(
    ['fromage', learningRate, { ...options }],
    chain(
      scaleByTrustRatio({ minNorm }),
      scaleByLearningRate(mapSchedule(rateAt, (a) => a / Math.sqrt(1 + a * a))),
      addDecayedWeights(mapSchedule(rateAt, (a) => 1 / Math.sqrt(1 + a * a) - 1))
    )
  )
}
