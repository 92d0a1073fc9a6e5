export { addSchedules } from './addSchedules.js'
export { asSchedule } from './asSchedule.js'
export { constantSchedule } from './constantSchedule.js'
export { type CosineDecayScheduleOptions, cosineDecaySchedule } from './cosineDecaySchedule.js'
export { type CosineOnecycleScheduleOptions, cosineOnecycleSchedule } from './cosineOnecycleSchedule.js'
export { type ExponentialDecayOptions, exponentialDecay } from './exponentialDecay.js'
export { joinSchedules } from './joinSchedules.js'
export { type LinearOnecycleScheduleOptions, linearOnecycleSchedule } from './linearOnecycleSchedule.js'
export { type LinearScheduleOptions, linearSchedule } from './linearSchedule.js'
export { mapSchedule } from './mapSchedule.js'
export { mulSchedules } from './mulSchedules.js'
export { type PiecewiseConstantScheduleOptions, piecewiseConstantSchedule } from './piecewiseConstantSchedule.js'
export {
  type PiecewiseInterpolateScheduleOptions,
  piecewiseInterpolateSchedule
} from './piecewiseInterpolateSchedule.js'
export { type PolynomialScheduleOptions, polynomialSchedule } from './polynomialSchedule.js'
export { scheduleProduct } from './scheduleProduct.js'
export { scheduleSum } from './scheduleSum.js'
export { sgdrSchedule } from './sgdrSchedule.js'
export { shiftSchedule } from './shiftSchedule.js'
export type { BoundariesAndScales, InterpolateType, ScalarOrSchedule, Schedule } from './types.js'
export { type WarmupConstantScheduleOptions, warmupConstantSchedule } from './warmupConstantSchedule.js'
export { type WarmupCosineDecayScheduleOptions, warmupCosineDecaySchedule } from './warmupCosineDecaySchedule.js'
export {
  type WarmupExponentialDecayScheduleOptions,
  warmupExponentialDecaySchedule
} from './warmupExponentialDecaySchedule.js'
