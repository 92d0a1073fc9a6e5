// What is exported as `random`: random numbers as pure functions of a key, those of `jax.random`.
import type { DrawnDType as ADrawnDType, DrawOptions as SomeDrawOptions } from './draw.js'
import type { Key as AKey } from './key.js'

export { type BernoulliOptions, bernoulli } from './bernoulli.js'
export { beta } from './beta.js'
export { bits } from './bits.js'
export { gamma } from './gamma.js'
export { gumbel } from './gumbel.js'
export { foldIn, isKey, key, split } from './key.js'
export { loggamma } from './loggamma.js'
export { normal } from './normal.js'
export { permutation } from './permutation.js'
export { type UniformOptions, uniform } from './uniform.js'

// Other entries use these types, too, so that they come from a file that all have in common; and what comes from another
// file is taken for a value by what bundles the declarations of a namespace.

/** The dtypes that random numbers are drawn in. The 16-bit ones are storage: draw a float32 and cast it. */
export type DrawnDType = ADrawnDType

/** Options of a draw. */
export type DrawOptions<D extends DrawnDType = DrawnDType> = SomeDrawOptions<D>

/** Where random numbers come from: the same key gives the same numbers, always. */
export type Key = AKey
