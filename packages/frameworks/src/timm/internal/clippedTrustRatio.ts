import {
  add,
  div,
  equal,
  type GradientTransformation,
  min,
  mul,
  norm,
  type Operand,
  transformation,
  where
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { Schedule } from '@gradchain/schedules'
import type { AddDecayedWeightsState, WithTrustRatioState } from '@gradchain/transforms'

interface Options {
  readonly weightDecay: number
  readonly trustCoeff: number
  readonly eps: number
}

/**
 * The decayed gradient by what the trust ratio is of the learning rate, at most 1; the ratio counts as 1 where ‖p‖ or ‖g‖ is 0:
 *
 *     u = min(1, η ‖p‖ / (‖g‖ + λ ‖p‖ + ε) / α) (g + λ p)
 */
export const clippedTrustRatio = (
  { weightDecay, trustCoeff, eps }: Options,
  rateAt: Schedule
): GradientTransformation<WithTrustRatioState<AddDecayedWeightsState>> =>
  transformation<WithTrustRatioState<AddDecayedWeightsState>>({
    init: () => ({ innerState: { count: 0 } }),
    update: (updates, { innerState }, params) => {
      const rate = rateAt(innerState.count)
      const scaled = (g: Operand, p: Operand) => {
        const [ofGradient, ofParams] = [norm(g), norm(p)]
        const hasNone = equal(min(ofGradient, ofParams), 0)
        const against = add(add(ofGradient, mul(weightDecay, ofParams)), eps)
        const ratio = where(hasNone, 1, div(mul(trustCoeff, ofParams), where(hasNone, 1, against)))
        return mul(min(1, div(ratio, rate)), add(g, mul(weightDecay, p)))
      }
      return [tree.map(scaled, updates, params), { innerState: { count: innerState.count + 1 } }]
    }
  })
