import { chain, type GradientTransformation, withOrigin } from '@gradchain/core'
import { type ScaleByScheduleState, scaleByLearningRate } from '@gradchain/transforms'
import type { Communicator } from '../communicators/communicator.js'
import { type ScaleByOnebitAdamOptions, type ScaleByOnebitAdamState, scaleByOnebitAdam } from './scaleByOnebitAdam.js'

/** State of {@link onebitAdam}. */
export type OnebitAdamState = readonly [ScaleByOnebitAdamState, ScaleByScheduleState]

/**
 * 1-bit Adam: after a warm-up of Adam, ranks send each other one bit for each element of the first moment.
 *
 *     chain(scaleByOnebitAdam(comm, { warmup, b1, b2, eps }), scaleByLearningRate(learningRate))
 *
 * Laws: up to the end of the warm-up it is `chain(allReduceMean(comm), adam(learningRate, { b1, b2, eps }))`, to the bit.
 *
 * @param learningRate - a finite number ≥ 0, or a schedule.
 * @param comm - all ranks, as this one sees them.
 *
 * @example
 * const tx = onebitAdam(0.5, solo(), { warmup: 1000 })
 * const params = { w: 4 }
 * step(tx, { w: 2 }, tx.init(params), params)[0].w.toFixed(6) // => '3.500000'
 *
 * @throws InvalidOption at construction, for what is no communicator or an option that is missing or out of range.
 * @see Tang et al. (2021), 1-bit Adam: Communication Efficient Large-Scale Training with Adam's Convergence Speed, algorithm 1, {@link https://arxiv.org/abs/2102.02888}
 */
export const onebitAdam = (
  learningRate: number | ((step: number) => number),
  comm: Communicator,
  options: ScaleByOnebitAdamOptions
): GradientTransformation<OnebitAdamState> =>
  withOrigin(
    ['onebitAdam', learningRate, comm, { ...options }],
    chain(scaleByOnebitAdam(comm, options), scaleByLearningRate(learningRate))
  )
