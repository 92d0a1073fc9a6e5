import type fc from 'fast-check'
import { fillLike, palette } from './palette.js'
import type { Domain } from './value.js'

/**
 * Gradients that fit given params: the same structure, shapes and dtypes, other numbers.
 *
 * @example
 * import fc from 'fast-check'
 *
 * const gradients = arbitrary.gradients({ w: new Float32Array(3) }, 'dyadic')
 * fc.assert(fc.property(gradients, ({ w }) => w.length === 3), { numRuns: 10 })
 */
export const gradients = <P>(params: P, domain: Domain = 'finite'): fc.Arbitrary<P> =>
  palette(domain).map((colours) => fillLike(params, colours, domain) as P)
