// What is exported as `tree`: structure, and the arithmetic of whole trees.
//
// Everything here works as the inside of a transformation does: it takes trees of arrays, numbers or expressions, and what
// it gives is lazy. Trees of arrays come out of `force`, numbers out of `read`, all evaluated in one go. What is said of the
// structure alone (`leaves`, `size`, `dtype`, `paths`, `get`, …) and what answers yes or no (`allClose`) is said at once.
// Leaves are paired by their names, never by order, and `null` is an empty subtree on all sides.
//
// Of what Optax has, `conj` and `real` are missing: numbers are real here. So is `unwrap_random_key_data`: keys are data.

export { expandPrefix, leaves, map, mapWithPath, unflatten } from '../tree/tree.js'
export {
  type AllCloseOptions,
  add,
  addScale,
  allClose,
  type ClipOptions,
  clip,
  div,
  mul,
  scale,
  sub,
  where
} from './arithmetic.js'
export {
  type FieldOf,
  type Filtering,
  type FilteringOptions,
  type GetOptions,
  get,
  getAllWithPath,
  set
} from './fields.js'
export { findTies } from './findTies.js'
export { type GrowStateOptions, growState } from './growState.js'
export {
  batchShape,
  cast,
  castLike,
  type DtypeOptions,
  dtype,
  fullLike,
  onesLike,
  widen,
  zerosLike
} from './like.js'
export { type MapParamsOptions, mapParams } from './mapParams.js'
export { biasCorrection, updateInfinityMoment, updateMoment, updateMomentPerElemNorm } from './moments.js'
export { paths } from './paths.js'
export { type RandomLikeOptions, randomLike, type Sampler, splitKeyLike } from './random.js'
export { max, min, type NormOptions, norm, size, squaredNorm, sum, vdot } from './reductions.js'
