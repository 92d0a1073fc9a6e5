import { near } from '../internal/difference.js'
import { differentUpdates } from '../internal/emitted.js'
import { mapNumbers } from '../internal/mapLeaves.js'
import { observe } from '../internal/observe.js'
import { transformationLaw } from '../internal/transformationLaw.js'
import { mapGradients } from '../internal/uniform.js'

/**
 * Factors are powers of two from 2 to 1024 and gradients at least 1 in size, so nothing is rounded that was not before, and
 * an epsilon of 1e-8 beside √((1 − 0.999) g²) ≥ 0.03 costs 3e-7: the tolerance.
 */
export const scaleDoesNotMatter = transformationLaw(
  'scaleDoesNotMatter',
  'scaling all gradients by one positive factor changes nothing, up to the tolerance',
  { domain: 'wellScaled', minSteps: 1 },
  (tx, trajectory, { of = 'gradients', tolerance }) => {
    const factor = 2 ** (1 + ((trajectory.choice ?? 0) % 10))
    const scaled = mapGradients(trajectory, of, (tree) => mapNumbers(tree, (x) => factor * x))
    return differentUpdates(observe(tx, scaled).updates, observe(tx, trajectory).updates, near(tolerance))
  }
)

/** The law of transformations that look at directions only. */
export const scaleBlind = { scaleDoesNotMatter } as const
