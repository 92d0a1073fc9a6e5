import { type NdArray, ndarray } from '../array/ndarray.js'
import { check, withDefaults } from '../check.js'
import { log } from '../numbers/log.js'
import { countOf, type DrawnDType, type DrawOptions, drawnDType, unitFloats } from './draw.js'
import type { Key } from './key.js'
import { log32 } from './log.js'

/**
 * Random numbers with the standard Gumbel distribution, of mean 0.577… and variance π²/6. The place of the largest of
 * logits + gumbel is a draw from their softmax.
 *
 *     x = −log(−log ν)        for ν uniform in (0, 1)
 *
 * Float32 numbers are those of `jax.random.gumbel` on a CPU, to the bit.
 *
 * @example
 * random.gumbel(random.key(0), [2]).data // => Float32Array [2.923372507095337, 3.83261775970459]
 *
 * @throws InvalidOption for what is no key or no shape, for a dtype that is not drawn, and for 2³² elements or more.
 */
export const gumbel = <D extends DrawnDType = 'float32'>(
  key: Key,
  shape: readonly number[],
  options: DrawOptions<D> = {}
): NdArray<D> => {
  const { dtype } = withDefaults('gumbel', options as DrawOptions, { dtype: 'float32' as DrawnDType })
  check('gumbel', { dtype }, drawnDType)
  const data = unitFloats('gumbel', key, countOf('gumbel', shape), dtype)
  const [ln, least] = dtype === 'float32' ? [log32, 2 ** -126] : [log, 2 ** -1022]
  for (let i = 0; i < data.length; i++) data[i] = -ln(-ln(Math.max(data[i] as number, least)))
  return ndarray(data as Float32Array, shape) as NdArray as NdArray<D>
}
