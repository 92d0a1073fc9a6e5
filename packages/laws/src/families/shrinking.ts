import { write } from '../internal/difference.js'
import { numbersOf } from '../internal/mapLeaves.js'
import { observe } from '../internal/observe.js'
import { firstFlaw, transformationLaw } from '../internal/transformationLaw.js'

/** The law that an update and a gradient stand in some relation, element by element; where no norm overflows. */
const elementLaw = (
  name: string,
  sentence: string,
  holds: (update: number, gradient: number) => boolean
): ReturnType<typeof transformationLaw> =>
  transformationLaw(name, sentence, { domain: 'moderate', minSteps: 1 }, (tx, trajectory) =>
    firstFlaw(observe(tx, trajectory).updates, (updates, step) => {
      const gradients = numbersOf(trajectory.steps[step]?.gradients)
      return firstFlaw(numbersOf(updates), (u, i) => {
        const g = gradients[i] as number
        return holds(u, g) ? null : `update ${step + 1}: number ${i} is ${write(u)} for the gradient ${write(g)}`
      })
    })
  )

/** Exact, as rounding keeps the order of numbers: what is scaled by at most 1 stays at most as large. */
export const neverLonger = elementLaw(
  'neverLonger',
  'no update is longer than its gradient, in any element',
  (u, g) => Math.abs(u) <= Math.abs(g)
)

/** A zero may have any sign. */
export const neverTurned = elementLaw(
  'neverTurned',
  'no element of an update points the other way than its gradient',
  (u, g) => u * Math.sign(g) >= 0
)

/** The laws of clips: what makes gradients shorter, and nothing else. */
export const shrinking = { neverLonger, neverTurned } as const
