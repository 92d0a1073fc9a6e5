export {
  type SimulatedAnnealingInner,
  type SimulatedAnnealingOptions,
  type SimulatedAnnealingState,
  simulatedAnnealing
} from './annealing/simulatedAnnealing.js'
export {
  type ComparedRun,
  type CompareOptimizersOptions,
  compareOptimizers,
  type OptimizerComparison,
  type PerformanceProfile
} from './comparisons/compareOptimizers.js'
export { type SelectedOptimizer, type SelectOptimizerOptions, selectOptimizer } from './comparisons/selectOptimizer.js'
export { type Curriculum, type CurriculumOptions, type CurriculumState, curriculum } from './curricula/curriculum.js'
export {
  type ProgressiveOptimizerExtra,
  type ProgressiveOptimizerOptions,
  type ProgressiveOptimizerState,
  progressiveOptimizer
} from './curricula/progressiveOptimizer.js'
export { type CmaEsOptions, type CmaEsState, cmaEs } from './evolution/cmaEs.js'
export { type OpenaiEsInner, type OpenaiEsOptions, type OpenaiEsState, openaiEs } from './evolution/openaiEs.js'
export { type SepCmaEsOptions, type SepCmaEsState, sepCmaEs } from './evolution/sepCmaEs.js'
export type { SearchBounds, SearchBox } from './internal/box.js'
export type { CmaInner } from './internal/cma/cmaStrategy.js'
export type { CmaDistribution } from './internal/cma/distribution.js'
export type { CmaHistory } from './internal/cma/stops.js'
export type { ParamsForm, SearchVector } from './internal/flat.js'
export type { TreeSearchState } from './internal/overTrees.js'
export type { EvaluatedPoint } from './internal/population.js'
export type { SavedState } from './internal/saved.js'
export {
  type LearnedOptimizerOptions,
  type LearnedOptimizerState,
  type LearnedWeights,
  learnedOptimizer
} from './learned/learnedOptimizer.js'
export { type LearnedWeightsOptions, learnedWeights } from './learned/learnedWeights.js'
export { type LearningTask, type MetaTrained, type MetaTrainOptions, metaTrain } from './learned/metaTrain.js'
export { type SearchOptions, type SearchResult, search } from './loop/search.js'
export type { Evaluated, SearchStrategy, StopReason } from './loop/searchStrategy.js'
export {
  type DifferentialEvolutionInner,
  type DifferentialEvolutionOptions,
  type DifferentialEvolutionState,
  type DifferentialEvolutionStrategy,
  differentialEvolution
} from './population/differentialEvolution.js'
export {
  type GeneticAlgorithmInner,
  type GeneticAlgorithmOptions,
  type GeneticAlgorithmState,
  geneticAlgorithm
} from './population/geneticAlgorithm.js'
export {
  type ParticleSwarmInner,
  type ParticleSwarmOptions,
  type ParticleSwarmState,
  particleSwarm
} from './population/particleSwarm.js'
export { type NoisyOptions, type Problem, problems, type QuadraticOptions } from './problems/problems.js'
export { type AshaOptions, type AshaState, asha } from './rungs/asha.js'
export { type HyperbandOptions, hyperband } from './rungs/hyperband.js'
export {
  type MedianStoppingOptions,
  type MedianStoppingState,
  medianStopping,
  type StoppingRule,
  type TrialReport
} from './rungs/medianStopping.js'
export {
  type PopulationBasedTrainingOptions,
  type PopulationMember,
  type PopulationState,
  populationBasedTraining
} from './rungs/populationBasedTraining.js'
export { type SuccessiveHalvingOptions, successiveHalving } from './rungs/successiveHalving.js'
export type { ResourceTrial, RungResult, RungsState } from './rungs/types.js'
export {
  type NelderMeadInner,
  type NelderMeadOptions,
  type NelderMeadState,
  nelderMead
} from './simplex/nelderMead.js'
export { choice } from './spaces/choice.js'
export { type IntegerOptions, integer } from './spaces/integer.js'
export { logUniform } from './spaces/logUniform.js'
export { space } from './spaces/space.js'
export type {
  Choice,
  Choosable,
  ConfigOf,
  Dimension,
  Fields,
  Integer,
  LogUniform,
  Space,
  Uniform,
  Variants
} from './spaces/types.js'
export { uniform } from './spaces/uniform.js'
export { variants } from './spaces/variants.js'
export { type BayesianOptimizationOptions, bayesianOptimization } from './trials/bayesianOptimization.js'
export { type GridSearchOptions, gridSearch } from './trials/gridSearch.js'
export { type LatinHypercubeOptions, latinHypercube } from './trials/latinHypercube.js'
export { type RandomSearchOptions, randomSearch } from './trials/randomSearch.js'
export { type TpeOptions, tpe } from './trials/tpe.js'
export type { ConfigSearch, Trial, TrialsState } from './trials/types.js'
