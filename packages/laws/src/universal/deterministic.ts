import { difference } from '../internal/difference.js'
import { differentUpdates } from '../internal/emitted.js'
import { bound, observe } from '../internal/observe.js'
import { transformationLaw } from '../internal/transformationLaw.js'

/** Each call, made twice in a row, gives the same twice; so does the whole trajectory. */
export const deterministic = transformationLaw(
  'deterministic',
  'the same arguments give the same results',
  { domain: 'any' },
  (tx, trajectory) => {
    const { init, update } = bound(tx)
    const { params, steps } = trajectory
    let state = init(params)
    const again = difference(init(params), state, Object.is, 'init, called again: the state')
    if (again !== null) return again
    const emitted: unknown[] = []
    for (const [i, { gradients, params: own = params, extra }] of steps.entries()) {
      const first = update(gradients, state, own, extra)
      const second = update(gradients, state, own, extra)
      const found =
        difference(second[0], first[0], Object.is, `update ${i + 1}, called again: updates`) ??
        difference(second[1], first[1], Object.is, `update ${i + 1}, called again: the state`)
      if (found !== null) return found
      emitted.push(first[0])
      state = first[1]
    }
    const found = differentUpdates(observe(tx, trajectory).updates, emitted)
    return found === null ? null : `run again from the start, ${found}`
  }
)
