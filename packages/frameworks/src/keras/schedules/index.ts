// What is exported as `keras.schedules`.
export { type CosineDecayOptions, cosineDecay } from './cosineDecay.js'
export { type CosineDecayRestartsOptions, cosineDecayRestarts } from './cosineDecayRestarts.js'
export { type ExponentialDecayOptions, exponentialDecay } from './exponentialDecay.js'
export { type InverseTimeDecayOptions, inverseTimeDecay } from './inverseTimeDecay.js'
export { type PiecewiseConstantDecayOptions, piecewiseConstantDecay } from './piecewiseConstantDecay.js'
export { type PolynomialDecayOptions, polynomialDecay } from './polynomialDecay.js'
