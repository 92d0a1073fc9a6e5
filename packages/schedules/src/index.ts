export { addSchedules } from './addSchedules.js'
export { asSchedule } from './asSchedule.js'
export { constantSchedule } from './constantSchedule.js'
export { type CosineAnnealingWarmRestartsOptions, cosineAnnealingWarmRestarts } from './cosineAnnealingWarmRestarts.js'
export { type CosineDecayScheduleOptions, cosineDecaySchedule } from './cosineDecaySchedule.js'
export { type CosineOnecycleScheduleOptions, cosineOnecycleSchedule } from './cosineOnecycleSchedule.js'
export { type CosineWarmupScheduleOptions, cosineWarmupSchedule } from './cosineWarmupSchedule.js'
export {
  type CurriculumScheduleOptions,
  type CurriculumStageOptions,
  curriculumSchedule
} from './curriculumSchedule.js'
export { type CyclicMode, type CyclicScheduleOptions, cyclicSchedule } from './cyclicSchedule.js'
export { type ExponentialDecayOptions, exponentialDecay } from './exponentialDecay.js'
export { type InverseTimeDecayOptions, inverseTimeDecay } from './inverseTimeDecay.js'
export { joinSchedules } from './joinSchedules.js'
export { type LinearOnecycleScheduleOptions, linearOnecycleSchedule } from './linearOnecycleSchedule.js'
export { type LinearScheduleOptions, linearSchedule } from './linearSchedule.js'
export { mapSchedule } from './mapSchedule.js'
export { mulSchedules } from './mulSchedules.js'
export { type MultiStepScheduleOptions, multiStepSchedule } from './multiStepSchedule.js'
export { type NaturalExpDecayOptions, naturalExpDecay } from './naturalExpDecay.js'
export { type NoisyScheduleOptions, noisySchedule } from './noisySchedule.js'
export { type OneCycleMomentumOptions, oneCycleMomentum } from './oneCycleMomentum.js'
export { type OneCycleScheduleOptions, oneCycleSchedule } from './oneCycleSchedule.js'
export { type PiecewiseConstantScheduleOptions, piecewiseConstantSchedule } from './piecewiseConstantSchedule.js'
export {
  type PiecewiseInterpolateScheduleOptions,
  piecewiseInterpolateSchedule
} from './piecewiseInterpolateSchedule.js'
export { type PolynomialScheduleOptions, polynomialSchedule } from './polynomialSchedule.js'
export {
  type RsqrtModelOptions,
  type RsqrtPeakOptions,
  type RsqrtScheduleOptions,
  rsqrtSchedule
} from './rsqrtSchedule.js'
export { scheduleProduct } from './scheduleProduct.js'
export { scheduleSum } from './scheduleSum.js'
export { sgdrSchedule } from './sgdrSchedule.js'
export { shiftSchedule } from './shiftSchedule.js'
export { type StepDecayScheduleOptions, stepDecaySchedule } from './stepDecaySchedule.js'
export type { BoundariesAndScales, InterpolateType, OneCycleStyle, ScalarOrSchedule, Schedule } from './types.js'
export { type WarmupConstantScheduleOptions, warmupConstantSchedule } from './warmupConstantSchedule.js'
export { type WarmupCosineDecayScheduleOptions, warmupCosineDecaySchedule } from './warmupCosineDecaySchedule.js'
export {
  type WarmupExponentialDecayScheduleOptions,
  warmupExponentialDecaySchedule
} from './warmupExponentialDecaySchedule.js'
export { type WsdDecayShape, type WsdScheduleOptions, wsdSchedule } from './wsdSchedule.js'
