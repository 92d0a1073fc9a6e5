import type { AnyGradientTransformation } from '@gradchain/core'
import { type TrajectoryOptions, trajectory } from '../arbitrary/trajectory.js'
import type { Law, LawOptions } from '../law.js'
import type { Trajectory } from '../trajectory.js'

/** A law about transformations. */
export type TransformationLaw = Law<AnyGradientTransformation, Trajectory>

/** A law about transformations, on trajectories of a domain. */
export const transformationLaw = (
  name: string,
  sentence: string,
  over: Omit<TrajectoryOptions, 'params' | 'extra'>,
  flaw: (tx: AnyGradientTransformation, given: Trajectory, options: LawOptions) => string | null
): TransformationLaw => ({
  name,
  sentence,
  cases: ({ params, extra }) =>
    trajectory({ ...over, ...(params === undefined ? {} : { params }), ...(extra === undefined ? {} : { extra }) }),
  flaw
})

/** The first flaw that a list of looks finds. */
export const firstFlaw = <T>(items: readonly T[], look: (item: T, i: number) => string | null): string | null => {
  for (const [i, item] of items.entries()) {
    const found = look(item, i)
    if (found !== null) return found
  }
  return null
}
