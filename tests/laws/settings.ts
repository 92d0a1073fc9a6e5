import fc from 'fast-check'
import { numRuns } from '../numRuns.js'

/** How often to try a law: as often as FC_NUM_RUNS says, where it says something. */
export const runs = (usual: number): number => numRuns ?? usual

/**
 * The seed of what goes by a name: each has its own, so that what one row is not tried on the next one is. It follows from
 * that of all tests; where there is none, there is none here.
 */
export const seedOf = (name: string): { readonly seed?: number } => {
  const { seed } = fc.readConfigureGlobal()
  if (seed === undefined) return {}
  let hash = seed | 0
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return { seed: hash | 0 }
}
