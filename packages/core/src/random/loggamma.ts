import { type NdArray, ndarray } from '../array/ndarray.js'
import { check, positive, withDefaults } from '../check.js'
import { countOf, type DrawnDType, type DrawOptions, drawnDType, filled } from './draw.js'
import { logGammaDraws } from './gammaDraw.js'
import type { Key } from './key.js'

/**
 * Logarithms of random numbers with a gamma distribution of shape a: of the same numbers as {@link gamma} draws with the same key. Of
 * small shapes they tell what is too small to be written as a number.
 *
 *     x = ln d V + ln ν / a        the second part where a < 1, for ν uniform in (0, 1]
 *
 * Float32 numbers are those of `jax.random.loggamma` on a CPU, with the exception that {@link gamma} names.
 *
 * @param a - the shape, finite and > 0.
 *
 * @example
 * random.loggamma(random.key(0), 0.01, [2]).data // => Float32Array [-11.478927612304688, -9.828521728515625]
 *
 * @throws InvalidOption for what is no key or no shape, for an `a` that is not finite and > 0, for a dtype that is not drawn, and for 2³²
 * elements or more.
 * @see gamma
 */
export const loggamma = <D extends DrawnDType = 'float32'>(
  key: Key,
  a: number,
  shape: readonly number[],
  options: DrawOptions<D> = {}
): NdArray<D> => {
  const { dtype } = withDefaults('loggamma', options as DrawOptions, { dtype: 'float32' as DrawnDType })
  check('loggamma', { dtype }, drawnDType)
  check('loggamma', { a }, positive)
  const data = filled('loggamma', key, countOf('loggamma', shape), dtype, logGammaDraws(a, dtype))
  return ndarray(data as Float32Array, shape) as NdArray as NdArray<D>
}
