export * as tree from './algebra/index.js'
export { biasCorrection, updateInfinityMoment, updateMoment } from './algebra/leafMoments.js'
export type { DataOf, DType } from './array/dtype.js'
export { type NdArray, ndarray } from './array/ndarray.js'
export {
  aNumber,
  boolean,
  callable,
  check,
  finite,
  inClosedUnitInterval,
  inPositiveUnitInterval,
  inUnitInterval,
  nonNegative,
  nonNegativeInteger,
  oneOf,
  optional,
  orNull,
  orSchedule,
  positive,
  positiveInteger,
  type Requirement,
  required,
  withDefaults
} from './check.js'
export {
  type CheckGradientsOptions,
  checkGradients,
  type GradientCheck,
  type GradientMismatch
} from './derivatives/checkGradients.js'
export { grad } from './derivatives/grad.js'
export { hvp } from './derivatives/hvp.js'
export { jvp } from './derivatives/jvp.js'
export { remat } from './derivatives/remat.js'
export { stopGradient } from './derivatives/stopGradient.js'
export type { Bound, Differentiable, Fitting, ForcedBy, OperandsLike, ScalarOf } from './derivatives/types.js'
export { type GradOptions, valueAndGrad } from './derivatives/valueAndGrad.js'
export { vjp } from './derivatives/vjp.js'
export type { Engine } from './engine/engine.js'
export { defaultEngine, read, withEngine } from './engine/evaluate.js'
export { reference } from './engine/reference.js'
export { createWasmEngine, isWasmSupported } from './engine/wasm/engine.js'
export {
  type ErrorTag,
  GradchainError,
  InvalidOption,
  InvalidState,
  InvalidTree,
  LazyValue,
  NotFinite,
  show
} from './errors.js'
export { Expr, type Leaf, type OpaqueFunction, type Operand } from './expression/expr.js'
export type { OpaqueVjp } from './expression/opaqueVjp.js'
export {
  abs,
  add,
  atan2,
  broadcast,
  cast,
  castLike,
  cos,
  div,
  dot,
  equal,
  erf,
  exp,
  floor,
  fullLike,
  greater,
  greaterEqual,
  isFinite,
  less,
  lessEqual,
  log,
  log1p,
  max,
  maxOf,
  mean,
  min,
  minOf,
  mul,
  neg,
  norm,
  notEqual,
  type OpaqueOptions,
  type OpaqueResult,
  opaque,
  pow,
  reshape,
  rms,
  rsqrt,
  sign,
  sin,
  sqrt,
  square,
  sub,
  sum,
  sumSquares,
  tanh,
  transpose,
  type Value,
  where,
  zerosLike
} from './expression/operations.js'
export { shapeOf } from './expression/shapeOf.js'
export { diagonal } from './matrix/diagonal.js'
export { diagonalMatrix } from './matrix/diagonalMatrix.js'
export { einsum } from './matrix/einsum.js'
export { identityMatrix } from './matrix/identityMatrix.js'
export { type MatmulOptions, matmul } from './matrix/matmul.js'
export { outer } from './matrix/outer.js'
export { dequantize } from './packing/dequantize.js'
export type { PackedFormat } from './packing/format.js'
export { quantize } from './packing/quantize.js'
export * as random from './random/index.js'
export { type Key, keyOrSeed } from './random/key.js'
export { denseRows } from './rows/denseRows.js'
export { lazyRows } from './rows/lazyRows.js'
export { sparseRows } from './rows/sparseRows.js'
export type { SparseRows } from './rows/types.js'
export { applyUpdates } from './transformation/applyUpdates.js'
export { type ChainExtra, type ChainState, chain } from './transformation/chain.js'
export { type Described, type DescribeOptions, type Description, describe } from './transformation/describe.js'
export { viewsOf } from './transformation/edge.js'
export { evaluatedLike } from './transformation/evaluatedLike.js'
export { type Examples, examplesLike } from './transformation/examplesLike.js'
export { fillAbsent } from './transformation/fillAbsent.js'
export { force } from './transformation/force.js'
export { globalNorm } from './transformation/globalNorm.js'
export { identity } from './transformation/identity.js'
export { incrementalUpdate } from './transformation/incrementalUpdate.js'
export { leaveOutAbsent } from './transformation/leaveOutAbsent.js'
export type { Given, Gradients, Like, Same } from './transformation/like.js'
export { monoidChain } from './transformation/monoid.js'
export { type NamedChainExtra, type NamedChainState, namedChain } from './transformation/namedChain.js'
export { type Origin, withOrigin } from './transformation/origin.js'
export { paramsAfter } from './transformation/paramsAfter.js'
export { periodicUpdate } from './transformation/periodicUpdate.js'
export { restated } from './transformation/restated.js'
export { stateless } from './transformation/stateless.js'
export { type StepOptions, step } from './transformation/step.js'
export { definitionOf, transformation } from './transformation/transformation.js'
export type {
  AnyGradientTransformation,
  Asked,
  Definition,
  EmptyState,
  ExtraArguments,
  ExtraOf,
  GradientTransformation,
  StateOf,
  Tree
} from './transformation/types.js'
export { updatesTo } from './transformation/updatesTo.js'
export type { Valid } from './transformation/valid.js'
export type { TransientBytes } from './transient/bytes.js'
export { type Transient, type TransientOptions, transient } from './transient/transient.js'
export type { LeafOf, Mapped, TreeOf } from './tree/shape.js'
export { isContainer } from './tree/walk.js'
