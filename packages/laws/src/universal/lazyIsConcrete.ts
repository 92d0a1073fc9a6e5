import { type AnyGradientTransformation, chain, type Tree, transformation } from '@gradchain/core'
import { momentum, shrinkByNorm } from '../internal/companions.js'
import { differentUpdates } from '../internal/emitted.js'
import { bare, erase, isLazyInside } from '../internal/erase.js'
import { observe } from '../internal/observe.js'
import { transformationLaw } from '../internal/transformationLaw.js'

/** The same, called through its public functions with expressions. */
const called = (tx: AnyGradientTransformation): AnyGradientTransformation =>
  transformation<unknown>({
    init: (params) => erase(tx).init(params),
    update: (updates, state, params, extra) =>
      erase(tx).update(updates, state, params, extra) as readonly [Tree, unknown]
  })

/** In a chain nothing is computed before the end; a bare pair of functions is handed arrays, and computes at once. */
export const lazyIsConcrete = transformationLaw(
  'lazyIsConcrete',
  'called with expressions, or with arrays in the middle of a chain, it gives the same as called with arrays',
  { domain: 'any', minSteps: 1 },
  (tx, trajectory) => {
    if (isLazyInside(tx)) {
      const { updates } = observe(tx, trajectory)
      const found = differentUpdates(observe(called(tx), trajectory).updates, updates)
      if (found !== null) return `called with expressions, ${found}`
    }
    const around = (part: AnyGradientTransformation) => observe(chain(momentum(), part, shrinkByNorm()), trajectory)
    const found = differentUpdates(around(tx).updates, around(bare(tx)).updates)
    return found === null ? null : `in a chain, ${found}`
  }
)
