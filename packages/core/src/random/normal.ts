import { type NdArray, ndarray } from '../array/ndarray.js'
import { check, withDefaults } from '../check.js'
import { countOf, type DrawnDType, type DrawOptions, drawnDType, unitFloats } from './draw.js'
import { erfInv32, erfInv64 } from './erfInv.js'
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
 * @see Giles (2012), {@link https://people.maths.ox.ac.uk/gilesm/files/gems_erfinv.pdf}
 */
export const normal = <D extends DrawnDType = 'float32'>(
  key: Key,
  shape: readonly number[],
  options: DrawOptions<D> = {}
): NdArray<D> => {
  const { dtype } = withDefaults('normal', options as DrawOptions, { dtype: 'float32' as DrawnDType })
  check('normal', { dtype }, drawnDType)
  const data = unitFloats('normal', key, countOf('normal', shape), dtype)
  if (dtype === 'float32') {
    // ν = 2 u − 1, but for the lowest, which is the number next to −1.
    for (let i = 0; i < data.length; i++) {
      data[i] = ROOT_2_F32 * erfInv32(Math.fround(2 * (data[i] as number) + LOWEST_F32))
    }
  } else {
    for (let i = 0; i < data.length; i++) data[i] = Math.SQRT2 * erfInv64(2 * (data[i] as number) + LOWEST_F64)
  }
  return ndarray(data as Float32Array, shape) as NdArray as NdArray<D>
}

const ROOT_2_F32 = /* @__PURE__ */ Math.fround(Math.SQRT2)
const LOWEST_F32 = 2 ** -24 - 1
const LOWEST_F64 = 2 ** -53 - 1
