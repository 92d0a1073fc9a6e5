import {
  castLike,
  InvalidOption,
  InvalidTree,
  type Operand,
  shapeOf,
  show,
  type Value,
  withDefaults
} from '@gradchain/core'
import { axesOf } from '../internal/axes.js'
import { checkOverlap, diceOf, type Overlap, pairOf, spatialAxes } from '../internal/dice.js'
import { arrayOfRank } from '../internal/operands.js'

/** Options of {@link diceLoss}. */
export interface DiceLossOptions {
  /** How much each class counts, a vector. @defaultValue all count 1 */
  readonly classWeights?: Operand | undefined
  /** What is added above and below the line, so that nothing found of nothing is right, finite and ≥ 0. @defaultValue `1` */
  readonly smooth?: number | undefined
  /** Weight α of what was found and is not there, finite and ≥ 0. @defaultValue `0.5` */
  readonly alpha?: number | undefined
  /** Weight β of what is there and was not found, finite and ≥ 0. @defaultValue `0.5` */
  readonly beta?: number | undefined
  /**
   * Whether the predictions are logits: of them softmax is taken along the last axis, of a single class the logistic function. Else
   * they must be probabilities. @defaultValue `true`
   */
  readonly applySoftmax?: boolean | undefined
  /** What becomes of the losses of the classes: `'mean'`, `'sum'` or `'none'`. @defaultValue `'mean'` */
  readonly reduction?: 'mean' | 'sum' | 'none' | undefined
  /** Whether the first class is left out, where there are several. @defaultValue `false` */
  readonly ignoreBackground?: boolean | undefined
  /** The axes that are added up along, `null` for all but the first and the last. @defaultValue `null` */
  readonly axis?: number | readonly number[] | null | undefined
}

/**
 * How little predicted regions overlap with those that are there, class by class.
 *
 * For the probabilities p and the truth t of one class of one example, with all sums over its places:
 *
 *     ℓ = 1 − (Σ p t + s) / (Σ p t + α Σ p (1 − t) + β Σ t (1 − p) + s)          s = smooth
 *
 * With α = β = ½ that is one less the coefficient of Dice, otherwise that of Tversky. The axes are those of the batch, of space,
 * and of the classes, which either may lack where there is one. One loss for each example: the mean over the classes.
 *
 * Laws: in [0, 1]; 0 of what is found exactly; equal weights are none; the logits of some probabilities have the loss of these.
 *
 * @param predictions - logits, or p, an array or an expression of shape [batch, …, classes].
 * @param targets - t, of the same shape.
 *
 * @example
 * const found = ndarray([0.5, 0.5, 1, 0], [1, 2, 2])
 * const there = ndarray([1, 0, 1, 0], [1, 2, 2])
 * force(diceLoss(found, there, { applySoftmax: false, smooth: 0 })) // => Float32Array [0.571…]
 *
 * @throws InvalidTree for arrays of different shapes; InvalidOption when an option is outside its range, and for predictions that are
 * no probabilities where they must be.
 * @see Milletari et al. (2016), V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image Segmentation,
 * {@link https://arxiv.org/abs/1606.04797}; Salehi et al. (2017), Tversky loss function for image segmentation using 3D fully
 * convolutional deep networks, {@link https://arxiv.org/abs/1706.05721}
 */
export const diceLoss = (predictions: Operand, targets: Operand, options: DiceLossOptions = {}): Value => {
  const { classWeights, axis, ...overlap } = withDefaults<Chosen>('diceLoss', options, {
    classWeights: undefined,
    smooth: 1,
    alpha: 0.5,
    beta: 0.5,
    applySoftmax: true,
    reduction: 'mean',
    ignoreBackground: false,
    axis: null
  })
  checkOverlap('diceLoss', overlap)
  const [found, there] = pairOf('diceLoss', predictions, targets)
  const shape = shapeOf(found)
  const axes = axis === null ? spatialAxes(shape) : axesOf('diceLoss', axis, shape)
  if (axes.includes(shape.length - 1)) {
    throw new InvalidOption(`diceLoss: axis must not be the last one, of the classes, got ${show(axis)}`)
  }
  const weights =
    classWeights === undefined ? null : castLike(arrayOfRank('diceLoss', 'classWeights', classWeights, 1), found)
  if (weights !== null && shapeOf(weights)[0] !== shape.at(-1)) {
    const wanted = `shape [${shape.at(-1)}] for predictions of shape ${show(shape)}`
    throw new InvalidTree(`diceLoss: classWeights must have ${wanted}, got ${show(shapeOf(weights))}`)
  }
  return diceOf('diceLoss', found, there, axes, weights, overlap)
}

type Chosen = Overlap & Pick<DiceLossOptions, 'classWeights' | 'axis'>
