import {
  chain,
  check,
  type EmptyState,
  type GradientTransformation,
  inClosedUnitInterval,
  inUnitInterval,
  nonNegative,
  type Requirement,
  withDefaults,
  withOrigin
} from '@gradchain/core'
import type { ScalarOrSchedule } from '@gradchain/schedules'
import {
  type ProjectRadialState,
  projectRadial,
  type ScaleByScheduleState,
  scale,
  scaleByLearningRate,
  type TraceState,
  trace
} from '@gradchain/transforms'

/** Options of {@link sgdp}. */
export interface SgdpOptions {
  /** Decay rate β of the momentum, in `[0, 1)`. @defaultValue `0` */
  readonly momentum?: number
  /** Share of each gradient that the momentum leaves out, in `[0, 1]`; not to be had with nesterov. @defaultValue `0` */
  readonly dampening?: number
  /** Share λ of the params that is taken off at each step, times the learning rate over 1 − β; finite and ≥ 0. @defaultValue `0` */
  readonly weightDecay?: number
  /** Whether the momentum looks one step ahead, as Nesterov's does. @defaultValue `false` */
  readonly nesterov?: boolean
  /** Added to the length of params, finite and > 0. @defaultValue `1e-8` */
  readonly eps?: number
  /** How far from a right angle gradients and params may be, in units of a cosine by chance, finite and ≥ 0. @defaultValue `0.1` */
  readonly delta?: number
  /** How much of the weight decay is left where something is taken out, finite and ≥ 0. @defaultValue `0.1` */
  readonly wdRatio?: number
}

/** State of {@link sgdp}. */
export type SgdpState = readonly [ProjectRadialState<readonly [EmptyState, TraceState]>, ScaleByScheduleState]

/**
 * timm's `SGDP`.
 *
 *     sgdp(learningRate, { momentum, nesterov, delta, eps, weightDecay, wdRatio })
 *
 * The first gradient is dampened, too, other than in PyTorch's SGD. The factory's `sgdp` has momentum 0.9 and Nesterov's. timm's `caution`
 * takes the radial part out of what is left once more; it is not here, nor are dampening and `nesterov` together.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 *
 * @example
 * const tx = timm.sgdp(0.5, { momentum: 0.5, weightDecay: 0.25 })
 * const params = { kernel: ndarray(new Float64Array([2, 0]), [1, 2]) }
 * // The gradient is across the params: half a step across them, and a tenth of the decay.
 * const [next] = step(tx, { kernel: ndarray(new Float64Array([0, 3]), [1, 2]) }, tx.init(params), params)
 * next.kernel.data // => Float64Array [1.95, -1.5]
 *
 * @throws InvalidOption at construction, when an option is outside its range; one of a part in the name of the part.
 * @see {@link https://huggingface.co/docs/timm/reference/optimizers}
 */
export const sgdp = (learningRate: ScalarOrSchedule, options: SgdpOptions = {}): GradientTransformation<SgdpState> => {
  const owner = 'timm.sgdp'
  const { momentum, dampening, weightDecay, nesterov, ...radial } = withDefaults<Required<SgdpOptions>>(
    owner,
    options,
    { momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, eps: 1e-8, delta: 0.1, wdRatio: 0.1 }
  )
  check(owner, { momentum }, inUnitInterval)
  check(owner, { dampening }, nesterov ? noneWithNesterov : inClosedUnitInterval)
  check(owner, { weightDecay }, nonNegative)
  return withOrigin(
    [owner, learningRate, { ...options }],
    chain(
      projectRadial(chain(scale(1 - dampening), trace(momentum, { nesterov })), {
        ...radial,
        weightDecay: weightDecay / (1 - momentum)
      }),
      scaleByLearningRate(learningRate)
    )
  )
}

const noneWithNesterov: Requirement = { what: '0 with nesterov', holds: (value) => value === 0 }
