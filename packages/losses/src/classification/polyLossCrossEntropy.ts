import { add, check, exp, finite, mul, type Operand, sub, type Value, where, withDefaults } from '@gradchain/core'
import { type AxisOptions, along, totalOf } from '../internal/axes.js'
import { crossEntropyOf } from '../internal/crossEntropy.js'
import { checkFit } from '../internal/operands.js'
import { logSoftmaxOf } from '../internal/softmax.js'

/** Options of {@link polyLossCrossEntropy}. */
export interface PolyLossOptions extends AxisOptions {
  /** What is added to the first coefficient of the series of the cross entropy, finite. @defaultValue `2` */
  readonly epsilon?: number | undefined
}

/**
 * Cross entropy with another first coefficient of its series in 1 − p, along an axis.
 *
 *     ℓ = −Σᵢ yᵢ log pᵢ + ε Σᵢ yᵢ (1 − pᵢ)          p = softmax(x)
 *
 * One loss for each example: the result lacks the axis.
 *
 * Laws: ε = 0 is {@link softmaxCrossEntropy}; affine in ε; large logits do not overflow.
 *
 * @param logits - x, an array or an expression.
 * @param labels - y, of the same shape.
 *
 * @example
 * read(polyLossCrossEntropy(new Float64Array([0, 0]), new Float64Array([1, 0]))) // => 1.6931471805599454
 *
 * @throws InvalidTree for arrays of different shapes, and for a mask of another; InvalidOption for an axis that there is not, and when
 * epsilon is not finite.
 * @see Leng et al. (2022), PolyLoss: A Polynomial Expansion Perspective of Classification Loss Functions,
 * {@link https://arxiv.org/abs/2204.12511}
 */
export const polyLossCrossEntropy = (logits: Operand, labels: Operand, options: PolyLossOptions = {}): Value => {
  const { epsilon, ...rest } = withDefaults<AxisOptions & { readonly epsilon: number }>(
    'polyLossCrossEntropy',
    options,
    {
      epsilon: 2,
      axis: -1,
      where: undefined
    }
  )
  check('polyLossCrossEntropy', { epsilon }, finite)
  const of = along('polyLossCrossEntropy', 'logits', logits, rest)
  checkFit('polyLossCrossEntropy', { logits, labels })
  const missed = mul(labels, sub(1, exp(logSoftmaxOf(of))))
  const share = totalOf(of.mask === null ? missed : where(of.mask, missed, 0), of.axes)
  return add(crossEntropyOf(of, labels), mul(epsilon, share))
}
