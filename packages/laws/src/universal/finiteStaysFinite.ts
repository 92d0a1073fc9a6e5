import { numbersOf } from '../internal/mapLeaves.js'
import { observe } from '../internal/observe.js'
import { firstFlaw, transformationLaw } from '../internal/transformationLaw.js'

/** Up to sizes of 2³⁰, so that squares do not overflow; down to zero and subnormals, by which nobody may divide. */
export const finiteStaysFinite = transformationLaw(
  'finiteStaysFinite',
  'finite gradients and params give finite updates',
  { domain: 'moderate', minSteps: 1 },
  (tx, trajectory) =>
    firstFlaw(observe(tx, trajectory).updates, (updates, i) => {
      const bad = numbersOf(updates).find((x) => !Number.isFinite(x))
      return bad === undefined ? null : `update ${i + 1} holds ${bad}`
    })
)
