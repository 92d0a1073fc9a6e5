import { InvalidOption, InvalidTree, show } from '../errors.js'
import { deferred } from './deferred.js'
import { isDetached } from './detached.js'
import { type Data, type DataOf, type DType, isDType, Kind, kindOf } from './dtype.js'
import { encode, roundTo } from './half.js'
import { ofThisRealm } from './realm.js'

/**
 * An array with a shape, its elements in row-major order. Plain data, recognised by its structure: it may come from
 * {@link ndarray}, an object literal, or out of `structuredClone`.
 */
export interface NdArray<D extends DType = DType> {
  /** How the elements are stored. */
  readonly dtype: D
  /** The lengths along each axis; `[]` is a single element. */
  readonly shape: readonly number[]
  /** The elements in row-major order; bit patterns for `bfloat16` and `float16`. */
  readonly data: DataOf<D>
}

/** How many elements a shape holds: the product of its lengths, 1 for `[]`. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1)

const dtypeOfData = (data: unknown): DType | undefined =>
  data instanceof Float32Array ? 'float32' : data instanceof Float64Array ? 'float64' : undefined

const isData = (data: unknown): data is Data =>
  data instanceof Float32Array || data instanceof Float64Array || data instanceof Uint16Array

/** The elements of an array as they are, or as those of this realm. */
export const dataOf = ({ data }: NdArray): Data => (isData(data) ? data : (ofThisRealm(data) ?? data))

/** Says in words why an array is malformed; `undefined` when it is well formed. */
export const flawOf = (array: { dtype: DType; shape: readonly number[]; data: Data }): string | undefined => {
  const { dtype, shape } = array
  const data = isData(array.data) ? array.data : (ofThisRealm(array.data) ?? array.data)
  const right =
    dtype === 'float32'
      ? data instanceof Float32Array
      : dtype === 'float64'
        ? data instanceof Float64Array
        : data instanceof Uint16Array
  if (!right) return `has dtype ${dtype}, and its data is ${show(data)}`
  if (isDetached(data)) return 'has data whose memory was transferred to someone else'
  let size = 1
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0)
      return `has the shape ${show(shape)}; lengths are whole numbers ≥ 0`
    size *= length
  }
  return size === data.length
    ? undefined
    : `has shape ${show(shape)}, that is ${size} elements, and ${data.length} in its data`
}

/**
 * An array of the given shape over the given elements, which are not copied.
 *
 * A `Float32Array` gives dtype `float32` and a `Float64Array` gives `float64`; a list of numbers is stored as `dtype` says
 * (`float32` by default), rounded to nearest. An array is rounded by `force(cast(x, 'bfloat16'))`.
 *
 * @example
 * const kernel = ndarray(new Float32Array([1, 2, 3, 4, 5, 6]), [2, 3])
 * kernel.shape // => [2, 3]
 * ndarray([1, 2], [2], 'bfloat16').data // => Uint16Array [16256, 16384]
 *
 * @throws InvalidOption when the shape does not hold exactly the given elements, and for elements that are no numbers.
 */
export function ndarray(data: Float32Array, shape: readonly number[]): NdArray<'float32'>
export function ndarray(data: Float64Array, shape: readonly number[]): NdArray<'float64'>
export function ndarray<D extends DType = 'float32'>(
  data: readonly number[],
  shape: readonly number[],
  dtype?: D
): NdArray<D>
export function ndarray<D extends 'bfloat16' | 'float16'>(
  data: Uint16Array,
  shape: readonly number[],
  dtype: D
): NdArray<D>
export function ndarray(data: Data | readonly number[], shape: readonly number[], dtype?: DType): NdArray {
  if (!Array.isArray(shape)) throw new InvalidOption(`ndarray: shape must be an array of lengths, got ${show(shape)}`)
  const wanted = dtype ?? dtypeOfData(data) ?? 'float32'
  if (!isDType(wanted))
    throw new InvalidOption(`ndarray: dtype must be float32, float64, bfloat16 or float16, got ${show(wanted)}`)
  const made = { dtype: wanted, shape: [...shape], data: Array.isArray(data) ? store(data, wanted) : (data as Data) }
  const flaw = flawOf(made)
  if (flaw !== undefined) {
    const isWide = (wanted === 'bfloat16' || wanted === 'float16') && dtypeOfData(data) !== undefined
    const hint = isWide ? `; force(cast(x, '${wanted}')) rounds an array x to 16 bits` : ''
    throw new InvalidOption(`ndarray: the array ${flaw}${hint}`)
  }
  return made as NdArray
}

const store = (values: readonly number[], dtype: DType): Data => {
  const odd = values.findIndex((x) => typeof x !== 'number')
  if (odd >= 0) throw new InvalidOption(`ndarray: data[${odd}] must be a number, got ${show(values[odd])}`)
  const kind = kindOf(dtype)
  if (kind === Kind.F32) return Float32Array.from(values)
  if (kind === Kind.F64) return Float64Array.from(values)
  return Uint16Array.from(values, (x) => encode(kind, roundTo(kind, x)))
}

/** Whether a value has the structure of an {@link NdArray}; that its parts fit is checked where it is used. */
export const isNdArray = (value: object): value is NdArray => {
  if (deferred(value) !== undefined) return Object.getPrototypeOf(value) === Object.prototype
  const { dtype, shape, data } = value as Partial<NdArray>
  return ArrayBuffer.isView(data) && Array.isArray(shape) && isDType(dtype)
}

/** Refuses a malformed array, naming where it stands. */
export const checkNdArray = (array: NdArray, placeOf: () => string): void => {
  const flaw = flawOf(array)
  if (flaw !== undefined) throw new InvalidTree(`${placeOf()} ${flaw}`)
}
