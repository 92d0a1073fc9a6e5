// Property tests try the same cases in every run, so that a red run is about a change and not about luck. `FC_SEED=7 npm test`
// tries others, `FC_SEED=random npm test` new ones each time: for nights, and after a change of an engine.
import fc from 'fast-check'

const asked = process.env['FC_SEED'] ?? '1'

if (asked !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(asked) })
