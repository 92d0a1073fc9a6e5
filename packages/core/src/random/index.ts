// What is exported as `random`: random numbers as pure functions of a key, those of `jax.random`.
export { type BernoulliOptions, bernoulli } from './bernoulli.js'
export { bits } from './bits.js'
export type { DrawnDType, DrawOptions } from './draw.js'
export { gumbel } from './gumbel.js'
export { foldIn, isKey, type Key, key, split } from './key.js'
export { normal } from './normal.js'
export { permutation } from './permutation.js'
export { type UniformOptions, uniform } from './uniform.js'
