export { diagnose } from './diagnosis/diagnose.js'
export { type GradientFlow, type GradientFlowOptions, gradientFlow, type LayerFlow } from './diagnosis/gradientFlow.js'
export type { Finding, HistoryRow, Problem } from './diagnosis/types.js'
export { type ExplainOptions, explain } from './explain/explain.js'
export {
  type BinsEntry,
  type HistogramEntry,
  type LogEntry,
  type LogPlace,
  type ScalarEntry,
  type TextEntry,
  tensorBoardEvents
} from './logs/tensorBoardEvents.js'
export { type TensorBoardHeaderOptions, tensorBoardHeader } from './logs/tensorBoardHeader.js'
export { type TensorBoardHparamsOptions, tensorBoardHparams } from './logs/tensorBoardHparams.js'
export { type ToCsvOptions, toCsv } from './logs/toCsv.js'
export { type LogRow, toJsonLines } from './logs/toJsonLines.js'
export { type EarlyStoppingOptions, type EarlyStoppingState, earlyStopping } from './loop/earlyStopping.js'
export {
  type AnyLoopCallback,
  type FitEvent,
  type FitLoopOptions,
  type Fitted,
  fitLoop,
  type LoopCallback
} from './loop/fitLoop.js'
export {
  type LearningRateFinder,
  type LearningRateFinderOptions,
  type LearningRateFinderState,
  learningRateFinder,
  type SuggestedRates,
  type TriedRate
} from './loop/learningRateFinder.js'
export {
  type LearningRateSweep,
  type LearningRateSweepOptions,
  learningRateSweep,
  type SweptRate
} from './loop/learningRateSweep.js'
export { type OverfitOneBatchOptions, type OverfittedBatch, overfitOneBatch } from './loop/overfitOneBatch.js'
export { type ScaledHyperparams, type ScaleLearningRateOptions, scaleLearningRate } from './loop/scaleLearningRate.js'
export { type TimedUpdate, type TimeUpdateOptions, timeUpdate } from './loop/timeUpdate.js'
export { type AveragedState, averaged } from './measures/averaged.js'
export { type ClippedShareOptions, clippedShare } from './measures/clippedShare.js'
export { type DeadUnitsOptions, deadUnits } from './measures/deadUnits.js'
export { decades } from './measures/decades.js'
export { type DescentCosineOptions, descentCosine } from './measures/descentCosine.js'
export { type EffectiveLearningRateOptions, effectiveLearningRate } from './measures/effectiveLearningRate.js'
export { type EveryStepsState, everySteps } from './measures/everySteps.js'
export { type HistogramOfOptions, histogramOf } from './measures/histogramOf.js'
export { type MeasuredState, measured } from './measures/measured.js'
export { type NormOfOptions, normOf } from './measures/normOf.js'
export { scalarsOf } from './measures/scalarsOf.js'
export { type SignalToNoiseOptions, type SignalToNoiseState, signalToNoise } from './measures/signalToNoise.js'
export { type Statistics, statisticsOf } from './measures/statisticsOf.js'
export type {
  AnyStatefulStepMeasure,
  AnyStepMeasure,
  Pending,
  Quantity,
  Scope,
  Scoped,
  StatefulStepMeasure,
  StepMeasure,
  StepMeasurement,
  StepMeasureState,
  TakenStep
} from './measures/stepMeasure.js'
export { type UpdateRatioOptions, updateRatio } from './measures/updateRatio.js'
