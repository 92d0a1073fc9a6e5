import type { Tree } from '@gradchain/core'
import { countNotFinite } from '../internal/countNotFinite.js'
import type { SkipState } from './multiSteps.js'

/** What {@link skipNotFinite} reports. */
export interface SkipNotFiniteState extends SkipState {
  /** How many elements of the mini-batch's gradients were NaN or infinite. */
  readonly numNotFinite: number
}

/**
 * For {@link multiSteps}: skips the mini-batches whose gradients hold a NaN or an infinity.
 *
 * Laws: blind to signs and finite factors; a tree and its flattened vector agree.
 *
 * @example
 * skipNotFinite({ w: [1, NaN, -Infinity] }) // => { shouldSkip: true, numNotFinite: 2 }
 *
 * @example
 * const tx = multiSteps(scale(-1), 2, { shouldSkip: skipNotFinite })
 * let state = tx.init({ w: 0 })
 * for (const w of [1, NaN, 3]) state = tx.update({ w }, state, { w: 0 })[1]
 * state.gradientStep // => 1
 *
 * @see multiSteps, applyIfFinite
 */
export const skipNotFinite: (updates: Tree) => SkipNotFiniteState = /* @__PURE__ */ Object.assign(
  (updates: Tree) => {
    const numNotFinite = countNotFinite(updates)
    return { shouldSkip: numNotFinite > 0, numNotFinite }
  },
  { origin: ['function', 'skipNotFinite'] }
)
