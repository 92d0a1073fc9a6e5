import fc from 'fast-check'

/** How often to try a law: as often as FC_NUM_RUNS says, where it says something. */
export const runs = (usual: number): number => fc.readConfigureGlobal().numRuns ?? usual
