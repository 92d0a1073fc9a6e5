import { check, positive, read } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { ShouldSkip, SkipState } from './multiSteps.js'

/** What {@link skipLargeUpdates} reports. */
export interface SkipLargeUpdatesState extends SkipState {
  /** Σg² over all elements of the mini-batch's gradients. */
  readonly normSquared: number
}

/**
 * For {@link multiSteps}: skips the mini-batches whose gradients have a squared global norm of at least `maxSquaredNorm`;
 * one that is NaN or infinite counts as large.
 *
 * Laws: what is skipped stays skipped when it is multiplied by a number of at least 1; a tree and its flattened vector agree.
 *
 * @example
 * const shouldSkip = skipLargeUpdates(25)
 * shouldSkip({ w: [3, 4] }, 0, { w: [0, 0] }) // => { shouldSkip: true, normSquared: 25 }
 * shouldSkip({ w: [3, 0] }, 0, { w: [0, 0] }) // => { shouldSkip: false, normSquared: 9 }
 *
 * @throws InvalidOption at construction, when `maxSquaredNorm` is not a finite number > 0.
 * @see multiSteps
 */
export const skipLargeUpdates = (maxSquaredNorm: number): ShouldSkip<SkipLargeUpdatesState> => {
  check('skipLargeUpdates', { maxSquaredNorm }, positive)

  const skip: ShouldSkip<SkipLargeUpdatesState> = (updates) => {
    const normSquared = read(tree.squaredNorm(updates))
    return { shouldSkip: !(normSquared < maxSquaredNorm), normSquared }
  }
  return Object.assign(skip, { origin: ['skipLargeUpdates', maxSquaredNorm] })
}
