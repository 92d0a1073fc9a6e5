import type { AnyGradientTransformation } from '@gradchain/core'
import type { Domain } from '../arbitrary/value.js'
import { near } from '../internal/difference.js'
import { differentUpdates } from '../internal/emitted.js'
import { observe } from '../internal/observe.js'
import { type TransformationLaw, transformationLaw } from '../internal/transformationLaw.js'

/**
 * The law that a transformation does what another one does, bit for bit unless a tolerance is given: for identities, and for
 * a fast way beside a plain one.
 *
 * @example
 * import fc from 'fast-check'
 *
 * const twice = stateless((updates) => tree.map((g) => add(g, g), updates))
 * const doubled = stateless((updates) => tree.map((g) => mul(2, g), updates))
 * fc.assert(property(equivalentTo(doubled).sameUpdates, twice), { numRuns: 10 })
 */
export const equivalentTo = (
  other: AnyGradientTransformation,
  domain: Domain = 'any'
): { readonly sameUpdates: TransformationLaw } => ({
  sameUpdates: transformationLaw(
    'sameUpdates',
    'the updates are those of the other transformation',
    { domain, minSteps: 1 },
    (tx, trajectory, { tolerance }) =>
      differentUpdates(
        observe(tx, trajectory).updates,
        observe(other, trajectory).updates,
        tolerance === undefined ? Object.is : near(tolerance)
      )
  )
})
