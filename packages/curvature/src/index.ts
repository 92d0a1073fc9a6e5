export {
  type FiniteDifferenceGradientOptions,
  finiteDifferenceGradient
} from './differences/finiteDifferenceGradient.js'
export { type FiniteDifferenceHvpOptions, finiteDifferenceHvp } from './differences/finiteDifferenceHvp.js'
export {
  type ScaleByConjugateGradientOptions,
  type ScaleByConjugateGradientState,
  scaleByConjugateGradient
} from './directions/scaleByConjugateGradient.js'
export {
  type GaussNewtonBartlettEstimatorDiagHessianExtra,
  type GaussNewtonBartlettEstimatorDiagHessianOptions,
  type GaussNewtonBartlettEstimatorDiagHessianState,
  gaussNewtonBartlettEstimatorDiagHessian
} from './estimates/gaussNewtonBartlettEstimatorDiagHessian.js'
export { type HutchinsonDiagonalOptions, hutchinsonDiagonal } from './estimates/hutchinsonDiagonal.js'
export {
  type DiagonalFisherExtra,
  type DiagonalFisherOptions,
  type DiagonalFisherState,
  diagonalFisher
} from './fisher/diagonalFisher.js'
export {
  type NaturalGradientExtra,
  type NaturalGradientOptions,
  naturalGradient
} from './fisher/naturalGradient.js'
export { gnvp } from './hessianFree/gnvp.js'
export {
  type HessianFreeExtra,
  type HessianFreeOptions,
  type HessianFreeState,
  hessianFree
} from './hessianFree/hessianFree.js'
export type { ObjectiveExtra, StartExtra, ValueAndGradFnExtra, ValueFnExtra } from './internal/objective.js'
export type { ResidualsExtra } from './internal/residualProblem.js'
export { type LbfgsOptions, type LbfgsState, lbfgs } from './lbfgs/lbfgs.js'
export { type ScaleByLbfgsOptions, type ScaleByLbfgsState, scaleByLbfgs } from './lbfgs/scaleByLbfgs.js'
export { type GaussNewtonOptions, type GaussNewtonState, gaussNewton } from './leastSquares/gaussNewton.js'
export {
  type LeastSquaresOptions,
  type LeastSquaresResult,
  leastSquares
} from './leastSquares/leastSquares.js'
export {
  type LevenbergMarquardtOptions,
  type LevenbergMarquardtState,
  levenbergMarquardt
} from './leastSquares/levenbergMarquardt.js'
export { type CgOptions, type CgResult, cg } from './linear/cg.js'
export {
  type BacktrackingLinesearchInfo,
  type ScaleByBacktrackingLinesearchExtra,
  type ScaleByBacktrackingLinesearchOptions,
  type ScaleByBacktrackingLinesearchState,
  scaleByBacktrackingLinesearch
} from './linesearch/scaleByBacktrackingLinesearch.js'
export {
  type ScaleByZoomLinesearchExtra,
  type ScaleByZoomLinesearchOptions,
  type ScaleByZoomLinesearchState,
  scaleByZoomLinesearch,
  type ZoomLinesearchInfo
} from './linesearch/scaleByZoomLinesearch.js'
export { type ValueAndGradFromState, valueAndGradFromState } from './linesearch/valueAndGradFromState.js'
export { type BfgsState, bfgs } from './methods/bfgs.js'
export {
  type ConjugateGradientBeta,
  type ConjugateGradientOptions,
  type ConjugateGradientState,
  conjugateGradient
} from './methods/conjugateGradient.js'
export { type NewtonOptions, type NewtonState, newton } from './methods/newton.js'
export { type Sr1State, sr1 } from './methods/sr1.js'
export type {
  MinimizeMethod,
  MinimizeMethodStop,
  MinimizePoint,
  MinimizeProblem,
  MinimizeStep
} from './minimize/method.js'
export { type MinimizeOptions, type MinimizeReason, type MinimizeResult, minimize } from './minimize/minimize.js'
