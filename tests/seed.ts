// Property tests try the same cases in every run, so that a red run is about a change and not about luck. `FC_SEED=7 npm test`
// tries others, `FC_SEED=random npm test` new ones each time; a failure prints its seed and its path in any case.
// Why: docs/decisions/0003-the-seed-is-one-for-all-tests.md. `FC_NUM_RUNS=1000` makes them thorough; usually there are few, as there
// are thousands of properties, and many say the same of neighbours.
import fc from 'fast-check'
import { numRuns } from './numRuns.js'

const asked = process.env['FC_SEED'] ?? '1'

if (asked !== 'random') {
  if (!/^-?\d+$/.test(asked)) throw new Error(`FC_SEED must be a whole number or random, got ${asked}`)
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(asked) })
}

fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: numRuns ?? 30 })
