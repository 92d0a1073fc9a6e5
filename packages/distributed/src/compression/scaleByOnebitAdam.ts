import {
  add,
  biasCorrection,
  castLike,
  check,
  definitionOf,
  div,
  type GradientTransformation,
  greater,
  inUnitInterval,
  nonNegative,
  type Operand,
  positiveInteger,
  required,
  sqrt,
  sub,
  type Tree,
  transformation,
  updateMoment,
  where,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { scaleByAdam } from '@gradchain/transforms'
import type { Communicator } from '../communicators/communicator.js'
import { inOneSize } from '../internal/inOneSize.js'
import { meanOfMessages } from '../internal/meanOfMessages.js'
import { meanOverRanks } from '../internal/meanOverRanks.js'
import { aCommunicator } from '../internal/requirements.js'
import { together } from '../internal/together.js'

/** Options of {@link scaleByOnebitAdam}. */
export interface ScaleByOnebitAdamOptions {
  /** After how many steps of Adam its second moment stands still, T, a whole number ≥ 1: the paper takes 15 to 20 % of all. */
  readonly warmup: number
  /** Decay rate β₁ of the first moment, in `[0, 1)`. @defaultValue `0.9` */
  readonly b1?: number
  /** Decay rate β₂ of the second moment, in `[0, 1)`. @defaultValue `0.999` */
  readonly b2?: number
  /** Added outside the square root, finite and ≥ 0. @defaultValue `1e-8` */
  readonly eps?: number
}

/** State of {@link scaleByOnebitAdam}. */
export interface ScaleByOnebitAdamState {
  /** How many updates were seen. */
  readonly count: number
  /** First moment m, shaped like the params; the same on all ranks. */
  readonly mu: Tree
  /** Second moment v, shaped like the params; the same on all ranks, and from the end of the warm-up on in all steps. */
  readonly nu: Tree
  /** What one bit did not say of the moment of this rank so far, δ, shaped like the params. */
  readonly residual: Tree
}

/**
 * 1-bit Adam, without the learning rate: the Adam of averaged gradients at first, then one whose second moment stands still and
 * whose first is sent in one bit for each element. It averages over ranks itself.
 *
 * For the gradients gᵣ of the ranks at step t = 1, 2, …, from m = v = δᵣ = 0, where C makes of each leaf its signs in one size, as {@link signWithNorm}:
 *
 *     t ≤ T      u, m, v of scaleByAdam for the mean of gᵣ
 *
 *     t > T      aᵣ = β₁ m + (1 − β₁) gᵣ + δᵣ
 *                δᵣ ← aᵣ − C(aᵣ)
 *                m ← mean over ranks of C(aᵣ)
 *                u = (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵀ)) + eps)
 *
 * Bits are small, but everyone gets those of all: n / 32 of a gradient, where an average takes two; worthwhile up to some 64 ranks. An element that had no gradient in the
 * warm-up, v = 0, rests from then on: of its size nothing is known. Warm up until v has settled, with β₂ such that it can.
 *
 * **Every rank must make the same steps**, as for {@link allReduceMean}.
 *
 * Laws: up to step T it is `chain(allReduceMean(comm), scaleByAdam({ b1, b2, eps }))`, to the bit; odd but for the signs of zeros; afterwards Σᵣ C(aᵣ) + δᵣ is what would
 * have been sent whole, up to rounding.
 *
 * Unlike the paper: the mean is not made one bit once more, as it is not sent; the size is the mean magnitude, which is nearest to a; and moments are corrected for their start.
 *
 * @param comm - all ranks, as this one sees them.
 *
 * @example
 * const tx = scaleByOnebitAdam(solo(), { warmup: 1, b1: 0 })
 * const params = { w: new Float64Array(2) }
 * const [, state] = tx.update({ w: new Float64Array([1, -2]) }, tx.init(params), params)
 * const [u, next] = tx.update({ w: new Float64Array([3, -2]) }, state, params)
 * // 2.5 each, beside v of 1 and 4.
 * Array.from(u.w, (x) => x.toFixed(3)) // => ['2.500', '-1.250']
 * next.residual // => { w: Float64Array [0.5, 0.5] }
 *
 * @throws InvalidOption at construction, for what is no communicator or an option that is missing or out of range; at update, CommunicationError when ranks have
 * gradients of different forms, with rank and path, or one is late or lost.
 * @see Tang et al. (2021), 1-bit Adam: Communication Efficient Large-Scale Training with Adam's Convergence Speed, algorithm 1, {@link https://arxiv.org/abs/2102.02888}
 */
export const scaleByOnebitAdam = (
  comm: Communicator,
  options: ScaleByOnebitAdamOptions
): GradientTransformation<ScaleByOnebitAdamState> => {
  const { warmup, b1, b2, eps } = withDefaults<Required<ScaleByOnebitAdamOptions>>('scaleByOnebitAdam', options, {
    warmup: required,
    b1: 0.9,
    b2: 0.999,
    eps: 1e-8
  })
  check('scaleByOnebitAdam', { comm }, aCommunicator)
  check('scaleByOnebitAdam', { warmup }, positiveInteger)
  check('scaleByOnebitAdam', { b1, b2 }, inUnitInterval)
  check('scaleByOnebitAdam', { eps }, nonNegative)
  const adam = definitionOf('scaleByOnebitAdam', scaleByAdam({ b1, b2, eps }))

  return transformation<ScaleByOnebitAdamState>({
    origin: ['scaleByOnebitAdam', comm, { ...options }],
    init: (params) => ({ ...adam.init(params), residual: tree.zerosLike(tree.widen(params)) }),
    update: (updates, { residual, ...moments }, params) => {
      if (moments.count < warmup) {
        const [scaled, next] = adam.update(meanOverRanks(comm, updates), moments, params, undefined)
        return [scaled, { ...next, residual }]
      }
      const count = moments.count + 1
      const { nu } = moments
      const known = (x: Operand, v: Operand): Operand => where(greater(v, 0), x, 0)
      const wanted = tree.map(
        (g, m, v, e) => known(add(updateMoment(g, m, b1, 1), e), v),
        updates,
        moments.mu,
        nu,
        residual
      )
      const own = tree.map(inOneSize, wanted)
      const mean = together('meanOverRanks', own, (arrays) => meanOfMessages(comm, 'scaleByOnebitAdam', arrays))
      const mu = tree.map(known, mean, nu)
      const left = tree.map((a, c, v) => known(sub(a, c), v), wanted, own, nu)
      const scaled = tree.map(
        (g, m, v) =>
          castLike(known(div(biasCorrection(m, b1, count), add(sqrt(biasCorrection(v, b2, warmup)), eps)), v), g),
        updates,
        mu,
        nu
      )
      return [scaled, { count, mu: tree.castLike(mu, moments.mu), nu, residual: tree.castLike(left, residual) }]
    }
  })
}
