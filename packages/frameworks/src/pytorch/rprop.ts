import {
  boolean,
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  InvalidOption,
  identity,
  show,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import { type RpropState as RuleState, rprop as rule } from '@gradchain/optimizers'
import { scale } from '@gradchain/transforms'

/** Options of {@link rprop}. */
export interface RpropOptions {
  /** What a step is multiplied by where the sign has changed and where it has not. @defaultValue `[0.5, 1.2]` */
  readonly etas?: readonly [minus: number, plus: number]
  /** The smallest and the largest step. @defaultValue `[1e-6, 50]` */
  readonly stepSizes?: readonly [least: number, most: number]
  /** Whether to ascend. @defaultValue `false` */
  readonly maximize?: boolean
}

/** State of {@link rprop}. */
export type RpropState = readonly [EmptyState, RuleState]

/**
 * PyTorch's `torch.optim.Rprop`.
 *
 *     rprop(learningRate, { etaMinus, etaPlus, minStepSize, maxStepSize })
 *
 * The learning rate is the size of the first step and nothing else, so that PyTorch's schedulers have no effect on it. PyTorch multiplies two
 * gradients to compare their signs, so that tiny ones count as 0; this remembers the sign.
 *
 * @param learningRate - a number within the step sizes; `1e-2` by default.
 *
 * @example
 * const tx = pytorch.rprop(0.5, { etas: [0.5, 2] })
 * const params = { w: 4 }
 * const [next, state] = step(tx, { w: 30 }, tx.init(params), params)
 * next // => { w: 3.5 }
 * step(tx, { w: 20 }, state, next)[0] // => { w: 2.5 }
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://docs.pytorch.org/docs/stable/generated/torch.optim.Rprop.html}
 */
export const rprop = (learningRate = 1e-2, options: RpropOptions = {}): GradientTransformation<RpropState> => {
  const { etas, stepSizes, maximize } = withDefaults<Required<RpropOptions>>('pytorch.rprop', options, {
    etas: [0.5, 1.2],
    stepSizes: [1e-6, 50],
    maximize: false
  })
  check('pytorch.rprop', { maximize }, boolean)
  for (const [name, pair] of Object.entries({ etas, stepSizes })) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new InvalidOption(`pytorch.rprop: ${name} must be two numbers, got ${show(pair)}`)
    }
  }
  const [etaMinus, etaPlus] = etas
  const [minStepSize, maxStepSize] = stepSizes
  return withOrigin(
    ['pytorch.rprop', learningRate, { ...options }],
    chain(maximize ? scale(-1) : identity(), rule(learningRate, { etaMinus, etaPlus, minStepSize, maxStepSize }))
  )
}
