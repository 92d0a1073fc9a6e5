import { equalNumbers } from '../internal/difference.js'
import { differentUpdates } from '../internal/emitted.js'
import { mapNumbers } from '../internal/mapLeaves.js'
import { observe } from '../internal/observe.js'
import { transformationLaw } from '../internal/transformationLaw.js'
import { mapGradients } from '../internal/uniform.js'

const negated = (tree: unknown): unknown => mapNumbers(tree, (x) => -x)

/** Rounding is symmetric, so this is exact, up to the sign of zero: 0 + (−0) is 0. */
export const negationCommutes = transformationLaw(
  'negationCommutes',
  'negating the gradients negates the updates',
  { domain: 'any', minSteps: 1 },
  (tx, trajectory, { of = 'gradients' }) =>
    differentUpdates(
      observe(tx, mapGradients(trajectory, of, negated)).updates,
      observe(tx, trajectory).updates.map(negated),
      equalNumbers
    )
)

/** The law of odd functions of the gradients. */
export const odd = { negationCommutes } as const
