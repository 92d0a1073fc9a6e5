import { boolean, check, InvalidOption, nonNegative, oneOf, positiveInteger } from '@gradchain/core'
import { type Coefficients, coefficientsOf, type Quintic } from './coefficients.js'

/** The options of `orthogonalize`, none left out. */
export interface OrthogonalizationOptions {
  readonly method: 'newtonSchulz' | 'polarExpress' | 'svd'
  readonly steps: number
  readonly coefficients: Coefficients | undefined
  readonly preconditioning: 'frobenius' | 'spectral' | 'aol' | 'schatten'
  readonly eps: number
  readonly gram: boolean
}

/** The defaults of `orthogonalize`; coefficients that are not given are those of the method. */
export const ORTHOGONALIZATION: OrthogonalizationOptions = {
  method: 'newtonSchulz',
  steps: 5,
  coefficients: undefined,
  preconditioning: 'frobenius',
  eps: 1e-8,
  gram: false
}

/** How to orthogonalize, checked. */
export interface Orthogonalization extends Omit<OrthogonalizationOptions, 'steps' | 'coefficients'> {
  /** The coefficients of each step. */
  readonly quintics: readonly Quintic[]
}

/** Options with their defaults, checked in the name of `owner`. */
export const orthogonalizationOf = (owner: string, options: OrthogonalizationOptions): Orthogonalization => {
  const { method, steps, coefficients, preconditioning, eps, gram } = options
  check(owner, { method }, oneOf('newtonSchulz', 'polarExpress', 'svd'))
  check(owner, { steps }, positiveInteger)
  check(owner, { preconditioning }, oneOf('frobenius', 'spectral', 'aol', 'schatten'))
  check(owner, { eps }, nonNegative)
  check(owner, { gram }, boolean)
  if (method !== 'newtonSchulz' && coefficients !== undefined) {
    throw new InvalidOption(`${owner}: coefficients are those of method "newtonSchulz", "${method}" has its own`)
  }
  const own = method === 'polarExpress' ? 'polarExpress' : 'jordan'
  const quintics = coefficientsOf(owner, coefficients ?? own, steps)
  return { method, quintics, preconditioning, eps, gram }
}
