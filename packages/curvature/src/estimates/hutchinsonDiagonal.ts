import {
  callable,
  check,
  force,
  type Key,
  keyOrSeed,
  type Like,
  positiveInteger,
  random,
  type Tree,
  withDefaults
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { rademacher } from '../internal/rademacher.js'

/** Options of {@link hutchinsonDiagonal}. */
export interface HutchinsonDiagonalOptions {
  /** Where the random signs come from: a key, or a whole number for the key of that seed. @defaultValue `0` */
  readonly key?: Key | number
  /** How many products the estimate is the mean of, a whole number ≥ 1. @defaultValue `1` */
  readonly samples?: number
}

/**
 * Estimates the diagonal of a matrix that is known by its products alone, such as a Hessian: Hutchinson's method.
 *
 *     diagonal ≈ mean of r ⊙ (A r)        over as many trees r of random signs ±1 as there are samples
 *
 * The variance of an element is the sum of the squares of the others in its row, over the number of samples. The signs are those of the key and
 * of the number of the sample: two estimates with one key and other numbers of samples begin alike.
 *
 * Laws: exact where the matrix is diagonal; the mean over all signs is the diagonal; linear in the matrix.
 *
 * @param product - the product of the matrix at some params with a direction: `hvp(f)`, {@link gnvp} or {@link finiteDifferenceHvp}.
 * @param params - where the matrix is looked at.
 *
 * @example
 * // f = Σ w⁴, f″ = 12 w²
 * const f = ({ w }: { w: Operand }) => sum(square(square(w)))
 * hutchinsonDiagonal(hvp(f), { w: new Float64Array([1, 2]) }) // => { w: Float64Array [12, 48] }
 *
 * @throws InvalidOption when an option is outside its range or product is no function; InvalidTree for params that are no tree of arrays.
 * @see Hutchinson (1990), A stochastic estimator of the trace of the influence matrix for Laplacian smoothing splines,
 * {@link https://doi.org/10.1080/03610919008812866}; Bekas, Kokiopoulou and Saad (2007), An estimator for the diagonal of a
 * matrix
 * @see hutchinsonEstimatorDiagHessian, the same as a part of `sophia` and `adahessian`
 */
export const hutchinsonDiagonal = <P>(
  product: (params: P, direction: Like<P>) => NoInfer<Like<P>>,
  params: P,
  options: HutchinsonDiagonalOptions = {}
): Like<P> => {
  const { key, samples } = withDefaults<Required<HutchinsonDiagonalOptions>>('hutchinsonDiagonal', options, {
    key: 0,
    samples: 1
  })
  check('hutchinsonDiagonal', { product }, callable)
  check('hutchinsonDiagonal', { key }, keyOrSeed)
  check('hutchinsonDiagonal', { samples }, positiveInteger)
  const root = typeof key === 'number' ? random.key(key) : key
  let total: Tree = null
  for (let i = 0; i < samples; i++) {
    const signs = force(tree.randomLike(random.foldIn(root, i), params as Tree, { sampler: rademacher }))
    // In 16 bits a sum of many would not grow any more.
    const estimate = tree.widen(tree.mul(product(params, signs as Like<P>) as Tree, signs))
    total = i === 0 ? estimate : force(tree.add(total, estimate))
  }
  return force(tree.castLike(tree.scale(1 / samples, total), params as Tree)) as Like<P>
}
