// How long the laws may take. `FC_NUM_RUNS=1000` makes them thorough, for CI at night and after a change of an engine.
import fc from 'fast-check'
import { vi } from 'vitest'

const asked = Number(process.env['FC_NUM_RUNS'])

/** How often to try a law by default. */
export const runs = (usual: number): number => (Number.isInteger(asked) && asked > 0 ? asked : usual)

fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: runs(100) })

vi.setConfig({ testTimeout: 300_000 })
