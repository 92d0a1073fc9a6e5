import { type NdArray, ndarray } from '../array/ndarray.js'
import { check, finite, withDefaults } from '../check.js'
import { InvalidOption } from '../errors.js'
import { countOf, type DrawnDType, type DrawOptions, drawnDType, unitFloats } from './draw.js'
import type { Key } from './key.js'

/** Options of {@link uniform}. */
export interface UniformOptions<D extends DrawnDType = DrawnDType> extends DrawOptions<D> {
  /** The lower end a, which may come out; finite. @defaultValue `0` */
  readonly minval?: number | undefined
  /** The upper end b, finite and at least the lower. @defaultValue `1` */
  readonly maxval?: number | undefined
}

/**
 * Random numbers, uniform between two ends.
 *
 *     x = a + (b − a) ν        for ν uniform in [0, 1), with 23 random bits in float32 and 52 in float64
 *
 * rounded once. The upper end comes out only where rounding makes it so.
 *
 * @example
 * random.uniform(random.key(0), [2]) // => { dtype: 'float32', shape: [2], data: Float32Array [0.9476670026779175, 0.9785798788070679] }
 * random.uniform(random.key(0), [], { dtype: 'float64', minval: -1, maxval: 1 }).data // => Float64Array [-0.16308577656722711]
 *
 * @throws InvalidOption for what is no key or no shape, for ends that are not finite or in the wrong order, for a dtype that
 * is not drawn, and for 2³² elements or more.
 */
export const uniform = <D extends DrawnDType = 'float32'>(
  key: Key,
  shape: readonly number[],
  options: UniformOptions<D> = {}
): NdArray<D> => {
  const { dtype, minval, maxval } = withDefaults<Required<UniformOptions>>('uniform', options, {
    dtype: 'float32',
    minval: 0,
    maxval: 1
  }) as { dtype: DrawnDType; minval: number; maxval: number }
  check('uniform', { dtype }, drawnDType)
  check('uniform', { minval, maxval }, finite)
  const round = dtype === 'float32' ? Math.fround : Number
  const low = round(minval)
  const span = round(round(maxval) - low)
  if (minval > maxval || span === Infinity) {
    throw new InvalidOption(`uniform: maxval − minval must be ≥ 0 and finite in ${dtype}, got ${maxval} − ${minval}`)
  }
  const data = unitFloats('uniform', key, countOf('uniform', shape), dtype)
  if (low !== 0 || span !== 1) stretch(data, span, low)
  return ndarray(data as Float32Array, shape) as NdArray as NdArray<D>
}

const stretch = (data: Float32Array | Float64Array, span: number, low: number): void => {
  // A product of two float32 numbers is exact in float64.
  const multiplyAdd = data instanceof Float32Array || span > 2 ** 900 ? (x: number) => x * span + low : fused(span, low)
  for (let i = 0; i < data.length; i++) data[i] = Math.max(low, multiplyAdd(data[i] as number))
}

const SPLITTER = 2 ** 27 + 1

/** x ↦ x × span + low in float64, rounded once: Dekker's product and Knuth's sum tell what their rounding lost. */
const fused = (span: number, low: number): ((x: number) => number) => {
  const s = SPLITTER * span
  const spanHigh = s - (s - span)
  const spanLow = span - spanHigh
  return (x) => {
    const t = SPLITTER * x
    const high = t - (t - x)
    const rest = x - high
    const product = x * span
    const lost = high * spanHigh - product + high * spanLow + rest * spanHigh + rest * spanLow
    const sum = product + low
    const back = sum - product
    return sum + (product - (sum - back) + (low - back) + lost)
  }
}
