import { type NdArray, ndarray } from '../array/ndarray.js'
import { check, inClosedUnitInterval, withDefaults } from '../check.js'
import { countOf, type DrawnDType, type DrawOptions, drawnDType, unitFloats } from './draw.js'
import type { Key } from './key.js'

/** Options of {@link bernoulli}. */
export interface BernoulliOptions<D extends DrawnDType = DrawnDType> extends DrawOptions<D> {
  /** The probability p of a 1, in `[0, 1]`. @defaultValue `0.5` */
  readonly p?: number | undefined
}

/**
 * Random ones and zeros: 1 with probability p. They are conditions for `where`, and masks to multiply with.
 *
 *     x = 1 where ν < p, else 0        for ν uniform in [0, 1)
 *
 * @example
 * random.bernoulli(random.key(0), [5]).data // => Float32Array [0, 0, 1, 1, 0]
 *
 * @throws InvalidOption for what is no key or no shape, for `p` outside [0, 1], for a dtype that is not drawn, and for 2³²
 * elements or more.
 */
export const bernoulli = <D extends DrawnDType = 'float32'>(
  key: Key,
  shape: readonly number[],
  options: BernoulliOptions<D> = {}
): NdArray<D> => {
  const { dtype, p } = withDefaults('bernoulli', options as BernoulliOptions, {
    dtype: 'float32' as DrawnDType,
    p: 0.5
  })
  check('bernoulli', { dtype }, drawnDType)
  check('bernoulli', { p }, inClosedUnitInterval)
  const data = unitFloats('bernoulli', key, countOf('bernoulli', shape), dtype)
  const threshold = dtype === 'float32' ? Math.fround(p) : p
  for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) < threshold ? 1 : 0
  return ndarray(data as Float32Array, shape) as NdArray as NdArray<D>
}
