export { addSchedules } from './algebra/addSchedules.js'
export { asSchedule } from './algebra/asSchedule.js'
export { type CorrectedDecayOptions, correctedDecay } from './algebra/correctedDecay.js'
export { joinSchedules } from './algebra/joinSchedules.js'
export { mapSchedule } from './algebra/mapSchedule.js'
export { mulSchedules } from './algebra/mulSchedules.js'
export { type NoisyScheduleOptions, noisySchedule } from './algebra/noisySchedule.js'
export { type ProportionalScheduleOptions, proportionalSchedule } from './algebra/proportionalSchedule.js'
export { scheduleProduct } from './algebra/scheduleProduct.js'
export { scheduleSum } from './algebra/scheduleSum.js'
export { shiftSchedule } from './algebra/shiftSchedule.js'
export { type ChebyshevScheduleOptions, chebyshevSchedule } from './cycles/chebyshevSchedule.js'
export {
  type CosineAnnealingWarmRestartsOptions,
  cosineAnnealingWarmRestarts
} from './cycles/cosineAnnealingWarmRestarts.js'
export { type CosineOnecycleScheduleOptions, cosineOnecycleSchedule } from './cycles/cosineOnecycleSchedule.js'
export { type CyclicMode, type CyclicScheduleOptions, cyclicSchedule } from './cycles/cyclicSchedule.js'
export { type LinearOnecycleScheduleOptions, linearOnecycleSchedule } from './cycles/linearOnecycleSchedule.js'
export { type OneCycleMomentumOptions, oneCycleMomentum } from './cycles/oneCycleMomentum.js'
export { type OneCycleScheduleOptions, oneCycleSchedule } from './cycles/oneCycleSchedule.js'
export { sgdrSchedule } from './cycles/sgdrSchedule.js'
export { constantSchedule } from './decay/constantSchedule.js'
export { type CosineDecayScheduleOptions, cosineDecaySchedule } from './decay/cosineDecaySchedule.js'
export { type ExponentialDecayOptions, exponentialDecay } from './decay/exponentialDecay.js'
export { type InverseTimeDecayOptions, inverseTimeDecay } from './decay/inverseTimeDecay.js'
export { type LinearScheduleOptions, linearSchedule } from './decay/linearSchedule.js'
export { type NaturalExpDecayOptions, naturalExpDecay } from './decay/naturalExpDecay.js'
export { type PolynomialScheduleOptions, polynomialSchedule } from './decay/polynomialSchedule.js'
export { type RexScheduleOptions, rexSchedule } from './decay/rexSchedule.js'
export {
  type RsqrtModelOptions,
  type RsqrtPeakOptions,
  type RsqrtScheduleOptions,
  rsqrtSchedule
} from './decay/rsqrtSchedule.js'
export { type TanhScheduleOptions, tanhSchedule } from './decay/tanhSchedule.js'
export {
  type CurriculumScheduleOptions,
  type CurriculumStageOptions,
  curriculumSchedule
} from './steps/curriculumSchedule.js'
export { type MultiStepScheduleOptions, multiStepSchedule } from './steps/multiStepSchedule.js'
export { type PiecewiseConstantScheduleOptions, piecewiseConstantSchedule } from './steps/piecewiseConstantSchedule.js'
export {
  type PiecewiseInterpolateScheduleOptions,
  piecewiseInterpolateSchedule
} from './steps/piecewiseInterpolateSchedule.js'
export { type StepDecayScheduleOptions, stepDecaySchedule } from './steps/stepDecaySchedule.js'
export type { BoundariesAndScales, InterpolateType, OneCycleStyle, ScalarOrSchedule, Schedule } from './types.js'
export { type CosineWarmupScheduleOptions, cosineWarmupSchedule } from './warmup/cosineWarmupSchedule.js'
export { type WarmupConstantScheduleOptions, warmupConstantSchedule } from './warmup/warmupConstantSchedule.js'
export { type WarmupCosineDecayScheduleOptions, warmupCosineDecaySchedule } from './warmup/warmupCosineDecaySchedule.js'
export {
  type WarmupExponentialDecayScheduleOptions,
  warmupExponentialDecaySchedule
} from './warmup/warmupExponentialDecaySchedule.js'
export { type WsdDecayShape, type WsdScheduleOptions, wsdSchedule } from './warmup/wsdSchedule.js'
