import { pow } from '@gradchain/core/numbers'

/** How far params are moved for a difference, beside their size: where the error of the formula and that of rounding meet. */
export const stepFor = (scheme: 'forward' | 'central', precision: number): number =>
  scheme === 'central' ? pow(precision, 1 / 3) : Math.sqrt(precision)
