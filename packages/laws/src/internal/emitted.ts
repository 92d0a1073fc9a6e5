import { difference, type Same } from './difference.js'
import { firstFlaw } from './transformationLaw.js'

/** The first place where the updates of two trajectories differ, in words. */
export const differentUpdates = (
  actual: readonly unknown[],
  expected: readonly unknown[],
  same: Same = Object.is
): string | null =>
  firstFlaw(expected, (updates, i) => difference(actual[i], updates, same, `update ${i + 1}: updates`))
