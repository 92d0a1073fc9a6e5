import {
  callable,
  check,
  type GradientTransformation,
  hvp,
  type Key,
  keyOrSeed,
  ndarray,
  type Tree,
  transformation,
  type Value,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import * as tree from '@gradchain/core/tree'

/** Options of {@link hutchinsonEstimatorDiagHessian}. */
export interface HutchinsonEstimatorDiagHessianOptions {
  /** Where the random signs come from: a key, or a whole number for the key of that seed. @defaultValue `0` */
  readonly key?: Key | number
}

/** State of {@link hutchinsonEstimatorDiagHessian}. */
export interface HutchinsonEstimatorDiagHessianState {
  /** The key that the next signs are drawn with. */
  readonly key: Key
}

/** What the update of {@link hutchinsonEstimatorDiagHessian} needs to be told. */
export interface HutchinsonEstimatorDiagHessianExtra {
  /**
   * The loss as a function of params, made of this library's operations. Params whose gradients are `null`, or that are masked
   * out, are `null` there. It is declared as a method so that it may take params of one particular type.
   */
  objFn(params: Tree): Value
}

/**
 * Estimates the diagonal of the Hessian of a loss, in place of updates: Hutchinson's method, for {@link scaleBySophia}.
 *
 *     u = r ⊙ (H r)           Hᵢⱼ = ∂²f / ∂pᵢ ∂pⱼ at the params, r random signs ±1, others at each update
 *
 * The gradients are not looked at. `update` takes `{ objFn }`, the loss f as a function of params; its derivatives are part of the
 * same evaluation.
 *
 * Laws: exact where the Hessian is diagonal; the mean over all signs is the diagonal.
 *
 * @example
 * const tx = hutchinsonEstimatorDiagHessian({ key: 7 })
 * const params = { w: new Float64Array([1, 2]) }
 * // f = Σ w⁴, f″ = 12 w²
 * const objFn = ({ w }: { w: Operand }) => sum(square(square(w)))
 * tx.update(params, tx.init(params), params, { objFn })[0] // => { w: Float64Array [12, 48] }
 *
 * @throws InvalidOption at construction, for what is no key; at update, when objFn is no function or does not give a lazy scalar.
 * @see Hutchinson (1990); Liu et al. (2023), algorithm 1, {@link https://arxiv.org/abs/2305.14342}
 */
export const hutchinsonEstimatorDiagHessian = (
  options: HutchinsonEstimatorDiagHessianOptions = {}
): GradientTransformation<HutchinsonEstimatorDiagHessianState, HutchinsonEstimatorDiagHessianExtra> => {
  const { key } = withDefaults<Required<HutchinsonEstimatorDiagHessianOptions>>(
    'hutchinsonEstimatorDiagHessian',
    options,
    { key: 0 }
  )
  check('hutchinsonEstimatorDiagHessian', { key }, keyOrSeed)
  const first = typeof key === 'number' ? random.key(key) : key

  return transformation<HutchinsonEstimatorDiagHessianState, HutchinsonEstimatorDiagHessianExtra>({
    origin: ['hutchinsonEstimatorDiagHessian', { ...options }],
    init: () => ({ key: first }),
    update: (updates, state, params, extra) => {
      const objFn = extra?.objFn
      check('hutchinsonEstimatorDiagHessian', { objFn }, callable)
      const [next, own] = random.split(state.key)
      // A function of nothing has no derivatives.
      if (tree.leaves(params).length === 0) return [updates, { key: next }]
      const signs = tree.randomLike(own, params, { sampler: rademacher })
      const product = hvp((p: Tree) => objFn(p))(params, signs)
      return [tree.mul(product, signs), { key: next }]
    }
  })
}

/** Random signs. */
const rademacher: tree.Sampler = (key, shape, { dtype }) => {
  const { data } = random.bernoulli(key, shape, { dtype })
  const signs = data.map((x) => 2 * x - 1)
  return signs instanceof Float64Array ? ndarray(signs, shape) : ndarray(signs as Float32Array, shape)
}
