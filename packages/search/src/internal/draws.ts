// What strategies draw, in float64.
import type { Key } from '@gradchain/core'
import * as random from '@gradchain/core/random'

/** Standard normal numbers. */
export const normals = (key: Key, count: number): Float64Array => random.normal(key, [count], { dtype: 'float64' }).data

/** Numbers uniform in [0, 1). */
export const uniforms = (key: Key, count: number): Float64Array =>
  random.uniform(key, [count], { dtype: 'float64' }).data
