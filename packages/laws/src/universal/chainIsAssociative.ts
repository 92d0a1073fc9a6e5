import { chain } from '@gradchain/core'
import { momentum, shrinkByNorm } from '../internal/companions.js'
import { difference } from '../internal/difference.js'
import { differentUpdates } from '../internal/emitted.js'
import { observe } from '../internal/observe.js'
import { firstFlaw, transformationLaw } from '../internal/transformationLaw.js'

/** (a · tx) · b = a · (tx · b), in the updates and, apart from its nesting, in the state. */
export const chainIsAssociative = transformationLaw(
  'chainIsAssociative',
  'in a chain of three it does not matter which two are chained first',
  { domain: 'any', minSteps: 1 },
  (tx, trajectory) => {
    const [a, b] = [momentum(), shrinkByNorm()]
    const left = observe(chain(chain(a, tx), b), trajectory)
    const right = observe(chain(a, chain(tx, b)), trajectory)
    const found = differentUpdates(left.updates, right.updates)
    if (found !== null) return found
    return firstFlaw(left.states, (state, i) => {
      const [[a1, tx1], b1] = state as [[unknown, unknown], unknown]
      const [a2, [tx2, b2]] = right.states[i] as [unknown, [unknown, unknown]]
      return difference([a1, tx1, b1], [a2, tx2, b2], Object.is, `after update ${i}: state`)
    })
  }
)
