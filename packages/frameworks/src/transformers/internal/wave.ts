import { cosPi } from '@gradchain/core/numbers'

/** The cosine between 0 and 1, in periods: 1 at 0, 0 at ½, 1 at 1. */
export const wave = (periods: number): number => 0.5 * (1 + cosPi(2 * periods))
