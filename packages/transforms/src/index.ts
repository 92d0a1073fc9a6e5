export { type AddDecayedWeightsOptions, type AddDecayedWeightsState, addDecayedWeights } from './addDecayedWeights.js'
export { type ApplyIfFiniteState, applyIfFinite } from './applyIfFinite.js'
export { biasCorrection } from './biasCorrection.js'
export { clip } from './clip.js'
export { clipByBlockRms } from './clipByBlockRms.js'
export { clipByGlobalNorm } from './clipByGlobalNorm.js'
export { type EmaOptions, type EmaState, ema } from './ema.js'
export { freeze } from './freeze.js'
export { type LookaheadOptions, type LookaheadState, lookahead } from './lookahead.js'
export type { Mask } from './mask.js'
export { type MaskedState, masked } from './masked.js'
export {
  type MultiStepsOptions,
  type MultiStepsState,
  multiSteps,
  type ShouldSkip,
  type SkipState
} from './multiSteps.js'
export { type Labels, type PartitionState, partition } from './partition.js'
export { scale } from './scale.js'
export { type ScaleByAdamOptions, type ScaleByAdamState, scaleByAdam } from './scaleByAdam.js'
export { type ScaleByLearningRateOptions, scaleByLearningRate } from './scaleByLearningRate.js'
export { type ScaleByLionOptions, type ScaleByLionState, scaleByLion } from './scaleByLion.js'
export { type ScaleByParamBlockNormOptions, scaleByParamBlockNorm } from './scaleByParamBlockNorm.js'
export { type ScaleByParamBlockRmsOptions, scaleByParamBlockRms } from './scaleByParamBlockRms.js'
export { type ScaleByRmsOptions, type ScaleByRmsState, scaleByRms } from './scaleByRms.js'
export { type ScaleByScheduleState, scaleBySchedule } from './scaleBySchedule.js'
export { scaleBySign } from './scaleBySign.js'
export { type ScaleByStddevOptions, type ScaleByStddevState, scaleByStddev } from './scaleByStddev.js'
export { setToZero } from './setToZero.js'
export { type SkipLargeUpdatesState, skipLargeUpdates } from './skipLargeUpdates.js'
export { type SkipNotFiniteState, skipNotFinite } from './skipNotFinite.js'
export { type TraceOptions, type TraceState, trace } from './trace.js'
export { updateMoment } from './updateMoment.js'
