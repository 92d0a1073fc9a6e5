import {
  callable,
  check,
  type GradientTransformation,
  grad,
  type Key,
  keyOrSeed,
  mul,
  positiveInteger,
  square,
  type Tree,
  transformation,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'

/** Options of {@link gaussNewtonBartlettEstimatorDiagHessian}. */
export interface GaussNewtonBartlettEstimatorDiagHessianOptions {
  /** Where the targets come from: a key, or a whole number for the key of that seed. @defaultValue `0` */
  readonly key?: Key | number
}

/** State of {@link gaussNewtonBartlettEstimatorDiagHessian}. */
export interface GaussNewtonBartlettEstimatorDiagHessianState {
  /** The key that the next targets are drawn with. */
  readonly key: Key
}

/** What the update of {@link gaussNewtonBartlettEstimatorDiagHessian} needs to be told. */
export interface GaussNewtonBartlettEstimatorDiagHessianExtra {
  /**
   * The mean loss of a batch as a function of params, with targets that are drawn from what the model itself says, by a key. Params whose
   * gradients are `null`, or that are masked out, are `null` there. It is declared as a method so that it may take params of one particular
   * type.
   */
  sampledLoss(params: Tree, key: Key): Value
  /** How many examples the batch has, a whole number ≥ 1. */
  readonly batchSize: number
}

/**
 * Estimates the diagonal of Gauss's and Newton's matrix of a loss, in place of updates, from one gradient: for {@link scaleBySophia}, which with it
 * is Sophia-G.
 *
 *     u = batchSize · ∇f̂ ⊙ ∇f̂          f̂ the mean loss with targets drawn from the model, others at each update
 *
 * For the negative log-likelihood of what the model says the second Bartlett identity makes the mean of it the diagonal: it is never negative, and
 * costs no more than a gradient. The gradients are not looked at.
 *
 * Laws: ≥ 0; its mean over the targets of a likelihood is the diagonal of the Fisher matrix of the batch.
 *
 * @example
 * const tx = gaussNewtonBartlettEstimatorDiagHessian({ key: 7 })
 * const params = { mean: 3 }
 * // Two examples y ~ N(mean, 1), with −log-likelihood (y − mean)² / 2: the diagonal is 1.
 * const sampledLoss = ({ mean: m }: { mean: Operand }, key: random.Key) => {
 *   const targets = add(stopGradient(m), random.normal(key, [2], { dtype: 'float64' }))
 *   return mul(0.5, mean(square(sub(targets, m))))
 * }
 * tx.update({ mean: 0 }, tx.init(params), params, { sampledLoss, batchSize: 2 })[0] // => { mean: … }
 *
 * @throws InvalidOption at construction, for what is no key; at update, when sampledLoss is no function or does not give a lazy scalar.
 * @see Liu et al. (2023), algorithm 2, {@link https://arxiv.org/abs/2305.14342}
 * @see hutchinsonEstimatorDiagHessian
 */
export const gaussNewtonBartlettEstimatorDiagHessian = (
  options: GaussNewtonBartlettEstimatorDiagHessianOptions = {}
): GradientTransformation<
  GaussNewtonBartlettEstimatorDiagHessianState,
  GaussNewtonBartlettEstimatorDiagHessianExtra
> => {
  const { key } = withDefaults<Required<GaussNewtonBartlettEstimatorDiagHessianOptions>>(OWNER, options, { key: 0 })
  check(OWNER, { key }, keyOrSeed)
  const first = typeof key === 'number' ? random.key(key) : key

  return transformation<GaussNewtonBartlettEstimatorDiagHessianState, GaussNewtonBartlettEstimatorDiagHessianExtra>({
    origin: [OWNER, { ...options }],
    init: () => ({ key: first }),
    update: (updates, state, params, extra) => {
      const { sampledLoss, batchSize } = extra ?? {}
      check(OWNER, { sampledLoss }, callable)
      check(OWNER, { batchSize }, positiveInteger)
      const [next, own] = random.split(state.key)
      // A function of nothing has no derivatives.
      if (tree.leaves(params).length === 0) return [updates, { key: next }]
      const found = grad((p: Tree) => extra.sampledLoss(p, own))(params)
      return [tree.map((g) => mul(batchSize, square(g)), found), { key: next }]
    }
  })
}

const OWNER = 'gaussNewtonBartlettEstimatorDiagHessian'
