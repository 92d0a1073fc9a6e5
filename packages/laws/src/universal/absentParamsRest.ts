import { applyUpdates, chain, GradchainError } from '@gradchain/core'
import { difference } from '../internal/difference.js'
import { mapLeaves } from '../internal/mapLeaves.js'
import { type Observation, observe } from '../internal/observe.js'
import { firstFlaw, transformationLaw } from '../internal/transformationLaw.js'
import type { Trajectory } from '../trajectory.js'

/** A tree, some of its leaves, or all others, `null`. */
const only = (tree: unknown, isIn: (leaf: number) => boolean): unknown =>
  mapLeaves(tree, (leaf, i) => (isIn(i) ? leaf : null))

/** What a trajectory shows; `null` where the state is one for several params, which is refused by name. */
const observed = (...given: Parameters<typeof observe>): Observation | null => {
  try {
    return observe(...given)
  } catch (error) {
    if (error instanceof GradchainError && error.message.includes('of several params together')) return null
    throw error
  }
}

/** Which params have no gradient is drawn out of the choice. A bare pair of functions is never given one that has none in a chain. */
export const absentParamsRest = transformationLaw(
  'absentParamsRest',
  'params whose gradients are null rest, and the others move as if there were no more',
  { domain: 'any', minSteps: 1 },
  (tx, trajectory) => {
    const { params, steps, choice = 0 } = trajectory
    const isThere = (leaf: number): boolean => ((choice >> (leaf % 16)) & 1) === 0
    // There is no null for all params at once.
    if (mapLeaves(params, () => null) === null) return null
    const some = observed(chain(tx), {
      params,
      steps: steps.map((step) => ({ ...step, gradients: only(step.gradients, isThere) }))
    })
    if (some === null) return null
    const others: Trajectory = {
      params: only(params, isThere),
      steps: steps.map(({ gradients, params: own = params, extra }) => ({
        ...{ gradients: only(gradients, isThere), params: only(own, isThere), extra }
      }))
    }
    const alone = observe(chain(tx), others)
    return firstFlaw(steps, ({ params: own = params }, i) => {
      const updates = some.updates[i]
      const apply = applyUpdates as (p: unknown, u: unknown) => unknown
      const rest = (leaf: number): boolean => !isThere(leaf)
      return (
        difference(only(updates, isThere), alone.updates[i], Object.is, `update ${i + 1}: updates`) ??
        difference(only(apply(own, updates), rest), only(own, rest), Object.is, `update ${i + 1}: params`)
      )
    })
  }
)
