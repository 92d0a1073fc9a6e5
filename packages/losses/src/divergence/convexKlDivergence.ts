import { generalizedKlDivergence } from './generalizedKlDivergence.js'

/**
 * {@link generalizedKlDivergence} under the older of the two names that Optax has for it.
 *
 * @example
 * read(convexKlDivergence(new Float64Array([0, 0]), new Float64Array([1, 0]))) // => 1
 */
export const convexKlDivergence = generalizedKlDivergence
