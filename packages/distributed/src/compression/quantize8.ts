import {
  cast,
  castLike,
  dequantize,
  type EmptyState,
  type GradientTransformation,
  type Operand,
  quantize,
  transformation
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { hasElements } from '../internal/kept.js'

/**
 * Rounds updates to what eight bits for each element can say: in blocks of 256, by the dynamic map of {@link quantize}.
 *
 *     u = dequantised(quantised(g))
 *
 * Numbers pass through unchanged; float64 is rounded by way of float32. Within {@link errorFeedback} nothing is lost.
 *
 * Laws: idempotent; 0 is kept; what is off is at most 0.0081 of the largest magnitude of a block.
 *
 * @example
 * const params = { w: new Float32Array(3) }
 * quantize8().update({ w: new Float32Array([1, 0.5, 0]) }, {}, params)[0] // => { w: Float32Array [1, 0.49726…, 0] }
 *
 * @see Dettmers (2016), 8-Bit Approximations for Parallelism in Deep Learning, {@link https://arxiv.org/abs/1511.04561}
 * @see quantize
 */
export const quantize8 = (): GradientTransformation<EmptyState> =>
  transformation<EmptyState>({
    origin: ['quantize8'],
    init: () => ({}),
    update: (updates, state) => [tree.map(inEightBits, updates), state]
  })

const inEightBits = (g: Operand): Operand => {
  const x = cast(g, 'float32')
  return hasElements(x) ? castLike(dequantize(quantize(x, 'dynamic8'), 'dynamic8', x), g) : g
}
