import { type NdArray, ndarray } from '../array/ndarray.js'
import { check, positive, withDefaults } from '../check.js'
import { exp } from '../numbers/exp.js'
import { countOf, type DrawnDType, type DrawOptions, drawnDType, filled } from './draw.js'
import { logGammaDraws } from './gammaDraw.js'
import { type Key, split } from './key.js'

/**
 * Random numbers with a beta distribution, between 0 and 1, of mean a/(a + b): for shapes of 1 uniform, for small ones near the ends, for
 * large ones near the mean.
 *
 *     density ∝ xᵃ⁻¹ (1 − x)ᵇ⁻¹        x = A/(A + B), for A and B of gamma distributions of shapes a and b
 *
 * from the logarithms of A and B, so that small shapes do not make 0/0.
 *
 * Float32 numbers are those of `jax.random.beta` on a CPU to some units in the last place; below 2⁻¹²⁶ JAX has 0.
 *
 * @param a - the shape at 1, finite and > 0.
 * @param b - the shape at 0, finite and > 0.
 *
 * @example
 * random.beta(random.key(0), 2, 2, [2]).data // => Float32Array [0.28467875719070435, 0.7113314270973206]
 *
 * @throws InvalidOption for what is no key or no shape, for an `a` or `b` that is not finite and > 0, for a dtype that is not drawn, and for
 * 2³² elements or more.
 * @see gamma
 */
export const beta = <D extends DrawnDType = 'float32'>(
  key: Key,
  a: number,
  b: number,
  shape: readonly number[],
  options: DrawOptions<D> = {}
): NdArray<D> => {
  const { dtype } = withDefaults('beta', options as DrawOptions, { dtype: 'float32' as DrawnDType })
  check('beta', { dtype }, drawnDType)
  check('beta', { a, b }, positive)
  const round = dtype === 'float32' ? Math.fround : Number
  const size = countOf('beta', shape)
  const [forA, forB] = split(key)
  const data = filled('beta', forA, size, dtype, logGammaDraws(a, dtype))
  const others = filled('beta', forB, size, dtype, logGammaDraws(b, dtype))
  for (let i = 0; i < size; i++) {
    const [x, y] = [data[i] as number, others[i] as number]
    const most = Math.max(x, y)
    // Where both are −∞ neither is larger.
    const [p, q] = [x, y].map((z) => (z === most ? 1 : round(exp(round(z - most))))) as [number, number]
    data[i] = p / round(p + q)
  }
  return ndarray(data as Float32Array, shape) as NdArray as NdArray<D>
}
