import { ndarray, random } from '@gradchain/core'
import type * as tree from '@gradchain/core/tree'

/** Random signs, for `tree.randomLike`. */
export const rademacher: tree.Sampler = (key, shape, { dtype }) => {
  const { data } = random.bernoulli(key, shape, { dtype })
  const signs = data.map((x) => 2 * x - 1)
  return signs instanceof Float64Array ? ndarray(signs, shape) : ndarray(signs as Float32Array, shape)
}
