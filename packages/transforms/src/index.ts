export { type Assignment, hungarianAlgorithm } from './assignment/hungarianAlgorithm.js'
export { averagedParams } from './averages/averagedParams.js'
export { type EmaParamsOptions, type EmaParamsState, emaParams } from './averages/emaParams.js'
export { type PolyakAverageOptions, type PolyakAverageState, polyakAverage } from './averages/polyakAverage.js'
export { type SwaOptions, type SwaState, swa } from './averages/swa.js'
export { type CountedBatchOptions, largestBatch, type TriedBatchOptions } from './batches/largestBatch.js'
export { type Accumulator, type MicrobatchOptions, microbatch } from './batches/microbatch.js'
export { type StateBytes, stateBytes } from './batches/stateBytes.js'
export { type AdaptiveGradClipOptions, adaptiveGradClip } from './clipping/adaptiveGradClip.js'
export {
  type AdaptiveNormClipOptions,
  type AdaptiveNormClipState,
  adaptiveNormClip
} from './clipping/adaptiveNormClip.js'
export { clip } from './clipping/clip.js'
export { clipByBlockRms } from './clipping/clipByBlockRms.js'
export { type ClipByGlobalNormOptions, clipByGlobalNorm } from './clipping/clipByGlobalNorm.js'
export { clipByNorm } from './clipping/clipByNorm.js'
export { perExampleGlobalNormClip } from './clipping/perExampleGlobalNormClip.js'
export { type PerExampleLayerNormClipOptions, perExampleLayerNormClip } from './clipping/perExampleLayerNormClip.js'
export { type UnitwiseClipOptions, unitwiseClip } from './clipping/unitwiseClip.js'
export { type UnitwiseNormOptions, unitwiseNorm } from './clipping/unitwiseNorm.js'
export { type ZeroNansState, zeroNans } from './clipping/zeroNans.js'
export { zeroSmall } from './clipping/zeroSmall.js'
export { type KeepParamsInBoxOptions, keepParamsInBox } from './constraints/keepParamsInBox.js'
export { keepParamsNonnegative } from './constraints/keepParamsNonnegative.js'
export { type MaxNormOptions, maxNorm } from './constraints/maxNorm.js'
export { type MinMaxNormOptions, minMaxNorm } from './constraints/minMaxNorm.js'
export { type AddCautiousDecayedWeightsOptions, addCautiousDecayedWeights } from './decay/addCautiousDecayedWeights.js'
export {
  type AddDecayedWeightsOptions,
  type AddDecayedWeightsState,
  addDecayedWeights
} from './decay/addDecayedWeights.js'
export { addDecayedWeightsByLabel } from './decay/addDecayedWeightsByLabel.js'
export { type DecayFirstOptions, type DecayFirstState, decayFirst } from './decay/decayFirst.js'
export {
  type AnyStatefulSchedule,
  type Hyperparam,
  type HyperparamState,
  type HyperparamsExtra,
  type InjectHyperparamsState,
  injectHyperparams,
  type StatefulSchedule,
  type Widened
} from './injection/injectHyperparams.js'
export { type SettableHyperparams, setHyperparams } from './injection/setHyperparams.js'
export {
  type HutchinsonEstimatorDiagHessianExtra,
  type HutchinsonEstimatorDiagHessianOptions,
  type HutchinsonEstimatorDiagHessianState,
  hutchinsonEstimatorDiagHessian
} from './moments/hutchinsonEstimatorDiagHessian.js'
export { type ScaleByAcpropOptions, type ScaleByAcpropState, scaleByAcprop } from './moments/scaleByAcprop.js'
export { type ScaleByAdaboundOptions, type ScaleByAdaboundState, scaleByAdabound } from './moments/scaleByAdabound.js'
export { type ScaleByAdadeltaOptions, type ScaleByAdadeltaState, scaleByAdadelta } from './moments/scaleByAdadelta.js'
export {
  type ScaleByAdahessianOptions,
  type ScaleByAdahessianState,
  scaleByAdahessian
} from './moments/scaleByAdahessian.js'
export { type ScaleByAdaiOptions, type ScaleByAdaiState, scaleByAdai } from './moments/scaleByAdai.js'
export { type ScaleByAdamOptions, type ScaleByAdamState, scaleByAdam } from './moments/scaleByAdam.js'
export {
  type ScaleByAdamAtan2Options,
  type ScaleByAdamAtan2State,
  scaleByAdamAtan2
} from './moments/scaleByAdamAtan2.js'
export { type ScaleByAdamaxOptions, type ScaleByAdamaxState, scaleByAdamax } from './moments/scaleByAdamax.js'
export { type ScaleByAdamodOptions, type ScaleByAdamodState, scaleByAdamod } from './moments/scaleByAdamod.js'
export { type ScaleByAdanOptions, type ScaleByAdanState, scaleByAdan } from './moments/scaleByAdan.js'
export { type ScaleByAdanormOptions, type ScaleByAdanormState, scaleByAdanorm } from './moments/scaleByAdanorm.js'
export { type ScaleByAdapnmOptions, type ScaleByAdapnmState, scaleByAdapnm } from './moments/scaleByAdapnm.js'
export { type ScaleByAdemamixOptions, type ScaleByAdemamixState, scaleByAdemamix } from './moments/scaleByAdemamix.js'
export { type ScaleByAdoptOptions, type ScaleByAdoptState, scaleByAdopt } from './moments/scaleByAdopt.js'
export { type ScaleByAmsgradOptions, type ScaleByAmsgradState, scaleByAmsgrad } from './moments/scaleByAmsgrad.js'
export { type ScaleByAnoOptions, type ScaleByAnoState, scaleByAno } from './moments/scaleByAno.js'
export { type ScaleByAvagradOptions, type ScaleByAvagradState, scaleByAvagrad } from './moments/scaleByAvagrad.js'
export { type ScaleByBeliefOptions, type ScaleByBeliefState, scaleByBelief } from './moments/scaleByBelief.js'
export { type ScaleByCocobOptions, type ScaleByCocobState, scaleByCocob } from './moments/scaleByCocob.js'
export {
  type ScaleByDadaptAdamwOptions,
  type ScaleByDadaptAdamwState,
  scaleByDadaptAdamw
} from './moments/scaleByDadaptAdamw.js'
export { type ScaleByDiffgradOptions, type ScaleByDiffgradState, scaleByDiffgrad } from './moments/scaleByDiffgrad.js'
export {
  type ScaleByFactoredRmsOptions,
  type ScaleByFactoredRmsState,
  scaleByFactoredRms
} from './moments/scaleByFactoredRms.js'
export { type ScaleByKateOptions, type ScaleByKateState, scaleByKate } from './moments/scaleByKate.js'
export { type ScaleByLapropOptions, type ScaleByLapropState, scaleByLaprop } from './moments/scaleByLaprop.js'
export { type ScaleByMadgradOptions, type ScaleByMadgradState, scaleByMadgrad } from './moments/scaleByMadgrad.js'
export {
  type ScaleByMomoAdamExtra,
  type ScaleByMomoAdamOptions,
  type ScaleByMomoAdamState,
  scaleByMomoAdam
} from './moments/scaleByMomoAdam.js'
export { type ScaleByNadamOptions, type ScaleByNadamState, scaleByNadam } from './moments/scaleByNadam.js'
export { type ScaleByNovogradOptions, type ScaleByNovogradState, scaleByNovograd } from './moments/scaleByNovograd.js'
export { type ScaleByProdigyOptions, type ScaleByProdigyState, scaleByProdigy } from './moments/scaleByProdigy.js'
export { type ScaleByQhadamOptions, type ScaleByQhadamState, scaleByQhadam } from './moments/scaleByQhadam.js'
export { type ScaleByRadamOptions, type ScaleByRadamState, scaleByRadam } from './moments/scaleByRadam.js'
export { type ScaleByRmsOptions, type ScaleByRmsState, scaleByRms } from './moments/scaleByRms.js'
export { type ScaleByRssOptions, type ScaleByRssState, scaleByRss } from './moments/scaleByRss.js'
export {
  type ScaleBySimplifiedAdemamixOptions,
  type ScaleBySimplifiedAdemamixState,
  scaleBySimplifiedAdemamix
} from './moments/scaleBySimplifiedAdemamix.js'
export { type ScaleBySm3Options, type ScaleBySm3State, scaleBySm3 } from './moments/scaleBySm3.js'
export { type ScaleBySophiaOptions, type ScaleBySophiaState, scaleBySophia } from './moments/scaleBySophia.js'
export {
  type ScaleByStableSpamOptions,
  type ScaleByStableSpamState,
  scaleByStableSpam
} from './moments/scaleByStableSpam.js'
export { type ScaleByStddevOptions, type ScaleByStddevState, scaleByStddev } from './moments/scaleByStddev.js'
export { type ScaleBySwatsOptions, type ScaleBySwatsState, scaleBySwats } from './moments/scaleBySwats.js'
export { type ScaleByVsgdOptions, type ScaleByVsgdState, scaleByVsgd } from './moments/scaleByVsgd.js'
export { type ScaleByYogiOptions, type ScaleByYogiState, scaleByYogi } from './moments/scaleByYogi.js'
export { type EmaOptions, type EmaState, ema } from './momentum/ema.js'
export { type GrokfastOptions, type GrokfastState, grokfast } from './momentum/grokfast.js'
export { type ScaleByAccSgdOptions, type ScaleByAccSgdState, scaleByAccSgd } from './momentum/scaleByAccSgd.js'
export { type ScaleByAggmoOptions, type ScaleByAggmoState, scaleByAggmo } from './momentum/scaleByAggmo.js'
export { type ScaleByFocusOptions, type ScaleByFocusState, scaleByFocus } from './momentum/scaleByFocus.js'
export { type ScaleByLionOptions, type ScaleByLionState, scaleByLion } from './momentum/scaleByLion.js'
export { type ScaleByMsvagOptions, type ScaleByMsvagState, scaleByMsvag } from './momentum/scaleByMsvag.js'
export {
  type ScaleByOptimisticGradientOptions,
  type ScaleByOptimisticGradientState,
  scaleByOptimisticGradient
} from './momentum/scaleByOptimisticGradient.js'
export { type ScaleByPidOptions, type ScaleByPidState, scaleByPid } from './momentum/scaleByPid.js'
export { type ScaleByPnmOptions, type ScaleByPnmState, scaleByPnm } from './momentum/scaleByPnm.js'
export { type ScaleByQhmOptions, type ScaleByQhmState, scaleByQhm } from './momentum/scaleByQhm.js'
export { type ScaleByRpropOptions, type ScaleByRpropState, scaleByRprop } from './momentum/scaleByRprop.js'
export { scaleBySign } from './momentum/scaleBySign.js'
export { type ScaleByTamOptions, type ScaleByTamState, scaleByTam } from './momentum/scaleByTam.js'
export { type TraceOptions, type TraceState, trace } from './momentum/trace.js'
export type { Measure, Measured, StatefulMeasure } from './monitoring/measure.js'
export { type MeasureWithEmaOptions, measureWithEma } from './monitoring/measureWithEma.js'
export {
  type AnyMeasure,
  type AnyStatefulMeasure,
  type Measurement,
  type MeasureState,
  type MonitorExtra,
  type MonitorState,
  monitor
} from './monitoring/monitor.js'
export { type SnapshotState, snapshot } from './monitoring/snapshot.js'
export { type AgemExtra, agem } from './multitask/agem.js'
export { type PcGradExtra, type PcGradOptions, type PcGradState, pcGrad } from './multitask/pcGrad.js'
export { type AddNoiseOptions, type AddNoiseState, addNoise } from './noise/addNoise.js'
export { centralize } from './norms/centralize.js'
export { normalize } from './norms/normalize.js'
export { type NormalizeByUpdateNormOptions, normalizeByUpdateNorm } from './norms/normalizeByUpdateNorm.js'
export { type OrthogradOptions, orthograd } from './norms/orthograd.js'
export { type ScaleByParamBlockNormOptions, scaleByParamBlockNorm } from './norms/scaleByParamBlockNorm.js'
export { type ScaleByParamBlockRmsOptions, scaleByParamBlockRms } from './norms/scaleByParamBlockRms.js'
export { type ScaleByTrustRatioOptions, scaleByTrustRatio } from './norms/scaleByTrustRatio.js'
export { type WithTrustRatioOptions, type WithTrustRatioState, withTrustRatio } from './norms/withTrustRatio.js'
export { type MirrorMapOptions, mirrorMap } from './online/mirrorMap.js'
export { type ScaleByFtrlOptions, type ScaleByFtrlState, scaleByFtrl } from './online/scaleByFtrl.js'
export {
  type MakePerturbedFunOptions,
  makePerturbedFun,
  type Noise,
  type PerturbedFun
} from './perturbations/makePerturbedFun.js'
export { castGradients } from './precision/castGradients.js'
export {
  type DynamicLossScaleOptions,
  type DynamicLossScaleState,
  dynamicLossScale
} from './precision/dynamicLossScale.js'
export { type KahanParamsState, kahanParams } from './precision/kahanParams.js'
export { type MixedPrecisionOptions, type MixedPrecisionState, mixedPrecision } from './precision/mixedPrecision.js'
export {
  type QuantizedStateOptions,
  type QuantizedStateState,
  quantizedState,
  type StateFormat
} from './precision/quantizedState.js'
export {
  type DifferentiallyPrivateAggregateExtra,
  type DifferentiallyPrivateAggregateOptions,
  type DifferentiallyPrivateAggregateState,
  differentiallyPrivateAggregate
} from './privacy/differentiallyPrivateAggregate.js'
export { type NoiseMultiplierForOptions, noiseMultiplierFor } from './privacy/noiseMultiplierFor.js'
export { type PrivacySpent, type PrivacySpentOptions, type PrivatePhase, privacySpent } from './privacy/privacySpent.js'
export { type LayerwiseLrDecayOptions, layerwiseLrDecay } from './scaling/layerwiseLrDecay.js'
export {
  type ReduceOnPlateauExtra,
  type ReduceOnPlateauOptions,
  type ReduceOnPlateauState,
  reduceOnPlateau
} from './scaling/reduceOnPlateau.js'
export { scale } from './scaling/scale.js'
export { type ScaleByAmosOptions, type ScaleByAmosState, scaleByAmos } from './scaling/scaleByAmos.js'
export {
  type ScaleByDistanceOverGradientsOptions,
  type ScaleByDistanceOverGradientsState,
  scaleByDistanceOverGradients
} from './scaling/scaleByDistanceOverGradients.js'
export { type ScaleByDogOptions, type ScaleByDogState, scaleByDog } from './scaling/scaleByDog.js'
export { type ScaleByDowgOptions, type ScaleByDowgState, scaleByDowg } from './scaling/scaleByDowg.js'
export {
  type ScaleByInitialSnrOptions,
  type ScaleByInitialSnrState,
  scaleByInitialSnr
} from './scaling/scaleByInitialSnr.js'
export { type ScaleByLabelState, scaleByLabel } from './scaling/scaleByLabel.js'
export { type ScaleByLearningRateOptions, scaleByLearningRate } from './scaling/scaleByLearningRate.js'
export {
  type ScaleByMomoExtra,
  type ScaleByMomoOptions,
  type ScaleByMomoState,
  scaleByMomo
} from './scaling/scaleByMomo.js'
export { type ScaleByPolyakExtra, type ScaleByPolyakOptions, scaleByPolyak } from './scaling/scaleByPolyak.js'
export { type ScaleByScheduleState, scaleBySchedule } from './scaling/scaleBySchedule.js'
export { byPath, type PathSelector } from './selection/byPath.js'
export { freeze } from './selection/freeze.js'
export { type LabelByPathOptions, labelByPath } from './selection/labelByPath.js'
export type { Mask } from './selection/mask.js'
export { type MaskedState, masked } from './selection/masked.js'
export { notByPath } from './selection/notByPath.js'
export { type Labels, type PartitionState, partition } from './selection/partition.js'
export {
  type SelectiveTransformOptions,
  type SelectiveTransformState,
  selectiveTransform
} from './selection/selectiveTransform.js'
export { setToZero } from './selection/setToZero.js'
export { type ApplyEveryOptions, type ApplyEveryState, applyEvery } from './wrappers/applyEvery.js'
export { type ApplyIfFiniteState, applyIfFinite } from './wrappers/applyIfFinite.js'
export { type AsamAdversaryState, type AsamOptions, type AsamState, asam } from './wrappers/asam.js'
export { type CautiousOptions, cautious } from './wrappers/cautious.js'
export { type ClipSpikesOptions, type ClipSpikesState, clipSpikes } from './wrappers/clipSpikes.js'
export type { Condition } from './wrappers/condition.js'
export { type ConditionallyMaskState, conditionallyMask } from './wrappers/conditionallyMask.js'
export { type ConditionallyTransformState, conditionallyTransform } from './wrappers/conditionallyTransform.js'
export { type DAdaptOptions, type DAdaptState, dAdapt } from './wrappers/dAdapt.js'
export { flatten } from './wrappers/flatten.js'
export {
  type FriendlySamAdversaryState,
  type FriendlySamOptions,
  type FriendlySamState,
  friendlySam
} from './wrappers/friendlySam.js'
export { type GramsOptions, grams } from './wrappers/grams.js'
export { type GsamOptions, type GsamState, gsam } from './wrappers/gsam.js'
export { type HypergradientOptions, type HypergradientState, hypergradient } from './wrappers/hypergradient.js'
export { type LookaheadOptions, type LookaheadState, lookahead } from './wrappers/lookahead.js'
export { lookaheadParams } from './wrappers/lookaheadParams.js'
export { type LookSamOptions, type LookSamState, lookSam } from './wrappers/lookSam.js'
export { type MarsOptions, type MarsState, mars } from './wrappers/mars.js'
export { type MechanizeOptions, type MechanizeState, mechanize } from './wrappers/mechanize.js'
export {
  type MultiStepsOptions,
  type MultiStepsState,
  multiSteps,
  type ShouldSkip,
  type SkipState
} from './wrappers/multiSteps.js'
export { type NesterovLookaheadState, nesterovLookahead } from './wrappers/nesterovLookahead.js'
export { type ProjectRadialOptions, type ProjectRadialState, projectRadial } from './wrappers/projectRadial.js'
export { type SamAsks, type SamExtra, type SamOptions, type SamState, sam } from './wrappers/sam.js'
export { type ScheduleFreeOptions, type ScheduleFreeState, scheduleFree } from './wrappers/scheduleFree.js'
export { scheduleFreeEvalParams } from './wrappers/scheduleFreeEvalParams.js'
export { type SkipLargeUpdatesState, skipLargeUpdates } from './wrappers/skipLargeUpdates.js'
export { type SkipNotFiniteState, skipNotFinite } from './wrappers/skipNotFinite.js'
export { type StableUpdatesOptions, type StableUpdatesState, stableUpdates } from './wrappers/stableUpdates.js'
export { statelessWithTreeMap } from './wrappers/statelessWithTreeMap.js'
export { type SwitchTransformOptions, type SwitchTransformState, switchTransform } from './wrappers/switchTransform.js'
export { type TieWeightsState, tieWeights } from './wrappers/tieWeights.js'
export { type TracOptions, type TracState, trac } from './wrappers/trac.js'
export { type WsamOptions, type WsamState, wsam } from './wrappers/wsam.js'
