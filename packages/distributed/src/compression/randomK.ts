import {
  boolean,
  check,
  type GradientTransformation,
  type Key,
  keyOrSeed,
  mul,
  type Operand,
  required,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import { aShare, countOf, hasElements, kept } from '../internal/kept.js'
import { largest } from '../internal/largest.js'

/** Options of {@link randomK}. */
export interface RandomKOptions {
  /** Where the choice comes from: a key, or a whole number for the key of that seed. */
  readonly key: Key | number
  /** Whether what is kept is multiplied by n / k, so that the mean over all choices is the gradient. @defaultValue `false` */
  readonly unbiased?: boolean
}

/** State of {@link randomK}. */
export interface RandomKState {
  /** The key for the updates to come. */
  readonly rngKey: Key
}

/**
 * Keeps k random elements of each leaf, and makes 0 of all others. Ranks with the same key keep the same elements, so that their sums need no
 * indices.
 *
 * For a leaf g of n elements and k = ⌈ share · n ⌉, Sₜ a set of k indices, any as likely as any other:
 *
 *     uᵢ = gᵢ   where i ∈ Sₜ        uᵢ = 0   elsewhere        (n / k) gᵢ when unbiased
 *
 * Numbers pass through unchanged. Leave `unbiased` out within {@link errorFeedback}, which keeps the rest.
 *
 * Laws: linear; `randomK(1, …)` is the identity; the choice depends on the key, the step and the place of the leaf alone.
 *
 * @param share - how much of each leaf is kept, in (0, 1].
 *
 * @example
 * const tx = randomK(0.5, { key: 0 })
 * const params = { w: new Float32Array(4) }
 * tx.update({ w: new Float32Array([1, 2, 3, 4]) }, tx.init(params), params)[0] // => { w: Float32Array [1, 0, 0, 4] }
 *
 * @throws InvalidOption at construction, when an option is missing or outside its range.
 * @see Stich et al. (2018), Sparsified SGD with Memory, definition 2.1, {@link https://arxiv.org/abs/1809.07599}
 * @see topK
 */
export const randomK = (share: number, options: RandomKOptions): GradientTransformation<RandomKState> => {
  const { key, unbiased } = withDefaults<Required<RandomKOptions>>('randomK', options, {
    key: required,
    unbiased: false
  })
  check('randomK', { share }, aShare)
  check('randomK', { key }, keyOrSeed)
  check('randomK', { unbiased }, boolean)
  const first = typeof key === 'number' ? random.key(key) : key

  return transformation<RandomKState>({
    origin: ['randomK', share, { ...options }],
    init: () => ({ rngKey: first }),
    update: (updates, state) => {
      const [rngKey, now] = random.split(state.rngKey)
      let place = 0
      const chosen = (g: Operand): Operand => {
        const own = random.foldIn(now, place++)
        const size = sizeOf(g)
        const k = countOf(share, size)
        const u = kept(g, () => largest(Float64Array.from(random.bits(own, [size])), k))
        return unbiased && k < size ? mul(size / k, u) : u
      }
      return [tree.map(chosen, tree.widen(updates)), { rngKey }]
    }
  })
}

const sizeOf = (g: Operand): number => (hasElements(g) ? g.size : 1)
