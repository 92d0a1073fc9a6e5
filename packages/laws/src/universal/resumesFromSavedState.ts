import { differentUpdates } from '../internal/emitted.js'
import { bound, observe } from '../internal/observe.js'
import { transformationLaw } from '../internal/transformationLaw.js'

/** A state that was saved and read again in the middle is as good as the one in memory. */
export const resumesFromSavedState = transformationLaw(
  'resumesFromSavedState',
  'saving the state and restoring it in the middle changes nothing',
  { domain: 'any', minSteps: 1 },
  (tx, trajectory) => {
    const { params, steps, choice = 0 } = trajectory
    const { init, update } = bound(tx)
    const restoredBefore = choice % steps.length
    let state = init(params)
    const emitted = steps.map(({ gradients, params: own = params, extra }, i) => {
      const [updates, next] = update(gradients, i === restoredBefore ? structuredClone(state) : state, own, extra)
      state = next
      return updates
    })
    const found = differentUpdates(emitted, observe(tx, trajectory).updates)
    return found === null ? null : `restored before update ${restoredBefore + 1}, ${found}`
  }
)
