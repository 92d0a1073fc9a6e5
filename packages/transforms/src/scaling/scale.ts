import { check, type EmptyState, type GradientTransformation, mul, transformation, type Value } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { finiteOrLazy } from '../internal/requirements.js'

/**
 * Multiplies every update by one number.
 *
 * Elementwise, for the update g and the number α = stepSize:
 *
 *     u = α g
 *
 * Laws: elementwise; linear; `scale(1)` is the identity; `scale(a)` after `scale(b)` is `scale(a b)`, up to rounding.
 *
 * @param stepSize - any finite number; a negative one descends. A lazy scalar may stand for it, so that a loss after some
 * updates can be differentiated by it.
 *
 * @example
 * scale(-0.5).update({ w: 4 }, {}, { w: 1 })[0] // => { w: -2 }
 * scale(norm(new Float32Array([3, 4]))).update({ w: 4 }, {}, { w: 1 })[0] // => { w: 20 }
 *
 * @throws InvalidOption at construction, when stepSize is neither a finite number nor a lazy scalar.
 * @see scaleBySchedule, scaleByLearningRate
 */
export const scale = (stepSize: Value): GradientTransformation<EmptyState> => {
  check('scale', { stepSize }, finiteOrLazy)

  return transformation<EmptyState>({
    origin: ['scale', stepSize],
    init: () => ({}),
    update: (updates, state) => [tree.map((g) => mul(stepSize, g), updates), state]
  })
}
