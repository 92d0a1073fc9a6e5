import { required } from '@gradchain/core'

/** The options of `scaleByKron` with their defaults. */
export const KRON = {
  key: required,
  b1: 0.9,
  preconditionerUpdateProbability: undefined,
  maxSizeTriangular: 2048,
  minNdimTriangular: 2,
  memorySaveMode: undefined,
  momentumIntoPrecondUpdate: true,
  precondLr: 0.1,
  precondInitScale: 1,
  maxRms: 1.1,
  balanceProbability: 0.01,
  sampler: undefined,
  weightDimensionNumbers: undefined
}
