export {
  abs,
  add,
  div,
  max,
  min,
  mul,
  neg,
  pow,
  rsqrt,
  sqrt,
  square,
  sub,
  wholePower
} from './operations/arithmetic.js'
export {
  broadcast,
  cast,
  castLike,
  fullLike,
  type OpaqueOptions,
  type OpaqueResult,
  opaque,
  reshape,
  transpose,
  zerosLike
} from './operations/arrays.js'
export {
  equal,
  greater,
  greaterEqual,
  isFinite,
  less,
  lessEqual,
  notEqual,
  sign,
  where
} from './operations/comparisons.js'
export { atan2, cos, erf, exp, floor, log, log1p, sin, tanh } from './operations/functions.js'
export { dot, maxOf, mean, minOf, norm, rms, sum, sumSquares } from './operations/reductions.js'
export { isWide, needsScale, scaleFor } from './operations/scaled.js'
export { arrayOf, lift, liftAny, sameShape, type Value } from './operations/value.js'
