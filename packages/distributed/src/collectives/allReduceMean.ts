import {
  check,
  type EmptyState,
  type GradientTransformation,
  positive,
  transformation,
  withDefaults
} from '@gradchain/core'
import type { Communicator } from '../communicators/communicator.js'
import { agreeOnForm } from '../internal/agreeOnForm.js'
import { bucketsOf, rejoined } from '../internal/buckets.js'
import { aCommunicator } from '../internal/requirements.js'
import { together } from '../internal/together.js'

/** Options of {@link allReduceMean}. */
export interface AllReduceMeanOptions {
  /** How many bytes go on their way together: leaves, in their order, until they are so many; > 0. @defaultValue `26214400`, 25 MiB */
  readonly bucketBytes?: number
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
 * All buckets are under way before the first is waited for.
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
 * @throws InvalidOption at construction, for what is no communicator, or an option out of range; at update, CommunicationError when ranks
 * have gradients of different forms, with rank and path, or one is late or lost.
 * @see Li et al. (2020), PyTorch Distributed: Experiences on Accelerating Data Parallel Training, section 3.2.3, {@link https://arxiv.org/abs/2006.15704}
 */
export const allReduceMean = (
  comm: Communicator,
  options: AllReduceMeanOptions = {}
): GradientTransformation<EmptyState> => {
  const { bucketBytes } = withDefaults<Required<AllReduceMeanOptions>>('allReduceMean', options, {
    bucketBytes: 25 * 2 ** 20
  })
  check('allReduceMean', { comm }, aCommunicator)
  check('allReduceMean', { bucketBytes }, positive)
  // Ranks that cut different trees into buckets would call another number of times.
  let isAgreed = false

  return transformation<EmptyState>({
    origin: ['allReduceMean', comm, { ...options }],
    init: () => ({}),
    update: (updates, state) => {
      const mean = together('allReduceMean', updates, (arrays) => {
        if (!isAgreed) agreeOnForm(comm, arrays)
        isAgreed = true
        const pending = bucketsOf(arrays, bucketBytes).map((bucket) => comm.allReduce(bucket, { op: 'mean' }))
        return rejoined(
          arrays,
          pending.map((bucket) => bucket.wait())
        )
      })
      return [mean, state]
    }
  })
}
