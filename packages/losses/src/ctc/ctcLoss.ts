import type { Operand, Value } from '@gradchain/core'
import { alignedOf, type CtcLossOptions } from '../internal/ctc.js'
import type { ClassLabels } from '../internal/indices.js'

/**
 * Connectionist temporal classification: how unlikely a sequence of labels is, whatever steps they fall on.
 *
 * At each step a network gives logits of all classes, one of which is blank. A path, one class at each step, stands for the labels
 * that are left when repetitions are dropped, and then blanks. For softmax along the classes:
 *
 *     ℓ = −log Σ Πₜ softmax(xₜ)_{πₜ}          over all paths π that stand for the labels
 *
 * One loss for each sequence, not divided by its length. Steps that are padding do not exist, and neither do labels. Labels for which
 * there are too few steps have a loss of about −logEpsilon.
 *
 * Laws: ≥ 0, up to rounding; a batch in another order has the losses in that order; padding changes nothing; where there are as many
 * steps as labels, no two the same in a row, it is the sum of the cross entropies.
 *
 * It has a gradient by the logits, and no second derivative.
 *
 * @param logits - x, of shape [batch, steps, classes].
 * @param logitPaddings - 1 where a step is padding, else 0, of shape [batch, steps].
 * @param labels - numbers of classes, of shape [batch, most labels].
 * @param labelPaddings - 1 where a label is padding, else 0, of the same shape; all padding comes last.
 *
 * @example
 * const logits = ndarray(new Float64Array(6), [1, 2, 3])
 * const labels = ndarray([1], [1, 1])
 * // Of nine paths of two steps three stand for the label: 0 1, 1 0 and 1 1.
 * force(ctcLoss(logits, ndarray([0, 0], [1, 2]), labels, ndarray([0], [1, 1]))) // => Float64Array [1.098…]
 *
 * @throws InvalidTree for arrays that do not fit each other; InvalidOption for a label that is the number of no class, for padding that
 * is not 0 or 1 or that labels come after, and when an option is outside its range.
 * @see Graves et al. (2006), Connectionist temporal classification
 * @see ctcLossWithForwardProbs
 */
export const ctcLoss = (
  logits: Operand,
  logitPaddings: ClassLabels,
  labels: ClassLabels,
  labelPaddings: ClassLabels,
  options: CtcLossOptions = {}
): Value => alignedOf('ctcLoss', logits, logitPaddings, labels, labelPaddings, options).losses
