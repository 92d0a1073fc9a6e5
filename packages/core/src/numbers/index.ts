// What is exported from `@gradchain/core/numbers`: functions of numbers with the same bits in every JavaScript engine.
export { cosPi } from './cosPi.js'
export { exp } from './exp.js'
export { integerPower } from './integerPower.js'
export { log } from './log.js'
export { pow } from './pow.js'
