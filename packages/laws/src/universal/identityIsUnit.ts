import { chain, identity } from '@gradchain/core'
import { differentUpdates } from '../internal/emitted.js'
import { observe } from '../internal/observe.js'
import { transformationLaw } from '../internal/transformationLaw.js'

/** chain(identity(), tx) = tx = chain(tx, identity()). */
export const identityIsUnit = transformationLaw(
  'identityIsUnit',
  'chained with identity() on either side it does what it does alone',
  { domain: 'any', minSteps: 1 },
  (tx, trajectory) => {
    const { updates } = observe(tx, trajectory)
    const left = differentUpdates(observe(chain(identity(), tx), trajectory).updates, updates)
    if (left !== null) return `after identity(), ${left}`
    const right = differentUpdates(observe(chain(tx, identity()), trajectory).updates, updates)
    return right === null ? null : `before identity(), ${right}`
  }
)
