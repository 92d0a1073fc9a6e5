export { type DecodeKerasWeightsOptions, decodeKerasWeights, type KerasWeights } from './decodeKerasWeights.js'
