import { formOf } from '../internal/form.js'
import { observe } from '../internal/observe.js'
import { firstFlaw, transformationLaw } from '../internal/transformationLaw.js'

/** What is saved, compiled or laid out in memory for one state serves all that follow. */
export const stateKeepsForm = transformationLaw(
  'stateKeepsForm',
  'the state has one structure, with the same shapes and dtypes, from init on',
  { domain: 'any', minSteps: 1 },
  (tx, trajectory) => {
    const { states } = observe(tx, trajectory)
    const expected = formOf(states[0])
    return firstFlaw(states, (state, i) =>
      formOf(state) === expected ? null : `after update ${i} the state is ${formOf(state)}; init gave ${expected}`
    )
  }
)
