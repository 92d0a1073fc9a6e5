import { differentUpdates } from '../internal/emitted.js'
import { bound, observe } from '../internal/observe.js'
import { reverseKeys } from '../internal/reverseKeys.js'
import { transformationLaw } from '../internal/transformationLaw.js'

/**
 * What is summed over a whole tree is summed in the order of the params' keys; the keys of gradients and of states that come
 * out of a file may be in any.
 */
export const keysGoByName = transformationLaw(
  'keysGoByName',
  'the order of the keys in gradients and state does not matter',
  { domain: 'any', minSteps: 1 },
  (tx, trajectory) => {
    const { params, steps } = trajectory
    const { init, update } = bound(tx)
    let state = init(params)
    const emitted = steps.map(({ gradients, params: own = params, extra }) => {
      const [updates, next] = update(reverseKeys(gradients), reverseKeys(state), own, extra)
      state = next
      return updates
    })
    return differentUpdates(emitted, observe(tx, trajectory).updates)
  }
)
