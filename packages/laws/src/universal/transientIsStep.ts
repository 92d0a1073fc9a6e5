import { isWasmSupported, step, transient } from '@gradchain/core'
import { difference } from '../internal/difference.js'
import { bound } from '../internal/observe.js'
import { firstFlaw, transformationLaw } from '../internal/transformationLaw.js'

/** What is transient() without its types. */
interface Run {
  readonly step: (gradients: unknown, extra: unknown) => void
  readonly snapshot: () => { readonly params: unknown; readonly state: unknown }
  readonly dispose: () => void
}

/** Room for what a step stores in between, with leaves of up to 16 k elements. */
const SCRATCH_BYTES = 4 * 2 ** 20

/**
 * Arrays that stay where they are and arrays that are made anew: the same bits. The params follow the updates here. In every
 * second case the run is given up in the middle, and another goes on from its snapshot.
 */
export const transientIsStep = transformationLaw(
  'transientIsStep',
  'transient() gives the params and the states of repeated step(), bit for bit',
  { domain: 'any', minSteps: 1 },
  (tx, { params: first, steps, choice = 0 }) => {
    if (!isWasmSupported()) return null
    // Types are erased here: the trees are whatever the arbitraries gave.
    const stepOnce = step as unknown as (...parts: readonly unknown[]) => readonly [unknown, unknown]
    const start = transient as unknown as (...parts: readonly unknown[]) => Run
    let run = start(tx, first, { scratchBytes: SCRATCH_BYTES })
    const handedOverBefore = choice % 2 === 0 ? 0 : (choice >> 1) % steps.length
    let params = first
    let state = bound(tx).init(first)
    try {
      return firstFlaw(steps, ({ gradients, extra }, i) => {
        if (i > 0 && i === handedOverBefore) {
          const { params, state } = run.snapshot()
          run.dispose()
          run = start(tx, params, { state, scratchBytes: SCRATCH_BYTES })
        }
        run.step(gradients, extra)
        ;[params, state] = stepOnce(tx, gradients, state, params, extra)
        const actual = run.snapshot()
        return (
          difference(actual.params, params, Object.is, `step ${i + 1}: params`) ??
          difference(actual.state, state, Object.is, `step ${i + 1}: state`)
        )
      })
    } finally {
      run.dispose()
    }
  }
)
