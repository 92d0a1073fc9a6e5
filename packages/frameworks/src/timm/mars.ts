import {
  boolean,
  chain,
  check,
  definitionOf,
  type EmptyState,
  type GradientTransformation,
  identity,
  inUnitInterval,
  type Leaf,
  nonNegative,
  oneOf,
  type Tree,
  transformation,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type AddDecayedWeightsState,
  addDecayedWeights,
  type MarsState as CorrectedState,
  mars as corrected,
  type PartitionState,
  partition,
  type ScaleByAdamState,
  type ScaleByScheduleState,
  scaleByAdam,
  scaleByLearningRate,
  scaleBySign
} from '@gradchain/transforms'
import { type Betas, namedBetas } from '../internal/adamOrAmsgrad.js'
import { axesOf } from '../internal/axesOf.js'
import { rateOf } from '../internal/rateOf.js'
import { type CautionOptions, heeding } from './internal/caution.js'

/** Options of {@link mars}. */
export interface MarsOptions extends CautionOptions {
  /** Decay rates β₁ and β₂ of the moments, each in `[0, 1)`. @defaultValue `[0.9, 0.99]` */
  readonly betas?: Betas
  /** Added to the root of the corrected second moment, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** Share λ of the params that is taken off at each step, times the learning rate; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** How much of the correction is taken, γ, finite and ≥ 0. @defaultValue `0.025` */
  readonly gamma?: number
  /** What the corrected gradient goes into: AdamW, or the sign of its mean. @defaultValue `'adamw'` */
  readonly marsType?: 'adamw' | 'lion'
  /** Whether numbers and vectors are corrected, too; otherwise they get AdamW. @defaultValue `false` */
  readonly optimize1d?: boolean
  /** Factor of the learning rate of numbers and vectors that get AdamW, finite and ≥ 0. @defaultValue `1` */
  readonly lr1dFactor?: number
  /** Decay rates of the moments of numbers and vectors that get AdamW, each in `[0, 1)`. @defaultValue `betas` */
  readonly betas1d?: Betas | undefined
}

/** State of {@link mars}. */
export type MarsState = PartitionState<{
  readonly mars: GradientTransformation<
    readonly [CorrectedState<ScaleByAdamState>, EmptyState, AddDecayedWeightsState, ScaleByScheduleState]
  >
  readonly adamw: GradientTransformation<readonly [ScaleByAdamState, AddDecayedWeightsState, ScaleByScheduleState]>
}>

/**
 * timm's `Mars`: gradients of matrices corrected by their last change, the rest by AdamW.
 *
 *     partition({
 *       mars: chain(mars(scaleByAdam({ b1, b2, eps }), { gamma, b1 }), addDecayedWeights(weightDecay), scaleByLearningRate(learningRate)),
 *       adamw: adamw(lr1dFactor * learningRate, { b1, b2, eps, weightDecay })
 *     }, leaf has two axes or more ? 'mars' : 'adamw')
 *
 * The first gradient is taken as it is, without the bound of 1 for its length that `mars` has from the start. timm keeps a reference to the
 * gradient for the next step: where a program clears gradients in place, by `zero_grad(set_to_none=False)`, the last one is always the one at
 * hand, and MARS is AdamW there.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule; `3e-3` by default.
 *
 * @example
 * const tx = timm.mars(0.5, { eps: 0, optimize1d: true })
 * const params = { w: 8 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 7.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const mars = (
  learningRate: ScalarOrSchedule = 3e-3,
  options: MarsOptions = {}
): GradientTransformation<MarsState> => {
  const owner = 'timm.mars'
  const chosen = withDefaults<Required<MarsOptions>>(owner, options, {
    betas: [0.9, 0.99],
    eps: 1e-8,
    weightDecay: 0,
    gamma: 0.025,
    marsType: 'adamw',
    optimize1d: false,
    lr1dFactor: 1,
    betas1d: undefined,
    caution: false
  })
  const { betas, eps, weightDecay, gamma, marsType, optimize1d, lr1dFactor, betas1d, caution } = chosen
  const moments = namedBetas(owner, betas)
  check(owner, { 'betas[0]': moments.b1 }, inUnitInterval)
  check(owner, { weightDecay, lr1dFactor, gamma }, nonNegative)
  check(owner, { marsType }, oneOf('adamw', 'lion'))
  check(owner, { optimize1d }, boolean)
  const rate = rateOf(learningRate)

  return withOrigin(
    ['timm.mars', learningRate, { ...options }],
    partition(
      {
        mars: chain(
          heeding(owner, caution, afterTheFirst(owner, { ...moments, eps }, gamma)),
          // What has the sign of its mean has that of Adam's direction.
          marsType === 'lion' ? scaleBySign() : identity(),
          addDecayedWeights(weightDecay),
          scaleByLearningRate(learningRate)
        ),
        adamw: chain(
          heeding(owner, caution, scaleByAdam({ ...namedBetas(owner, betas1d ?? betas), eps })),
          addDecayedWeights(weightDecay),
          scaleByLearningRate((step) => lr1dFactor * rate(step))
        )
      },
      (params: Tree<Leaf>) => tree.map((leaf) => (optimize1d || axesOf(leaf) >= 2 ? 'mars' : 'adamw'), params)
    )
  )
}

interface Moments {
  readonly b1: number
  readonly b2: number
  readonly eps: number
}

/** MARS around Adam, which is given the first gradient as it is. */
const afterTheFirst = (
  owner: string,
  moments: Moments,
  gamma: number
): GradientTransformation<CorrectedState<ScaleByAdamState>> => {
  const inner = scaleByAdam(moments)
  const [own, plain] = [definitionOf(owner, corrected(inner, { gamma, b1: moments.b1 })), definitionOf(owner, inner)]
  return transformation<CorrectedState<ScaleByAdamState>>({
    init: own.init,
    update: (updates, state, params) => {
      if (state.count > 0) return own.update(updates, state, params, {})
      const [steps, innerState] = plain.update(updates, state.innerState, params, {})
      return [steps, { count: 1, previous: tree.castLike(updates, state.previous), innerState }]
    }
  })
}
