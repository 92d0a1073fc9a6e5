export { type AdaptiveGradClipOptions, adaptiveGradClip } from './adaptiveGradClip.js'
export { type AddDecayedWeightsOptions, type AddDecayedWeightsState, addDecayedWeights } from './addDecayedWeights.js'
export { addDecayedWeightsByLabel } from './addDecayedWeightsByLabel.js'
export { type AddNoiseOptions, type AddNoiseState, addNoise } from './addNoise.js'
export { type ApplyEveryState, applyEvery } from './applyEvery.js'
export { type ApplyIfFiniteState, applyIfFinite } from './applyIfFinite.js'
export { averagedParams } from './averagedParams.js'
export { byPath, type PathSelector } from './byPath.js'
export { centralize } from './centralize.js'
export { clip } from './clip.js'
export { clipByBlockRms } from './clipByBlockRms.js'
export { clipByGlobalNorm } from './clipByGlobalNorm.js'
export { clipByL1Norm } from './clipByL1Norm.js'
export { clipByNorm } from './clipByNorm.js'
export type { Condition } from './condition.js'
export { type ConditionallyMaskState, conditionallyMask } from './conditionallyMask.js'
export { type ConditionallyTransformState, conditionallyTransform } from './conditionallyTransform.js'
export { type EmaOptions, type EmaState, ema } from './ema.js'
export { type EmaParamsOptions, type EmaParamsState, emaParams } from './emaParams.js'
export { flatten } from './flatten.js'
export { freeze } from './freeze.js'
export {
  type AnyStatefulSchedule,
  type Hyperparam,
  type HyperparamState,
  type HyperparamsExtra,
  type InjectHyperparamsState,
  injectHyperparams,
  type StatefulSchedule,
  type Widened
} from './injectHyperparams.js'
export { type KeepParamsInBoxOptions, keepParamsInBox } from './keepParamsInBox.js'
export { keepParamsNonnegative } from './keepParamsNonnegative.js'
export { type LabelByPathOptions, labelByPath } from './labelByPath.js'
export { type LayerwiseLrDecayOptions, layerwiseLrDecay } from './layerwiseLrDecay.js'
export { type LookaheadOptions, type LookaheadState, lookahead } from './lookahead.js'
export { lookaheadParams } from './lookaheadParams.js'
export type { Mask } from './mask.js'
export { type MaskedState, masked } from './masked.js'
export { type MaxNormOptions, maxNorm } from './maxNorm.js'
export type { Measure, Measured, StatefulMeasure } from './measure.js'
export { type MeasureWithEmaOptions, measureWithEma } from './measureWithEma.js'
export {
  type AnyMeasure,
  type AnyStatefulMeasure,
  type Measurement,
  type MeasureState,
  type MonitorExtra,
  type MonitorState,
  monitor
} from './monitor.js'
export {
  type MultiStepsOptions,
  type MultiStepsState,
  multiSteps,
  type ShouldSkip,
  type SkipState
} from './multiSteps.js'
export { type NesterovLookaheadState, nesterovLookahead } from './nesterovLookahead.js'
export { type NormalizeByUpdateNormOptions, normalizeByUpdateNorm } from './normalizeByUpdateNorm.js'
export { notByPath } from './notByPath.js'
export { type Labels, type PartitionState, partition } from './partition.js'
export { perExampleGlobalNormClip } from './perExampleGlobalNormClip.js'
export { type PerExampleLayerNormClipOptions, perExampleLayerNormClip } from './perExampleLayerNormClip.js'
export { type PolyakAverageOptions, type PolyakAverageState, polyakAverage } from './polyakAverage.js'
export {
  type ReduceOnPlateauExtra,
  type ReduceOnPlateauOptions,
  type ReduceOnPlateauState,
  reduceOnPlateau
} from './reduceOnPlateau.js'
export { scale } from './scale.js'
export { type ScaleByAdaboundOptions, type ScaleByAdaboundState, scaleByAdabound } from './scaleByAdabound.js'
export { type ScaleByAdadeltaOptions, type ScaleByAdadeltaState, scaleByAdadelta } from './scaleByAdadelta.js'
export { type ScaleByAdamOptions, type ScaleByAdamState, scaleByAdam } from './scaleByAdam.js'
export { type ScaleByAdamaxOptions, type ScaleByAdamaxState, scaleByAdamax } from './scaleByAdamax.js'
export { type ScaleByAdanOptions, type ScaleByAdanState, scaleByAdan } from './scaleByAdan.js'
export { type ScaleByAmsgradOptions, type ScaleByAmsgradState, scaleByAmsgrad } from './scaleByAmsgrad.js'
export { type ScaleByBeliefOptions, type ScaleByBeliefState, scaleByBelief } from './scaleByBelief.js'
export {
  type ScaleByDistanceOverGradientsOptions,
  type ScaleByDistanceOverGradientsState,
  scaleByDistanceOverGradients
} from './scaleByDistanceOverGradients.js'
export {
  type ScaleByFactoredRmsOptions,
  type ScaleByFactoredRmsState,
  scaleByFactoredRms
} from './scaleByFactoredRms.js'
export { type ScaleByLabelState, scaleByLabel } from './scaleByLabel.js'
export { type ScaleByLearningRateOptions, scaleByLearningRate } from './scaleByLearningRate.js'
export { type ScaleByLionOptions, type ScaleByLionState, scaleByLion } from './scaleByLion.js'
export { type ScaleByNadamOptions, type ScaleByNadamState, scaleByNadam } from './scaleByNadam.js'
export { type ScaleByNovogradOptions, type ScaleByNovogradState, scaleByNovograd } from './scaleByNovograd.js'
export {
  type ScaleByOptimisticGradientOptions,
  type ScaleByOptimisticGradientState,
  scaleByOptimisticGradient
} from './scaleByOptimisticGradient.js'
export { type ScaleByParamBlockNormOptions, scaleByParamBlockNorm } from './scaleByParamBlockNorm.js'
export { type ScaleByParamBlockRmsOptions, scaleByParamBlockRms } from './scaleByParamBlockRms.js'
export { type ScaleByPolyakExtra, type ScaleByPolyakOptions, scaleByPolyak } from './scaleByPolyak.js'
export { type ScaleByRadamOptions, type ScaleByRadamState, scaleByRadam } from './scaleByRadam.js'
export { type ScaleByRmsOptions, type ScaleByRmsState, scaleByRms } from './scaleByRms.js'
export { type ScaleByRpropOptions, type ScaleByRpropState, scaleByRprop } from './scaleByRprop.js'
export { type ScaleByRssOptions, type ScaleByRssState, scaleByRss } from './scaleByRss.js'
export { type ScaleByScheduleState, scaleBySchedule } from './scaleBySchedule.js'
export { scaleBySign } from './scaleBySign.js'
export { type ScaleBySm3Options, type ScaleBySm3State, scaleBySm3 } from './scaleBySm3.js'
export { type ScaleByStddevOptions, type ScaleByStddevState, scaleByStddev } from './scaleByStddev.js'
export { type ScaleByTrustRatioOptions, scaleByTrustRatio } from './scaleByTrustRatio.js'
export { type ScaleByYogiOptions, type ScaleByYogiState, scaleByYogi } from './scaleByYogi.js'
export {
  type SelectiveTransformOptions,
  type SelectiveTransformState,
  selectiveTransform
} from './selectiveTransform.js'
export { type SettableHyperparams, setHyperparams } from './setHyperparams.js'
export { setToZero } from './setToZero.js'
export { type SkipLargeUpdatesState, skipLargeUpdates } from './skipLargeUpdates.js'
export { type SkipNotFiniteState, skipNotFinite } from './skipNotFinite.js'
export { type SnapshotState, snapshot } from './snapshot.js'
export { statelessWithTreeMap } from './statelessWithTreeMap.js'
export { type SwaOptions, type SwaState, swa } from './swa.js'
export { type TraceOptions, type TraceState, trace } from './trace.js'
export { type UnitwiseClipOptions, unitwiseClip } from './unitwiseClip.js'
export { type UnitwiseNormOptions, unitwiseNorm } from './unitwiseNorm.js'
export { type ZeroNansState, zeroNans } from './zeroNans.js'
export { zeroSmall } from './zeroSmall.js'
