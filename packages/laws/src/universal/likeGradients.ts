import { formOf } from '../internal/form.js'
import { observe } from '../internal/observe.js'
import { firstFlaw, transformationLaw } from '../internal/transformationLaw.js'

/** Updates can be added to params: leaf for leaf they are of one kind. */
export const likeGradients = transformationLaw(
  'likeGradients',
  'updates have the structure, the shapes and the dtypes of the gradients',
  { domain: 'any', minSteps: 1 },
  (tx, trajectory) => {
    const { updates } = observe(tx, trajectory)
    return firstFlaw(trajectory.steps, ({ gradients }, i) => {
      const [actual, expected] = [formOf(updates[i]), formOf(gradients)]
      return actual === expected ? null : `update ${i + 1} is ${actual}, and the gradients are ${expected}`
    })
  }
)
