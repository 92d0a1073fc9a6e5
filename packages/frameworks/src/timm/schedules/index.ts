// What is exported as `timm.schedules`.
export { type CosineOptions, cosine } from './cosine.js'
export { type MultistepOptions, multistep } from './multistep.js'
export { type NoisyOptions, noisy } from './noisy.js'
export { type PolyOptions, poly } from './poly.js'
export { type StepOptions, step } from './step.js'
export { type TanhOptions, tanh } from './tanh.js'
