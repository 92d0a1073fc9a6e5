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
export {
  type LeastSquaresOptions,
  type LeastSquaresReason,
  type LeastSquaresResult,
  leastSquares
} from './leastSquares/leastSquares.js'
