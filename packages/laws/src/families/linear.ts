import { equalNumbers, near } from '../internal/difference.js'
import { differentUpdates } from '../internal/emitted.js'
import { mapNumbers, numbersOf } from '../internal/mapLeaves.js'
import { observe } from '../internal/observe.js'
import { transformationLaw } from '../internal/transformationLaw.js'
import { mapGradients } from '../internal/uniform.js'

/** Exact, as the factor is a power of two and nothing comes near the ends of the range. */
export const scalingCommutes = transformationLaw(
  'scalingCommutes',
  'scaling all gradients by ±2ᵏ scales the updates alike',
  { domain: 'wellScaled', minSteps: 1 },
  (tx, trajectory, { of = 'gradients' }) => {
    const choice = trajectory.choice ?? 0
    const factor = (choice % 2 === 0 ? 1 : -1) * 2 ** ((choice % 13) - 6)
    const scaled = (tree: unknown) => mapNumbers(tree, (x) => factor * x)
    return differentUpdates(
      observe(tx, mapGradients(trajectory, of, scaled)).updates,
      observe(tx, trajectory).updates.map(scaled),
      equalNumbers
    )
  }
)

/** Sums of the gradients are exact, as these are dyadic; the sums of products that updates are round differently. */
export const sumsCommute = transformationLaw(
  'sumsCommute',
  'the updates of a sum of gradients are the sum of their updates, up to the tolerance',
  { domain: 'dyadic', minSteps: 1 },
  (tx, trajectory, { of = 'gradients', tolerance }) => {
    const choice = trajectory.choice ?? 0
    const other = (tree: unknown) => mapNumbers(tree, (x, i) => (((8 * x + 64) * 5 + i + choice) % 129) / 8 - 8)
    const sum = (a: unknown, b: unknown) => {
      const second = numbersOf(b)
      return mapNumbers(a, (x, i) => x + (second[i] as number))
    }
    const both = mapGradients(trajectory, of, (tree) => sum(tree, other(tree)))
    const first = observe(tx, trajectory).updates
    const second = observe(tx, mapGradients(trajectory, of, other)).updates
    return differentUpdates(
      observe(tx, both).updates,
      first.map((updates, i) => sum(updates, second[i])),
      near(tolerance)
    )
  }
)

/** The laws of linear functions of the gradients. */
export const linear = { scalingCommutes, sumsCommute } as const
