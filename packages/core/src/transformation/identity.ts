import { transformation } from './transformation.js'
import type { EmptyState, GradientTransformation } from './types.js'

/**
 * Gives back the gradients as updates: the unit of {@link chain}.
 *
 * @example
 * identity().update({ w: 2 }, {}, { w: 1 })[0] // => { w: 2 }
 */
export const identity = (): GradientTransformation<EmptyState> =>
  transformation<EmptyState>({ origin: ['identity'], init: () => ({}), update: (updates, state) => [updates, state] })
