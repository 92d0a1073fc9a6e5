export { decodeKerasWeights, type KerasWeights } from './decodeKerasWeights.js'
