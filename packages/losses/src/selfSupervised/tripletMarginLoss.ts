import {
  abs,
  add,
  check,
  finite,
  max,
  nonNegative,
  type Operand,
  positive,
  pow,
  shapeOf,
  sqrt,
  sub,
  type Value,
  withDefaults
} from '@gradchain/core'
import { type AxisOptions, axesOf, totalOf } from '../internal/axes.js'
import { arrayOf, checkFit } from '../internal/operands.js'

/** Options of {@link tripletMarginLoss}. */
export interface TripletMarginLossOptions {
  /** The axis of the features, counted from the end where it is below 0; several, or `null` for all. @defaultValue `-1` */
  readonly axis?: AxisOptions['axis']
  /** Degree p of the norm, finite and > 0. @defaultValue `2` */
  readonly normDegree?: number | undefined
  /** By how much the negative must be farther away, finite. @defaultValue `1` */
  readonly margin?: number | undefined
  /** Added under the root, so that it has a slope at 0, finite and ≥ 0. @defaultValue `1e-6` */
  readonly eps?: number | undefined
}

/**
 * How much farther an anchor is from what it should be near to than from what it should be far from, less a margin, along an axis.
 *
 *     d(x, y) = (Σ |x − y|ᵖ + eps)^(1/p)          ℓ = max(0, d(a, positive) − d(a, negative) + margin)
 *
 * One loss for each triplet: the result lacks the axis. Optax takes no absolute values, so that its distances of an odd degree are none.
 * (PyTorch adds its eps to the differences.)
 *
 * Laws: ≥ 0; a translation of all three has the same; 0 where the negative is farther by the margin.
 *
 * @param anchors - a, an array or an expression.
 * @param positives - what is to be near, of the same shape.
 * @param negatives - what is to be far, of the same shape.
 *
 * @example
 * const [anchor, near, far] = [new Float64Array([0, 0]), new Float64Array([3, 4]), new Float64Array([0, 5.5])]
 * read(tripletMarginLoss(anchor, near, far, { eps: 0 })) // => 0.5
 * read(tripletMarginLoss(anchor, near, far, { eps: 0, normDegree: 1 })) // => 2.5
 *
 * @throws InvalidTree for arrays of different shapes; InvalidOption for an axis that there is not, and when an option is outside its range.
 * @see Schroff et al. (2015), FaceNet: A Unified Embedding for Face Recognition and Clustering,
 * {@link https://arxiv.org/abs/1503.03832}
 */
export const tripletMarginLoss = (
  anchors: Operand,
  positives: Operand,
  negatives: Operand,
  options: TripletMarginLossOptions = {}
): Value => {
  const { axis, normDegree, margin, eps } = withDefaults<Chosen>('tripletMarginLoss', options, {
    axis: -1,
    normDegree: 2,
    margin: 1,
    eps: 1e-6
  })
  check('tripletMarginLoss', { normDegree }, positive)
  check('tripletMarginLoss', { margin }, finite)
  check('tripletMarginLoss', { eps }, nonNegative)
  const from = arrayOf('tripletMarginLoss', 'anchors', anchors)
  checkFit('tripletMarginLoss', { anchors, positives, negatives })
  const axes = axesOf('tripletMarginLoss', axis, shapeOf(from))
  const distance = (to: Operand): Value => {
    const apart = sub(from, to)
    // An even power needs no |x|, which would have no second derivative at 0.
    const total = add(totalOf(pow(normDegree % 2 === 0 ? apart : abs(apart), normDegree), axes), eps)
    return normDegree === 2 ? sqrt(total) : pow(total, 1 / normDegree)
  }
  return max(0, add(sub(distance(positives), distance(negatives)), margin))
}

type Chosen = Pick<TripletMarginLossOptions, 'axis'> & Readonly<Record<'normDegree' | 'margin' | 'eps', number>>
