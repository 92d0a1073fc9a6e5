import { difference } from '../internal/difference.js'
import { differentUpdates } from '../internal/emitted.js'
import { observe } from '../internal/observe.js'
import { firstFlaw, transformationLaw } from '../internal/transformationLaw.js'

const over = { domain: 'any', minSteps: 1 } as const

/** Nothing is remembered. */
export const pastDoesNotMatter = transformationLaw(
  'pastDoesNotMatter',
  'every update is what it would be as the first',
  over,
  (tx, trajectory) => {
    const alone = trajectory.steps.flatMap((step) => observe(tx, { ...trajectory, steps: [step] }).updates)
    return differentUpdates(observe(tx, trajectory).updates, alone)
  }
)

/** What init gives is all there ever is. */
export const stateStays = transformationLaw('stateStays', 'the state stays what init gave', over, (tx, trajectory) => {
  const [first, ...later] = observe(tx, trajectory).states
  return firstFlaw(later, (state, i) => difference(state, first, Object.is, `after update ${i + 1}: state`))
})

/** The laws of functions of the gradients and the params alone. */
export const stateless = { pastDoesNotMatter, stateStays } as const
