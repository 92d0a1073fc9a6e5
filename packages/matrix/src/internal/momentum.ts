import type { DType } from '@gradchain/core'
import type { WeightDimensionNumbers } from './dimensionNumbers.js'
import { ORTHOGONALIZATION, type OrthogonalizationOptions } from './orthogonalization.js'

/** The options of `scaleByMuon`, none left out. */
export interface MomentumOptions extends OrthogonalizationOptions {
  readonly beta: number
  readonly muDtype: DType | undefined
  readonly nesterov: boolean
  readonly debias: boolean
  readonly adaptive: boolean
  readonly ofSigns: boolean
  readonly weightDimensionNumbers: WeightDimensionNumbers | undefined
}

/** The defaults of `scaleByMuon`. */
export const MOMENTUM: MomentumOptions = {
  beta: 0.95,
  muDtype: undefined,
  nesterov: true,
  debias: true,
  adaptive: false,
  ofSigns: false,
  weightDimensionNumbers: undefined,
  ...ORTHOGONALIZATION
}

/** Of the options of an alias those of its `scaleByMuon`. */
export const momentumOf = (chosen: MomentumOptions): MomentumOptions => {
  const { beta, muDtype, nesterov, debias, adaptive, ofSigns, weightDimensionNumbers } = chosen
  const { method, steps, coefficients, preconditioning, eps, gram } = chosen
  const how = { method, steps, coefficients, preconditioning, eps, gram }
  return { beta, muDtype, nesterov, debias, adaptive, ofSigns, weightDimensionNumbers, ...how }
}
