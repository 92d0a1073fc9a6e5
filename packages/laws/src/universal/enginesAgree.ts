import { createWasmEngine, type Engine, isWasmSupported, reference, withEngine } from '@gradchain/core'
import { difference } from '../internal/difference.js'
import { differentUpdates } from '../internal/emitted.js'
import { observe } from '../internal/observe.js'
import { firstFlaw, type TransformationLaw, transformationLaw } from '../internal/transformationLaw.js'

/** How often an engine is used before it is replaced: new engines have cold caches, old ones crowded ones. */
const USES = 40

/** An engine that is another from time to time. Engines are not dropped after each use: their memory is large. */
const renewed = (make: () => Engine): (() => Engine) => {
  let engine: Engine | null = null
  let uses = 0
  return () => {
    if (engine === null || uses++ % USES === 0) engine = make()
    return engine
  }
}

/** The law for two given engines; the second runs twice, as kernels are compiled at second sight. */
export const agreementOf = (first: () => Engine, second: () => Engine): TransformationLaw =>
  transformationLaw(
    'enginesAgree',
    'every engine gives the same bits',
    { domain: 'any', minSteps: 1 },
    (tx, trajectory) => {
      const run = (engine: Engine) => withEngine(engine, () => observe(tx, trajectory))
      const expected = run(first())
      const tested = second()
      return firstFlaw([run(tested), run(tested)], (actual) => {
        const states = () =>
          firstFlaw(expected.states, (state, i) =>
            difference(actual.states[i], state, Object.is, `after update ${i}: state`)
          )
        const found = differentUpdates(actual.updates, expected.updates) ?? states()
        return found === null ? null : `with ${tested.name}, ${found}`
      })
    }
  )

/** `reference`, one loop for each operation, is the specification; `wasm` fuses. */
export const enginesAgree = agreementOf(
  () => reference,
  renewed(() => (isWasmSupported() ? createWasmEngine() : reference))
)
