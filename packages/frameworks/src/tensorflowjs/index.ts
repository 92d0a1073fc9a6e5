// What is exported as `tensorflowjs`.
export { type AdadeltaState, adadelta } from './adadelta.js'
export { type AdagradOptions, type AdagradState, adagrad } from './adagrad.js'
export { type AdamOptions, type AdamState, adam } from './adam.js'
export { type AdamaxOptions, type AdamaxState, adamax } from './adamax.js'
export { type MomentumOptions, type MomentumState, momentum } from './momentum.js'
export { type RmspropOptions, type RmspropState, rmsprop } from './rmsprop.js'
export { type SgdState, sgd } from './sgd.js'
