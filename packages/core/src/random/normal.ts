import { type NdArray, ndarray } from '../array/ndarray.js'
import { check, withDefaults } from '../check.js'
import { countOf, type DrawnDType, type DrawOptions, drawnDType, unitFloats } from './draw.js'
import { standardNormal32, standardNormal64 } from './erfInv.js'
import type { Key } from './key.js'

/**
 * Random numbers with the standard normal distribution, of mean 0 and variance 1.
 *
 *     x = √2 erf⁻¹(ν)        for ν uniform in (−1, 1)
 *
 * Float32 numbers are those of `jax.random.normal` on a CPU, to the bit; float64 ones to three units in the last place.
 *
 * @example
 * random.normal(random.key(0), [2]) // => { dtype: 'float32', shape: [2], data: Float32Array [1.622642159461975, 2.0252647399902344] }
 * random.normal(random.key(0), [], { dtype: 'float64' }).data[0]?.toFixed(12) // => '-0.205842139480'
 *
 * @throws InvalidOption for what is no key or no shape, for a dtype that is not drawn, and for 2³² elements or more.
 * @see Giles (2012), Approximating the erfinv function, {@link https://people.maths.ox.ac.uk/gilesm/files/gems_erfinv.pdf}
 */
export const normal = <D extends DrawnDType = 'float32'>(
  key: Key,
  shape: readonly number[],
  options: DrawOptions<D> = {}
): NdArray<D> => {
  const { dtype } = withDefaults('normal', options as DrawOptions, { dtype: 'float32' as DrawnDType })
  check('normal', { dtype }, drawnDType)
  const data = unitFloats('normal', key, countOf('normal', shape), dtype)
  const standard = dtype === 'float32' ? standardNormal32 : standardNormal64
  for (let i = 0; i < data.length; i++) data[i] = standard(data[i] as number)
  return ndarray(data as Float32Array, shape) as NdArray as NdArray<D>
}
