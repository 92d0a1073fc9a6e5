import {
  add,
  castLike,
  check,
  exp,
  inClosedUnitInterval,
  log,
  max,
  mul,
  neg,
  nonNegative,
  type Operand,
  optional,
  stopGradient,
  sub,
  type Value,
  where,
  withDefaults
} from '@gradchain/core'
import { between, softplusPair } from '../internal/logistic.js'
import { checkFit } from '../internal/operands.js'

/** Options of {@link sigmoidFocalLoss}. */
export interface SigmoidFocalLossOptions {
  /** Weight α of the labels 1, in `[0, 1]`, those of 0 having 1 − α. @defaultValue all weigh 1 */
  readonly alpha?: number | undefined
  /** How much less an example counts that is decided rightly, finite and ≥ 0; 0 is cross entropy. @defaultValue `2` */
  readonly gamma?: number | undefined
}

/**
 * The cross entropy of yes-or-no questions in which those that are easy count less, elementwise: for classes that are rare.
 *
 * For the logit x, the label y in [0, 1] and p = σ(x):
 *
 *     q = (1 − y) p + y (1 − p)          ℓ = q^γ · w · (−y log p − (1 − y) log(1 − p))          w = α y + (1 − α)(1 − y)
 *
 * Without alpha w = 1. Labels are taken in the dtype of the logits. It is computed by logarithms: value and gradient are finite for
 * large logits.
 *
 * Laws: ≥ 0; γ = 0 without alpha is {@link sigmoidBinaryCrossEntropy}; never above it for labels of 0 and 1.
 *
 * @param logits - x, an array, a number or an expression.
 * @param labels - y, of the same shape.
 *
 * @example
 * force(sigmoidFocalLoss(new Float64Array([0, 4]), new Float64Array([1, 1]))) // => Float64Array [0.173…, 0.00000587…]
 *
 * @throws InvalidTree for arrays of different shapes, InvalidOption when an option is outside its range.
 * @see Lin et al. (2017), Focal Loss for Dense Object Detection, {@link https://arxiv.org/abs/1708.02002}
 */
export const sigmoidFocalLoss = (logits: Operand, labels: Operand, options: SigmoidFocalLossOptions = {}): Value => {
  const defaults: Chosen = { alpha: undefined, gamma: 2 }
  const { alpha, gamma } = withDefaults('sigmoidFocalLoss', options, defaults)
  check('sigmoidFocalLoss', { alpha }, optional(inClosedUnitInterval))
  check('sigmoidFocalLoss', { gamma }, nonNegative)
  checkFit('sigmoidFocalLoss', { logits, labels })
  const y = castLike(labels, logits)
  const [no, yes] = softplusPair(logits)
  const [isYes, isNo] = [y, sub(1, y)]
  // log q, by the larger of the two terms that there are.
  const largest = stopGradient(max(where(isNo, neg(yes), -Infinity), where(isYes, neg(no), -Infinity)))
  const terms = add(
    where(isNo, mul(isNo, exp(sub(neg(yes), largest))), 0),
    where(isYes, mul(isYes, exp(sub(neg(no), largest))), 0)
  )
  const weight = exp(mul(gamma, add(log(terms), largest)))
  const loss = mul(weight, between(y, yes, no))
  return alpha === undefined ? loss : mul(between(y, alpha, 1 - alpha), loss)
}

type Chosen = Required<SigmoidFocalLossOptions> & { readonly gamma: number }
