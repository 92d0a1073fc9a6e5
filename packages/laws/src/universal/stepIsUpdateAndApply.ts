import { applyUpdates, step } from '@gradchain/core'
import { difference } from '../internal/difference.js'
import { bound } from '../internal/observe.js'
import { firstFlaw, transformationLaw } from '../internal/transformationLaw.js'

/** One evaluation or two: the same bits. */
export const stepIsUpdateAndApply = transformationLaw(
  'stepIsUpdateAndApply',
  'step() is update, then applyUpdates, bit for bit',
  { domain: 'any', minSteps: 1 },
  (tx, { params, steps }) => {
    const { init, update } = bound(tx)
    // Types are erased here: the trees are whatever the arbitraries gave.
    const stepOnce = step as unknown as (...parts: readonly unknown[]) => readonly [unknown, unknown]
    const apply = applyUpdates as (p: unknown, u: unknown) => unknown
    let state = init(params)
    return firstFlaw(steps, ({ gradients, params: own = params, extra }, i) => {
      const [updates, next] = update(gradients, state, own, extra)
      const expected = apply(own, updates)
      const [actual, stepped] = stepOnce(tx, gradients, state, own, extra)
      state = next
      return (
        difference(actual, expected, Object.is, `step ${i + 1}: params`) ??
        difference(stepped, next, Object.is, `step ${i + 1}: state`)
      )
    })
  }
)
