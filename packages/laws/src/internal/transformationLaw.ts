import type { AnyGradientTransformation } from '@gradchain/core'
import { type TrajectoryOptions, trajectory } from '../arbitrary/trajectory.js'
import type { Domain } from '../arbitrary/value.js'
import type { Law, LawOptions } from '../law.js'
import type { Trajectory } from '../trajectory.js'
import { numbersOf } from './mapLeaves.js'

/** A law about transformations. */
export type TransformationLaw = Law<AnyGradientTransformation, Trajectory>

const belongs: Readonly<Record<Domain, (x: number) => boolean>> = {
  any: () => true,
  finite: Number.isFinite,
  moderate: (x) => Math.abs(x) <= 2 ** 30,
  wellScaled: (x) => Math.abs(x) >= 1 && Math.abs(x) <= 1024,
  dyadic: (x) => Number.isInteger(8 * x) && Math.abs(x) <= 8
}

const all = (tree: unknown, domain: Domain): boolean => numbersOf(tree ?? null).every(belongs[domain])

/** Whether a trajectory is one that a law on this domain speaks of: an example that is given need not be. */
const isIn = (domain: Domain, { params, steps }: Trajectory): boolean => {
  // It is the gradients that have to be well scaled; params may be 0.
  const ofParams = domain === 'wellScaled' ? 'moderate' : domain
  return all(params, ofParams) && steps.every((step) => all(step.gradients, domain) && all(step.params, ofParams))
}

/** A law about transformations, on trajectories of a domain. */
export const transformationLaw = (
  name: string,
  sentence: string,
  over: Omit<TrajectoryOptions, 'params' | 'extra'> & { readonly domain: Domain },
  flaw: (tx: AnyGradientTransformation, given: Trajectory, options: LawOptions) => string | null
): TransformationLaw => ({
  name,
  sentence,
  cases: ({ params, extra, maxSteps }) =>
    trajectory({
      ...over,
      ...(params === undefined ? {} : { params }),
      ...(extra === undefined ? {} : { extra }),
      ...(maxSteps === undefined ? {} : { maxSteps })
    }),
  flaw: (tx, given, options) => (isIn(over.domain, given) ? flaw(tx, given, options) : null)
})

/** The first flaw that a list of looks finds. */
export const firstFlaw = <T>(items: readonly T[], look: (item: T, i: number) => string | null): string | null => {
  for (const [i, item] of items.entries()) {
    const found = look(item, i)
    if (found !== null) return found
  }
  return null
}
