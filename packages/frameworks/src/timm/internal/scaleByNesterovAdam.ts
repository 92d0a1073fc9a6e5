import {
  add,
  biasCorrection,
  castLike,
  definitionOf,
  div,
  type GradientTransformation,
  type Operand,
  sqrt,
  transformation,
  updateMoment
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { type ScaleByAdamState, scaleByAdam } from '@gradchain/transforms'

interface Options {
  readonly b1: number
  readonly b2: number
  readonly eps: number
}

/**
 * Adam whose first moment has the gradient averaged in once more, and is corrected as if it had not:
 *
 *     u = (β₁ mₜ + (1 − β₁) g) / (1 − β₁ᵗ) / (√v̂ + eps)
 *
 * `scaleByAdam({ nesterov: true })` corrects the two parts apart.
 */
export const scaleByNesterovAdam = (
  owner: string,
  { b1, b2, eps }: Options
): GradientTransformation<ScaleByAdamState> => {
  const { init } = definitionOf(owner, scaleByAdam({ b1, b2, eps }))
  return transformation<ScaleByAdamState>({
    init,
    update: (updates, state) => {
      const count = state.count + 1
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const nu = tree.map((g, v) => updateMoment(g, v, b2, 2), updates, state.nu)
      const direction = (g: Operand, m: Operand, v: Operand) =>
        div(biasCorrection(updateMoment(g, m, b1, 1), b1, count), add(sqrt(biasCorrection(v, b2, count)), eps))
      const scaled = tree.map((g, m, v) => castLike(direction(g, m, v), g), updates, mu, nu)
      return [scaled, { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu) }]
    }
  })
}
