import {
  type AnyGradientTransformation,
  check,
  definitionOf,
  type ExtraOf,
  type GradientTransformation,
  max,
  mul,
  nonNegative,
  type Operand,
  oneOf,
  required,
  type StateOf,
  sub,
  type Tree,
  transformation,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { ratio } from '../internal/ratio.js'

/** Options of {@link hypergradient}. */
export interface HypergradientOptions {
  /** The learning rate α₀ of the first update, finite and ≥ 0. */
  readonly learningRate: number
  /** The rate β at which the learning rate learns, finite and ≥ 0: 1e-3 to 1e-8 where it is added, 0.02 where it multiplies. */
  readonly hyperLearningRate: number
  /** Whether what is learned is added to the learning rate, or multiplies it, blind to the scale of the loss. @defaultValue `'additive'` */
  readonly rule?: 'additive' | 'multiplicative'
}

/** State of {@link hypergradient}. */
export interface HypergradientState<Inner> {
  /** State of the inner transformation. */
  readonly innerState: Inner
  /** The learning rate α of the last update, a number. */
  readonly learningRate: Operand
  /** The updates v of the last step, before the learning rate, shaped like the params; zeros at first. */
  readonly previous: Tree
}

/**
 * Learns the learning rate of another transformation while it runs, by the slope of the loss along the step before: hypergradient
 * descent.
 *
 * For the gradients g and the updates v of `inner`, whose own learning rate is 1, all leaves together, from v₀ = 0:
 *
 *     hₜ = −⟨gₜ, vₜ₋₁⟩
 *     αₜ = max(αₜ₋₁ + β hₜ, 0)                            additive
 *     αₜ = max(αₜ₋₁ (1 + β hₜ / (‖gₜ‖ ‖vₜ₋₁‖)), 0)       multiplicative
 *     uₜ = αₜ vₜ
 *
 * While the loss still falls along the last step the rate grows, and it shrinks where the step went too far. Around `sgd(1)`,
 * `sgd(1, { momentum })` and `adam(1)` it is the SGD-HD, SGDN-HD and Adam-HD of the paper.
 *
 * Laws: with β = 0 it is `inner` times α₀; where it multiplies, a loss that is scaled changes nothing with an inner transformation
 * that is blind to scale, and α at most by the factor 1 ± β in a step; a tree and its flattened vector agree where they do with `inner`.
 *
 * Unlike the authors' code the learning rate is never below 0, where params would ascend; from 0 it gets away again.
 *
 * @example
 * const tx = hypergradient(sgd(1), { learningRate: 0.25, hyperLearningRate: 0.125 })
 * let params = { w: 2 }
 * let state = tx.init(params)
 * const rates: unknown[] = []
 * for (let t = 0; t < 3; t++) {
 *   ;[params, state] = step(tx, { w: params.w }, state, params)
 *   rates.push(state.learningRate)
 * }
 * rates // => [0.25, 0.625, 0.73046875]
 *
 * @throws InvalidOption at construction, when an option is missing or outside its range.
 * @see Baydin et al. (2018), Online Learning Rate Adaptation with Hypergradient Descent, algorithms 4 to 6,
 * {@link https://arxiv.org/abs/1703.04782}
 * @see mechanize, dAdapt
 */
export const hypergradient = <T extends AnyGradientTransformation>(
  inner: T,
  options: HypergradientOptions
): GradientTransformation<HypergradientState<StateOf<T>>, ExtraOf<T>> => {
  const { init, update } = definitionOf('hypergradient', inner)
  const { learningRate, hyperLearningRate, rule } = withDefaults<Required<HypergradientOptions>>(
    'hypergradient',
    options,
    { learningRate: required, hyperLearningRate: required, rule: 'additive' }
  )
  check('hypergradient', { learningRate, hyperLearningRate }, nonNegative)
  check('hypergradient', { rule }, oneOf('additive', 'multiplicative'))

  return transformation<HypergradientState<StateOf<T>>, ExtraOf<T>>({
    origin: ['hypergradient', inner, { ...options }],
    init: (params) => ({
      innerState: init(params),
      learningRate,
      previous: tree.zerosLike(tree.widen(params))
    }),
    update: (updates, state, params, extra) => {
      const [steps, innerState] = update(updates, state.innerState, params, extra)
      const along = tree.vdot(updates, state.previous)
      const before = state.learningRate
      const learned =
        rule === 'additive'
          ? sub(before, mul(hyperLearningRate, along))
          : mul(before, sub(1, mul(hyperLearningRate, cosineOf(along, updates, state.previous))))
      const rate = max(learned, 0)
      const previous = tree.castLike(steps, state.previous)
      return [tree.map((v) => mul(rate, v), steps), { innerState, learningRate: rate, previous }]
    }
  })
}

/** The cosine of the angle between two trees; 0 where one of them is. */
const cosineOf = (product: Value, a: Tree, b: Tree): Value => ratio(ratio(product, tree.norm(a)), tree.norm(b))
