import { check, type EmptyState, finite, type GradientTransformation, mul, transformation } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/**
 * Multiplies every update by one number.
 *
 * Elementwise, for the update g and the number α = stepSize:
 *
 *     u = α g
 *
 * Laws: elementwise; linear; `scale(1)` is the identity; `scale(a)` after `scale(b)` is `scale(a b)`, up to rounding.
 *
 * @param stepSize - any finite number; a negative one descends.
 *
 * @example
 * scale(-0.5).update({ w: 4 }, {}, { w: 1 })[0] // => { w: -2 }
 *
 * @throws InvalidOption at construction, when stepSize is not a finite number.
 * @see scaleBySchedule, scaleByLearningRate
 */
export const scale = (stepSize: number): GradientTransformation<EmptyState> => {
  check('scale', { stepSize }, finite)

  return transformation<EmptyState>({
    init: () => ({}),
    update: (updates, state) => [tree.map((g) => mul(stepSize, g), updates), state]
  })
}
