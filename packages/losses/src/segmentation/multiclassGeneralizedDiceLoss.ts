import {
  add,
  div,
  mean,
  mul,
  type Operand,
  reshape,
  shapeOf,
  square,
  sum,
  type Value,
  withDefaults
} from '@gradchain/core'
import { checkOverlap, diceOf, type Overlap, pairOf, spatialAxes } from '../internal/dice.js'

/** Options of {@link multiclassGeneralizedDiceLoss}. */
export interface MulticlassGeneralizedDiceLossOptions {
  /** What is added above and below the line, so that nothing found of nothing is right, finite and ≥ 0. @defaultValue `1` */
  readonly smooth?: number | undefined
  /** Whether the predictions are logits: of them softmax is taken along the last axis. Else they must be probabilities. @defaultValue `true` */
  readonly applySoftmax?: boolean | undefined
  /** Whether the first class is left out, where there are several. @defaultValue `false` */
  readonly ignoreBackground?: boolean | undefined
}

/**
 * {@link diceLoss} with classes that count the more the rarer they are: the mean over examples and classes.
 *
 *     w_c = 1 / ((Σ t_c)² + 10⁻⁷), times the number of classes over Σ w          ℓ = mean w_c ℓ_c
 *
 * The sums Σ t are over the whole batch.
 *
 * Laws: ≥ 0; 0 of what is found exactly; that of classes which are equally frequent is the mean of diceLoss.
 *
 * @param predictions - logits, or probabilities, an array or an expression of shape [batch, …, classes].
 * @param targets - t, of the same shape.
 *
 * @example
 * const found = ndarray([1, 0, 1, 0, 0, 1, 0.5, 0.5], [1, 4, 2])
 * const there = ndarray([1, 0, 1, 0, 0, 1, 1, 0], [1, 4, 2])
 * read(multiclassGeneralizedDiceLoss(found, there, { applySoftmax: false })) // => 0.106…
 *
 * @throws InvalidTree for arrays of different shapes; InvalidOption when an option is outside its range, and for predictions that are
 * no probabilities where they must be.
 * @see Sudre et al. (2017), Generalised Dice overlap as a deep learning loss function for highly unbalanced segmentations,
 * {@link https://arxiv.org/abs/1707.03237}
 */
export const multiclassGeneralizedDiceLoss = (
  predictions: Operand,
  targets: Operand,
  options: MulticlassGeneralizedDiceLossOptions = {}
): Value => {
  const owner = 'multiclassGeneralizedDiceLoss'
  const chosen = withDefaults(owner, options, { smooth: 1, applySoftmax: true, ignoreBackground: false })
  const overlap: Overlap = { ...chosen, alpha: 0.5, beta: 0.5, reduction: 'none' }
  checkOverlap(owner, overlap)
  const [found, there] = pairOf(owner, predictions, targets)
  const shape = shapeOf(found)
  const counts = sum(there, shape.map((_, axis) => axis).slice(0, -1))
  const rarities = div(1, add(square(counts), 1e-7))
  const classes = shape.at(-1) as number
  const weights = reshape(mul(div(rarities, sum(rarities)), classes), null)
  return mean(diceOf(owner, found, there, spatialAxes(shape), weights, overlap))
}
