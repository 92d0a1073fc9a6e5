const given = Number(process.env['FC_NUM_RUNS'])

/** How often FC_NUM_RUNS asks for a property to be tried; `undefined` where it asks for nothing that can be. */
export const numRuns = Number.isInteger(given) && given > 0 ? given : undefined
