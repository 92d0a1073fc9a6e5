import {
  add,
  check,
  div,
  Expr,
  finite,
  type GradientTransformation,
  type Key,
  keyOrSeed,
  mul,
  nonNegative,
  type Operand,
  required,
  reshape,
  type Tree,
  transformation,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'
import { clipNorm, examplesBeside, multipliersOf, normsOf, weightedSum } from '../internal/examples.js'

/** Options of {@link differentiallyPrivateAggregate}; all of them must be given. */
export interface DifferentiallyPrivateAggregateOptions {
  /** The largest norm C of the gradient of an example, ≥ 0; `Infinity` is none, which leaves no room for noise. */
  readonly l2NormClip: number
  /** The standard deviation σ of the noise, in units of C; finite and ≥ 0. */
  readonly noiseMultiplier: number
  /** Where the noise comes from: a key, or a whole number for the key of that seed. */
  readonly key: Key | number
}

/** State of {@link differentiallyPrivateAggregate}. */
export interface DifferentiallyPrivateAggregateState {
  /** The key for the updates to come. */
  readonly rngKey: Key
}

/** What the update of {@link differentiallyPrivateAggregate} needs to be told. */
export interface DifferentiallyPrivateAggregateExtra {
  /** The gradients of single examples: a tree like the params, with the examples along a first axis, and a vector for a number. */
  readonly perExampleGradients: Tree
}

/**
 * Makes one gradient out of those of single examples so that no example can be told from it: each is shortened to a maximal length,
 * and noise of that size is added to the sum.
 *
 * For the gradient gᵢ of example i of B, all leaves together, C = l2NormClip, σ = noiseMultiplier and ε from the standard normal
 * distribution, in every element:
 *
 *     u = (Σᵢ gᵢ · min(1, C / ‖gᵢ‖) + C σ ε) / B
 *
 * What is handed over as updates is not looked at, for nothing but these examples may get into the result: any tree like the params
 * will do. So it is the first part of a chain, and stands inside of no wrapper that adds up updates, such as `multiSteps`.
 *
 * Norms and sums are computed in float64. The noise is a function of the key, the step and the place of the leaf, and the same as in
 * Optax: the same key gives the same noise. Whether (ε, δ) is small enough for B, σ and the number of steps is for
 * {@link privacySpent} to say.
 *
 * Laws: with σ = 0 and C = ∞ it is the mean; with σ = 0 the norm is at most C; the noise is in proportion to C σ / B and does not
 * depend on the examples; their order does not matter, up to rounding; nor do the updates, to the bit.
 *
 * @example
 * const tx = differentiallyPrivateAggregate({ l2NormClip: 5, noiseMultiplier: 0, key: 0 })
 * const params = { w: new Float32Array(2) }
 * const perExampleGradients = { w: ndarray([0, 2, 30, 40], [2, 2]) }
 * const [u] = tx.update(params, tx.init(params), params, { perExampleGradients })
 * u // => { w: Float32Array [1.5, 3] }
 *
 * @throws InvalidOption at construction, when an option is missing or outside its range, and for noise without a bound; at update,
 * without gradients of examples; InvalidTree for some that do not fit the params or each other.
 * @see Abadi et al. (2016), algorithm 1, {@link https://arxiv.org/abs/1607.00133}
 * @see perExampleGlobalNormClip
 */
export const differentiallyPrivateAggregate = (
  options: DifferentiallyPrivateAggregateOptions
): GradientTransformation<DifferentiallyPrivateAggregateState, DifferentiallyPrivateAggregateExtra> => {
  const { l2NormClip, noiseMultiplier, key } = withDefaults<DifferentiallyPrivateAggregateOptions>(OWNER, options, {
    l2NormClip: required,
    noiseMultiplier: required,
    key: required
  })
  check(OWNER, { noiseMultiplier }, nonNegative)
  check(OWNER, { l2NormClip }, noiseMultiplier === 0 ? clipNorm : boundOfNoise)
  check(OWNER, { key }, keyOrSeed)
  const first = typeof key === 'number' ? random.key(key) : key
  const deviation = noiseMultiplier === 0 ? 0 : l2NormClip * noiseMultiplier

  return transformation<DifferentiallyPrivateAggregateState, DifferentiallyPrivateAggregateExtra>({
    origin: [OWNER, { ...options }],
    init: () => ({ rngKey: first }),
    update: (updates, state, _params, extra) => {
      const examples = examplesBeside(OWNER, updates, extra?.perExampleGradients)
      const multipliers = multipliersOf(normsOf(examples), l2NormClip)
      const sums = tree.unflatten(
        updates,
        examples.map((leaf) => weightedSum(leaf, multipliers))
      )
      const count = examples[0]?.count ?? 1
      const like = tree.widen(updates)
      // One key for the steps to come, then one for each leaf.
      const [rngKey] = random.split(state.rngKey, 1) as readonly [Key]
      const [, drawn] = tree.randomLike(state.rngKey, [0, like]) as readonly [Operand, Tree]
      const noise = deviation === 0 ? tree.zerosLike(like) : drawn
      const noised = tree.map(
        (sum, draw) => div(add(inFormOf(sum, draw), mul(deviation, draw)), count),
        tree.castLike(sums, like),
        noise
      )
      return [noised, { rngKey }]
    }
  })
}

const OWNER = 'differentiallyPrivateAggregate'

const boundOfNoise = {
  what: 'a finite number ≥ 0 where there is noise',
  holds: (value: unknown) => finite.holds(value) && clipNorm.holds(value)
}

/** A sum without a shape in front of what has one, or the other way round. */
const inFormOf = (sum: Operand, like: Operand): Operand =>
  like instanceof Expr && !like.isScalar ? reshape(sum, like.shape) : sum
