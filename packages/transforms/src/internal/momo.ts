// What MoMo and MoMo-Adam have in common: where a model of the loss meets its lower bound.
import {
  add,
  div,
  less,
  lessEqual,
  max,
  min,
  mul,
  type Operand,
  sub,
  type Tree,
  type Value,
  where
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** The model of the loss, made of past losses and gradients. */
export interface LossModel {
  /** The mean loss f̄. */
  readonly barf: number
  /** The mean γ of ⟨g, p⟩. */
  readonly gamma: Value
  /** ⟨m, p⟩ for the mean gradient m. */
  readonly along: Value
  /** ‖m‖², in the norm of the rule. */
  readonly normSquared: Value
  /** 1 + αλ. */
  readonly growth: number
  /** How much of the weights the means have seen, 1 − βᵗ. */
  readonly correction: number
}

/** The model at the params, h. */
const heightOf = ({ barf, gamma, along, growth }: LossModel): Value => add(mul(growth, sub(barf, gamma)), along)

/** What both can be told about the bound and the decay. */
interface Options {
  readonly lowerBound: number
  readonly weightDecay: number
  readonly adaptLowerBound: boolean
}

/** A step with the decay in it, and the lower bound that there is after it. */
export interface MomoStep {
  readonly emitted: Tree
  readonly lb: Operand
}

/** The step along directions to where the model meets the bound, at most α. */
export const stepAlong = (
  directions: Tree,
  params: Tree,
  model: LossModel,
  bound: Operand,
  rate: number,
  { lowerBound, weightDecay, adaptLowerBound }: Options
): MomoStep => {
  const before = adaptLowerBound ? lowerBoundFor(model, bound, lowerBound) : bound
  const size = stepToBound(model, before, rate)
  const share = (rate * weightDecay) / model.growth
  const emitted = tree.map(
    (d, p) => (share === 0 ? mul(size, d) : add(mul(size, d), mul(share, p))),
    directions,
    params
  )
  return { emitted, lb: adaptLowerBound ? lowerBoundAfter(model, size, lowerBound) : before }
}

/** The lower bound for a step: halfway to the model where that is below it. */
const lowerBoundFor = (model: LossModel, bound: Operand, least: number): Value => {
  const { growth, correction } = model
  const height = heightOf(model)
  const halfway = max(div(height, 2 * correction * growth), least)
  return where(less(height, mul(growth * correction, bound)), halfway, bound)
}

/** The length τ of the step that leads to the bound, at most α. */
const stepToBound = (model: LossModel, bound: Operand, most: number): Value => {
  const { normSquared, growth, correction, barf, gamma, along } = model
  const above = add(mul(growth, sub(sub(barf, mul(correction, bound)), gamma)), along)
  // Where there is nothing to go by there is no step.
  const isFlat = lessEqual(normSquared, Number.EPSILON)
  const length = where(isFlat, 0, div(max(above, 0), where(isFlat, 1, normSquared)))
  return min(most / correction, length)
}

/** The lower bound after a step of length τ: where the model is then. */
const lowerBoundAfter = (model: LossModel, size: Value, least: number): Value => {
  const { normSquared, barf, gamma, along, correction } = model
  const left = sub(sub(add(barf, along), gamma), mul(mul(0.5, size), normSquared))
  return max(correction === 1 ? left : div(left, correction), least)
}
