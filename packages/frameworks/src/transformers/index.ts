// What is exported as `transformers`.

export { type AdafactorOptions, type AdafactorState, adafactor } from './adafactor.js'
export * as schedules from './schedules/index.js'
