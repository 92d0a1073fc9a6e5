// What all draws share: checking their arguments, and the two words for each element.
import { sizeOf } from '../array/ndarray.js'
import { oneOf } from '../check.js'
import { InvalidOption, show } from '../errors.js'
import { type Key, wordsOf } from './key.js'
import { hash, type Words } from './threefry.js'

/** The dtypes that random numbers are drawn in. The 16-bit ones are storage: draw a float32 and cast it. */
export type DrawnDType = 'float32' | 'float64'

/** Options of a draw. */
export interface DrawOptions<D extends DrawnDType = DrawnDType> {
  /** The dtype of the numbers. @defaultValue `'float32'` */
  readonly dtype?: D | undefined
}

/** What a dtype of a draw must be. */
export const drawnDType = /* @__PURE__ */ oneOf('float32', 'float64')

const MOST = 2 ** 32

/** How many elements a shape asks for; what is no shape is refused, and what one counter cannot count. */
export const countOf = (owner: string, shape: readonly number[]): number => {
  if (!Array.isArray(shape) || !shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw new InvalidOption(`${owner}: shape must be an array of whole numbers ≥ 0, got ${show(shape)}`)
  }
  const size = sizeOf(shape)
  if (size >= MOST) throw new InvalidOption(`${owner}: shape must hold fewer than 2³² elements, got ${show(shape)}`)
  return size
}

/** Two random words for each element; the first is the upper one. */
export const wordPairs = (owner: string, key: Key, size: number): readonly [highs: Uint32Array, lows: Uint32Array] => {
  const words = wordsOf(owner, key)
  const highs = new Uint32Array(size)
  const lows = new Uint32Array(size)
  hash(words, 0, highs, lows)
  return [highs, lows]
}

/** One random word for each element. */
export const singleWords = (owner: string, key: Key, size: number): Uint32Array => {
  const [highs, lows] = wordPairs(owner, key, size)
  for (let i = 0; i < size; i++) highs[i] = (highs[i] as number) ^ (lows[i] as number)
  return highs
}

/** Uniform in [0, 1): 23 random bits in float32, 52 in float64, each multiple of 2⁻²³ or 2⁻⁵² equally likely. */
export const unitFloats = (owner: string, key: Key, size: number, dtype: DrawnDType): Float32Array | Float64Array => {
  if (dtype === 'float32') {
    const words = singleWords(owner, key, size)
    const out = new Float32Array(size)
    for (let i = 0; i < size; i++) out[i] = unit32(words[i] as number)
    return out
  }
  const [highs, lows] = wordPairs(owner, key, size)
  const out = new Float64Array(size)
  for (let i = 0; i < size; i++) out[i] = unit64(highs[i] as number, lows[i] as number)
  return out
}

/** One number, uniform in [0, 1): the only element of a draw. */
export const unitOf = (words: Words, dtype: DrawnDType): number => {
  const high = new Uint32Array(1)
  const low = new Uint32Array(1)
  hash(words, 0, high, low)
  return dtype === 'float32'
    ? unit32((high[0] as number) ^ (low[0] as number))
    : unit64(high[0] as number, low[0] as number)
}

/** An array whose elements have keys of their own, those that `split` makes. */
export const filled = (
  owner: string,
  key: Key,
  size: number,
  dtype: DrawnDType,
  draw: (words: Words) => number
): Float32Array | Float64Array => {
  const [highs, lows] = wordPairs(owner, key, size)
  const data = dtype === 'float32' ? new Float32Array(size) : new Float64Array(size)
  for (let i = 0; i < size; i++) data[i] = draw([highs[i] as number, lows[i] as number])
  return data
}

const unit32 = (word: number): number => (word >>> 9) * 2 ** -23

const unit64 = (high: number, low: number): number => high * 2 ** -32 + (low >>> 12) * 2 ** -52
