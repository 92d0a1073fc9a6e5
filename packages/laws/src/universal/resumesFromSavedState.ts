import { differentUpdates } from '../internal/emitted.js'
import { bound, observe } from '../internal/observe.js'
import { transformationLaw } from '../internal/transformationLaw.js'

/**
 * A state that was saved and read again is as good as the one in memory: once in the middle, or before every update from
 * there on.
 */
export const resumesFromSavedState = transformationLaw(
  'resumesFromSavedState',
  'saving the state and restoring it in the middle changes nothing',
  { domain: 'any', minSteps: 1, maxSteps: 40 },
  (tx, trajectory) => {
    const { params, steps, choice = 0 } = trajectory
    const { init, update } = bound(tx)
    const restoredBefore = choice % steps.length
    const isKept = (choice >> 8) % 2 === 1
    const isRestored = (i: number) => i === restoredBefore || (isKept && i > restoredBefore)
    let state = init(params)
    const emitted = steps.map(({ gradients, params: own = params, extra }, i) => {
      const [updates, next] = update(gradients, isRestored(i) ? structuredClone(state) : state, own, extra)
      state = next
      return updates
    })
    const found = differentUpdates(emitted, observe(tx, trajectory).updates)
    return found === null ? null : `restored before update ${restoredBefore + 1}, ${found}`
  }
)
