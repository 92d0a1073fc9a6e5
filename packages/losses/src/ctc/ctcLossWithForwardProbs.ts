import type { Expr, Operand, Value } from '@gradchain/core'
import { alignedOf, type CtcLossOptions } from '../internal/ctc.js'
import type { ClassLabels } from '../internal/indices.js'
import { picked } from '../internal/picked.js'

/**
 * {@link ctcLoss}, and what it was computed from: the logarithms of the probabilities of having come so far.
 *
 * `logAlphaPhi[t][b][n]` is that of having emitted n labels after step t and a blank last, of shape [steps, batch, most labels + 1], but that
 * after the last step it is that of either; `logAlphaEmit[t][b][n]` is that of having emitted n + 1 labels, the last one at this step, of
 * shape [steps, batch, most labels].
 *
 * Laws: the first is ctcLoss; it is −logAlphaPhi after the last step, at the number of labels.
 *
 * @param logits - x, of shape [batch, steps, classes].
 * @param logitPaddings - 1 where a step is padding, else 0, of shape [batch, steps].
 * @param labels - numbers of classes, of shape [batch, most labels].
 * @param labelPaddings - 1 where a label is padding, else 0, of the same shape; all padding comes last.
 *
 * @example
 * const logits = ndarray(new Float64Array(4), [1, 2, 2])
 * const [losses, logAlphaPhi, logAlphaEmit] = ctcLossWithForwardProbs(
 *   logits,
 *   ndarray([0, 0], [1, 2]),
 *   ndarray([1], [1, 1]),
 *   ndarray([0], [1, 1])
 * )
 * force(losses) // => Float64Array [0.287…]
 * force(logAlphaEmit) // => { dtype: 'float64', shape: [2, 1, 1], data: Float64Array [-0.693…, -0.693…] }
 * shapeOf(logAlphaPhi) // => [2, 1, 2]
 *
 * @throws InvalidTree for arrays that do not fit each other; InvalidOption for a label that is the number of no class, for padding that
 * is not 0 or 1 or that labels come after, and when an option is outside its range.
 */
export const ctcLossWithForwardProbs = (
  logits: Operand,
  logitPaddings: ClassLabels,
  labels: ClassLabels,
  labelPaddings: ClassLabels,
  options: CtcLossOptions = {}
): readonly [losses: Value, logAlphaPhi: Expr, logAlphaEmit: Expr] => {
  const owner = 'ctcLossWithForwardProbs'
  const { losses, packed, of } = alignedOf(owner, logits, logitPaddings, labels, labelPaddings, options)
  const { steps, batch, width } = of
  const part = (from: number, length: number): Expr => {
    const places = Int32Array.from(
      { length: steps * batch * length },
      (_, i) => Math.floor(i / length) * (2 * width + 1) + from + (i % length)
    )
    return picked(packed, places, [steps, batch, length])
  }
  return [losses, part(0, width + 1), part(width + 1, width)]
}
