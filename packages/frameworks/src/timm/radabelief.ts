import {
  add,
  biasCorrection,
  castLike,
  chain,
  check,
  definitionOf,
  div,
  type GradientTransformation,
  mul,
  nonNegative,
  sqrt,
  sub,
  transformation,
  updateMoment,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { integerPower } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import { addDecayedWeights, type ScaleByBeliefState, scaleByBelief, scaleByLearningRate } from '@gradchain/transforms'
import { namedBetas } from '../internal/adamOrAmsgrad.js'
import type { AdabeliefOptions, AdabeliefState } from './adabelief.js'

/** Options of {@link radabelief}: those of {@link adabelief}. */
export type RadabeliefOptions = AdabeliefOptions

/** State of {@link radabelief}: that of {@link adabelief}. */
export type RadabeliefState = AdabeliefState

/**
 * timm's `AdaBelief` with rectification, the class's own default, as its factory makes `radabelief`.
 *
 * As {@link adabelief}, but that with ρₜ and r of `scaleByRadam` and the squared error s
 *
 *     u = m̂                                   while ρₜ < 5: five steps of plain momentum
 *     u = r m̂ √(1 − β₂ᵗ) / (√s + eps)         after
 *
 * eps is added to s at every step and piles up, and to its root.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `1e-3` by default.
 *
 * @example
 * const tx = timm.radabelief(0.5)
 * const params = { w: 1 }
 * step(tx, { w: 0.5 }, tx.init(params), params)[0] // => { w: 0.75 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const radabelief = (
  learningRate: ScalarOrSchedule = 1e-3,
  options: RadabeliefOptions = {}
): GradientTransformation<RadabeliefState> => {
  const owner = 'timm.radabelief'
  const { betas, eps, weightDecay } = withDefaults<Required<RadabeliefOptions>>(owner, options, {
    betas: [0.9, 0.999],
    eps: 1e-16,
    weightDecay: 0
  })
  check(owner, { weightDecay }, nonNegative)
  const rule = rectified(owner, { ...namedBetas(owner, betas), eps })
  return withOrigin(
    ['timm.radabelief', learningRate, { ...options }],
    chain(rule, addDecayedWeights(weightDecay), scaleByLearningRate(learningRate))
  )
}

interface Options {
  readonly b1: number
  readonly b2: number
  readonly eps: number
}

const rectified = (owner: string, { b1, b2, eps }: Options): GradientTransformation<ScaleByBeliefState> => {
  const { init } = definitionOf(owner, scaleByBelief({ b1, b2, eps, epsRoot: eps }))
  const most = 2 / (1 - b2) - 1
  return transformation<ScaleByBeliefState>({
    init,
    update: (updates, state) => {
      const count = state.count + 1
      const left = integerPower(b2, count)
      const length = most - (2 * count * left) / (1 - left)
      const share = Math.sqrt(
        (((1 - left) * (length - 4)) / (most - 4)) * ((length - 2) / length) * (most / (most - 2))
      )
      const mu = tree.map((g, m) => updateMoment(g, m, b1, 1), updates, state.mu)
      const nu = tree.map((g, m, s) => add(updateMoment(sub(g, m), s, b2, 2), eps), updates, mu, state.nu)
      const scaled = tree.map(
        (g, m, s) => {
          const mean = biasCorrection(m, b1, count)
          return castLike(length < 5 ? mean : div(mul(share, mean), add(sqrt(s), eps)), g)
        },
        updates,
        mu,
        nu
      )
      return [scaled, { count, mu: tree.castLike(mu, state.mu), nu: tree.castLike(nu, state.nu) }]
    }
  })
}
