import { erf, read } from '@gradchain/core'
import { exp } from '@gradchain/core/numbers'

/** The probability that a standard normal number is below z. */
export const normalCdf = (z: number): number => 0.5 * (1 + read(erf(z / Math.SQRT2)))

/** The density of the standard normal distribution at z. */
export const normalDensity = (z: number): number => 0.3989422804014327 * exp(-0.5 * z * z)
