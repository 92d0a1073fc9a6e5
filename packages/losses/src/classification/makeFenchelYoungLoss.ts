import {
  callable,
  check,
  type Expr,
  InvalidTree,
  mul,
  type Operand,
  reshape,
  shapeOf,
  show,
  sub,
  type Value
} from '@gradchain/core'
import { totalOf } from '../internal/axes.js'
import { arrayOf, checkFit, isSameShape, lifted } from '../internal/operands.js'

/**
 * The loss that belongs to a maximum, or to a smooth one, of scores: its gradient by the scores is the difference between what the
 * maximum chooses and the targets.
 *
 * For the function Ω* of the scores θ and the targets t, along the last axis:
 *
 *     ℓ(θ, t) = Ω*(θ) − ⟨θ, t⟩          ∇ℓ = ∇Ω*(θ) − t
 *
 * Laws: that of {@link logSumExp} is the cross entropy of softmax, that of the largest score is {@link multiclassPerceptronLoss}; convex in
 * θ where the function is.
 *
 * @param maxFun - Ω*, a function that reduces the last axis of the scores: what it gives lacks that axis, or has length 1 there.
 * Further arguments of the loss are handed to it.
 *
 * @returns a function of scores and targets of the same shape, one loss for each example.
 *
 * @example
 * const crossEntropy = makeFenchelYoungLoss((scores) => logSumExp(scores))
 * read(crossEntropy(new Float64Array([0, 0]), new Float64Array([1, 0]))) // => 0.6931471805599453
 *
 * @throws InvalidOption when maxFun is no function; InvalidTree, by the loss, for arrays of different shapes and where maxFun gives an
 * array of another.
 * @see Blondel et al. (2020), Learning with Fenchel-Young Losses, {@link https://arxiv.org/abs/1901.02324}
 */
export const makeFenchelYoungLoss = <Rest extends readonly unknown[] = []>(
  maxFun: (scores: Expr, ...rest: Rest) => Operand
): ((scores: Operand, targets: Operand, ...rest: Rest) => Value) => {
  check('makeFenchelYoungLoss', { maxFun }, callable)
  return (scores, targets, ...rest) => {
    const theta = arrayOf('makeFenchelYoungLoss', 'scores', scores)
    checkFit('makeFenchelYoungLoss', { scores, targets })
    const shape = shapeOf(theta)
    const axes = [shape.length - 1]
    const met = totalOf(mul(theta, targets), axes)
    return sub(reducedTo(shapeOf(met), maxFun(theta, ...rest)), met)
  }
}

/** What the function gave, with the shape of a loss for each example. */
const reducedTo = (wanted: readonly number[], given: Operand): Value => {
  const value = lifted(given)
  const shape = shapeOf(value)
  if (isSameShape(shape, wanted)) return value
  if (isSameShape(shape, [...wanted, 1])) {
    return wanted.length === 0 ? totalOf(value, [0]) : reshape(value, wanted.length === 1 ? null : wanted)
  }
  throw new InvalidTree(
    `makeFenchelYoungLoss: maxFun must give one number for each example, shape ${show(wanted)}, got shape ${show(shape)}`
  )
}
