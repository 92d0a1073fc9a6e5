import { type NdArray, ndarray } from '../array/ndarray.js'
import { check, positive, withDefaults } from '../check.js'
import { pow } from '../numbers/pow.js'
import { countOf, type DrawnDType, type DrawOptions, drawnDType, filled } from './draw.js'
import { gammaDraws } from './gammaDraw.js'
import type { Key } from './key.js'

/**
 * Random numbers with a gamma distribution of shape a and scale 1, of mean a and variance a. A sum of k squares of normal numbers is
 * twice one of shape k/2, one of shape 1 is exponential, and a few of them divided by their sum are a Dirichlet draw.
 *
 *     density ∝ xᵃ⁻¹ e⁻ˣ        x > 0
 *
 * By Marsaglia and Tsang's rejection; where a < 1 it is a draw of shape a + 1 times ν^(1/a) for ν uniform in (0, 1]. Nearly all of a
 * very small shape lies below the smallest number, and is 0: {@link loggamma} has its logarithm.
 *
 * Float32 numbers are those of `jax.random.gamma` on a CPU with AVX-512, to the bit nearly everywhere (JAX takes a root that differs from
 * processor to processor); below 2⁻¹²⁶ JAX has 0.
 *
 * @param a - the shape, finite and > 0.
 *
 * @example
 * random.gamma(random.key(0), 2, [2]).data // => Float32Array [1.5897877216339111, 1.7599413394927979]
 *
 * @throws InvalidOption for what is no key or no shape, for an `a` that is not finite and > 0, for a dtype that is not drawn, and for 2³²
 * elements or more.
 * @see Marsaglia and Tsang (2000), A simple method for generating gamma variables, {@link https://doi.org/10.1145/358407.358414}
 */
export const gamma = <D extends DrawnDType = 'float32'>(
  key: Key,
  a: number,
  shape: readonly number[],
  options: DrawOptions<D> = {}
): NdArray<D> => {
  const { dtype } = withDefaults('gamma', options as DrawOptions, { dtype: 'float32' as DrawnDType })
  check('gamma', { dtype }, drawnDType)
  check('gamma', { a }, positive)
  const round = dtype === 'float32' ? Math.fround : Number
  const form = round(a)
  const draw = gammaDraws(form, dtype)
  const exponent = Math.min(round(1 / form), Number.MAX_VALUE)
  const data = filled('gamma', key, countOf('gamma', shape), dtype, (words) => {
    const { d, v, u } = draw(words)
    return form >= 1 ? d * v : round(d * v) * round(pow(1 - u, exponent))
  })
  return ndarray(data as Float32Array, shape) as NdArray as NdArray<D>
}
