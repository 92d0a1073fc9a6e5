import {
  centralize,
  chain,
  constantSchedule,
  exponentialDecay,
  joinSchedules,
  normalizeByUpdateNorm,
  scale,
  scaleByDistanceOverGradients,
  scaleByLearningRate,
  scaleByParamBlockNorm,
  scaleByParamBlockRms,
  scaleByPolyak,
  scaleBySchedule,
  scaleBySign,
  scaleByTrustRatio
} from 'gradchain'
import { type Cases, linear } from './shared.js'

/** Factors: for everything, for each step, for each array. */
export const scaling: Cases = {
  scale: () => scale(-0.3),
  scale_by_learning_rate: () => scaleByLearningRate(0.1),
  'scale_by_learning_rate/schedule': () => scaleByLearningRate(linear),
  'scale_by_learning_rate/flip_sign': () => scaleByLearningRate(0.1, { flipSign: false }),
  'scale_by_learning_rate/schedule_flip_sign': () => scaleByLearningRate(linear, { flipSign: false }),
  scale_by_schedule: () => scaleBySchedule(linear),
  'scale_by_schedule/function': () => scaleBySchedule((count) => -1 / (2 + count)),
  'scale_by_schedule/join': () =>
    scaleBySchedule(
      joinSchedules(
        [constantSchedule(-0.5), exponentialDecay({ initValue: -0.5, transitionSteps: 3, decayRate: 0.5 })],
        [4]
      )
    ),
  scale_by_sign: () => scaleBySign(),
  scale_by_trust_ratio: () => chain(scaleByTrustRatio(), scale(-0.1)),
  'scale_by_trust_ratio/min_norm': () => scaleByTrustRatio({ minNorm: 0.5 }),
  'scale_by_trust_ratio/trust_coefficient': () => scaleByTrustRatio({ trustCoefficient: 0.01 }),
  'scale_by_trust_ratio/eps': () => scaleByTrustRatio({ eps: 0.1 }),
  'scale_by_trust_ratio/all': () => scaleByTrustRatio({ minNorm: 0.1, trustCoefficient: 0.3, eps: 0.01 }),
  scale_by_param_block_norm: () => scaleByParamBlockNorm(),
  'scale_by_param_block_norm/min_scale': () => scaleByParamBlockNorm({ minScale: 2 }),
  scale_by_param_block_rms: () => scaleByParamBlockRms(),
  'scale_by_param_block_rms/min_scale': () => scaleByParamBlockRms({ minScale: 1 }),
  normalize_by_update_norm: () => normalizeByUpdateNorm(),
  'normalize_by_update_norm/all': () => normalizeByUpdateNorm({ scaleFactor: -0.3, eps: 0.1 }),
  centralize: () => centralize(),
  'centralize/ranks': () => centralize(),
  scale_by_distance_over_gradients: () => scaleByDistanceOverGradients(),
  'scale_by_distance_over_gradients/descent': () => scaleByDistanceOverGradients({ repsRel: 0.1, globalScale: -1 }),
  'scale_by_distance_over_gradients/all': () =>
    scaleByDistanceOverGradients({ repsRel: 0.01, eps: 0.5, globalScale: -0.7, paramDtype: 'float32' }),
  scale_by_polyak: () => scaleByPolyak(),
  'scale_by_polyak/f_min': () => scaleByPolyak({ fMin: 0.5, maxLearningRate: 2 }),
  'scale_by_polyak/max_learning_rate': () => scaleByPolyak({ maxLearningRate: 0.01 }),
  'scale_by_polyak/eps': () => scaleByPolyak({ eps: 3 }),
  'scale_by_polyak/sps_plus': () => scaleByPolyak({ fMin: 0.5, variant: 'sps+' })
}
