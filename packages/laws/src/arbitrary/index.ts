// What is exported as `arbitrary`.
export { gradients } from './gradients.js'
export { decayRate, positive, step, stepCount } from './hyperparameters.js'
export type { ParamsOptions } from './leaf.js'
export { labels, type MaskTree, mask, prefixMask } from './masks.js'
export { params } from './params.js'
export { type TrajectoryOptions, trajectory } from './trajectory.js'
export { type Domain, value } from './value.js'
