// What is exported as `transformers`.

export type { DecayBySizeState } from '../internal/decayBySize.js'
export { type AdafactorOptions, type AdafactorState, adafactor } from './adafactor.js'
export { type GreedyLROptions, type GreedyLRState, greedyLR } from './greedyLR.js'
export * as schedules from './schedules/index.js'
