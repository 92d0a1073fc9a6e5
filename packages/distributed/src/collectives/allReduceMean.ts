import {
  type AnyGradientTransformation,
  check,
  type Definition,
  definitionOf,
  type EmptyState,
  type ExtraOf,
  type GradientTransformation,
  positive,
  type StateOf,
  transformation,
  withDefaults
} from '@gradchain/core'
import type { Communicator } from '../communicators/communicator.js'
import { type ErrorFeedbackState, errorFeedback } from '../compression/errorFeedback.js'
import { meanOfMessages } from '../internal/meanOfMessages.js'
import { meanOverRanks } from '../internal/meanOverRanks.js'
import { aCommunicator } from '../internal/requirements.js'
import { together } from '../internal/together.js'

/** Options of {@link allReduceMean}. */
export interface AllReduceMeanOptions<T extends AnyGradientTransformation = AnyGradientTransformation> {
  /** How many bytes go on their way together: leaves, in their order, until they are so many; > 0. @defaultValue `26214400`, 25 MiB */
  readonly bucketBytes?: number
  /**
   * What makes less of this rank's updates, such as `topK(0.01)` or `quantize8()`; what it holds back is remembered. Without it they are sent whole.
   * @defaultValue `undefined`
   */
  readonly compressor?: T | undefined
}

/** State of {@link allReduceMean}. */
export interface AllReduceMeanState<Inner> {
  /** What the compressor has held back on this rank, which other ranks do not have; `null` without one. */
  readonly feedback: ErrorFeedbackState<Inner> | null
}

/**
 * The mean of the updates of all ranks, which every rank gets: at the head of a chain, gradients of parts of a batch become those of the whole.
 *
 * For the updates gᵣ of the ranks r = 0 … n − 1:
 *
 *     u = (g₀ + … + gₙ₋₁) / n
 *
 * Parts must be of equal size, and losses means over them; then n ranks do what one does with the whole batch. Of 16-bit leaves the sum and its quotient
 * are float32, rounded once. For more than two ranks, where a leaf lies among the others may change the last bits of a sum.
 *
 * **Every rank must make the same steps**: an update is a call that all take part in. So what decides whether this one is called must decide alike on all ranks;
 * `applyIfFinite` and its like belong after the mean, which is finite on all ranks or on none. What `n` ranks do in `transient` must not be done by one of them in
 * `update` twice. Gradients of 16 bits that were scaled against underflow are averaged first and unscaled afterwards.
 *
 * What comes from the ranks lies in the same memory in every step and is copied where it would be handed on: behind the head of a chain it need not be. With a compressor C each rank sends a message, made of what its {@link errorFeedback} lets through, to all others,
 * and the mean is that of the messages, in the order of ranks:
 *
 *     aᵣ = gᵣ + eᵣ        mᵣ = C(aᵣ)        eᵣ ← aᵣ − mᵣ        u = (m₀ + … + mₙ₋₁) / n
 *
 * A message has the elements that are not 0 and their places, a bit for each element where there are two values, or codes of 8 bits, whichever says all in the fewest bytes. The
 * residuals e are each rank's own: a checkpoint of one rank has its own alone.
 *
 * Laws: linear; with one rank the identity; the ranks' updates are equal to the bit; n ranks with the same updates have these, exactly where n g is.
 *
 * @param comm - all ranks, as this one sees them.
 *
 * @example
 * import { solo } from '@gradchain/distributed'
 *
 * const tx = chain(allReduceMean(solo()), scale(-0.1))
 * const params = { w: new Float32Array([1, 2]) }
 * tx.update({ w: new Float32Array([10, 20]) }, tx.init(params), params)[0] // => { w: Float32Array [-1, -2] }
 *
 * @example
 * import { solo, topK } from '@gradchain/distributed'
 *
 * const tx = allReduceMean(solo(), { compressor: topK(0.5) })
 * const params = { w: new Float32Array(2) }
 * const [first, state] = tx.update({ w: new Float32Array([3, 2]) }, tx.init(params), params)
 * first // => { w: Float32Array [3, 0] }
 * tx.update({ w: new Float32Array([3, 2]) }, state, params)[0] // => { w: Float32Array [0, 4] }
 *
 * @throws InvalidOption at construction, for what is no communicator, or an option out of range; at update, CommunicationError when ranks
 * have gradients of different forms, with rank and path, or one is late or lost.
 * @see Li et al. (2020), PyTorch Distributed: Experiences on Accelerating Data Parallel Training, section 3.2.3, {@link https://arxiv.org/abs/2006.15704}
 */
export const allReduceMean = <T extends AnyGradientTransformation = GradientTransformation<EmptyState>>(
  comm: Communicator,
  options: AllReduceMeanOptions<T> = {}
): GradientTransformation<AllReduceMeanState<StateOf<T>>, ExtraOf<T>> => {
  const { bucketBytes, compressor } = withDefaults<{ bucketBytes: number; compressor: T | undefined }>(
    'allReduceMean',
    options,
    { bucketBytes: 25 * 2 ** 20, compressor: undefined }
  )
  check('allReduceMean', { comm }, aCommunicator)
  check('allReduceMean', { bucketBytes }, positive)
  const feeding =
    compressor === undefined
      ? null
      : (definitionOf('allReduceMean', errorFeedback(ours(compressor))) as Definition<
          ErrorFeedbackState<StateOf<T>>,
          ExtraOf<T>
        >)
  return transformation<AllReduceMeanState<StateOf<T>>, ExtraOf<T>>({
    origin: ['allReduceMean', comm, { ...options }],
    init: (params) => ({ feedback: feeding === null ? null : feeding.init(params) }),
    update: (updates, state, params, extra) => {
      if (feeding === null || state.feedback === null) {
        return [meanOverRanks(comm, updates, 'allReduceMean', bucketBytes), state]
      }
      const [sent, feedback] = feeding.update(updates, state.feedback, params, extra)
      const mean = together('allReduceMean', sent, (arrays) => meanOfMessages(comm, 'allReduceMean', arrays))
      return [mean, { feedback }]
    }
  })
}

const ours = <T extends AnyGradientTransformation>(compressor: T): T => {
  definitionOf('allReduceMean', compressor)
  return compressor
}
