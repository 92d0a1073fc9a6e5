import { numbersOf } from '../internal/mapLeaves.js'
import { observe } from '../internal/observe.js'
import { firstFlaw, type TransformationLaw, transformationLaw } from '../internal/transformationLaw.js'

/** What is bounded: a size of the updates, given as all their numbers. */
export type Measure = (numbers: readonly number[]) => number

const largest: Measure = (numbers) => numbers.reduce((size, x) => Math.max(size, Math.abs(x)), 0)

/** Room for the rounding of a float32 norm: 64 units in the last place. */
const SLACK = 1 + 64 * 2 ** -23

const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127
/** A factor below the normal float32 numbers is off by up to half of this. */
const SMALLEST_FLOAT32 = 2 ** -149

/** Room for the rounding of a factor that gradients as large as these need. */
const roomFor = (gradients: unknown, measure: Measure): number =>
  SMALLEST_FLOAT32 * measure(numbersOf(gradients).filter((x) => Math.abs(x) <= LARGEST_FLOAT32))

/**
 * The law that updates have at most a given size: by default of the largest of them, else what `measure` says.
 *
 * @example
 * import fc from 'fast-check'
 *
 * fc.assert(property(boundedBy(0).withinBound, stateless((updates) => tree.zerosLike(updates))), { numRuns: 10 })
 */
export const boundedBy = (bound: number, measure: Measure = largest): { readonly withinBound: TransformationLaw } => ({
  withinBound: transformationLaw(
    'withinBound',
    `updates have at most the size ${bound}`,
    { domain: 'finite', minSteps: 1 },
    (tx, trajectory) =>
      firstFlaw(observe(tx, trajectory).updates, (updates, i) => {
        const size = measure(numbersOf(updates))
        const most = bound * SLACK + roomFor(trajectory.steps[i]?.gradients, measure)
        return size <= most ? null : `update ${i + 1} has the size ${size}`
      })
  )
})
