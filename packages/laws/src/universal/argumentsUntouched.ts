import { difference } from '../internal/difference.js'
import { bound } from '../internal/observe.js'
import { snapshot } from '../internal/snapshot.js'
import { firstFlaw, transformationLaw } from '../internal/transformationLaw.js'

/** No argument of `init` and `update` is written to. */
export const argumentsUntouched = transformationLaw(
  'argumentsUntouched',
  'the arguments stay what they were',
  { domain: 'any' },
  (tx, { params, steps }) => {
    const { init, update } = bound(tx)
    const before = snapshot(params)
    let state = init(params)
    return (
      difference(params, before, Object.is, 'after init: params') ??
      firstFlaw(steps, ({ gradients, params: own = params, extra }, i) => {
        const given = { grads: gradients, state, params: own, extra }
        const kept = snapshot(given)
        const [, next] = update(gradients, state, own, extra)
        state = next
        return difference(given, kept, Object.is, `after update ${i + 1}: `)
      })
    )
  }
)
