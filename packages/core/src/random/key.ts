import { check, nonNegativeInteger, type Requirement } from '../check.js'
import { InvalidOption, show } from '../errors.js'
import { hash, type Words } from './threefry.js'

declare const KEY: unique symbol

/**
 * Where random numbers come from: the same key gives the same numbers, always. A key is a text, so it is a leaf of a tree,
 * cannot be changed, can be compared with `===`, and survives `structuredClone` and JSON. Use each key once: for more
 * numbers {@link split} it.
 */
export type Key = string & { readonly [KEY]: true }

const PREFIX = 'threefry2x32:'
const FORM = /^threefry2x32:[0-9a-f]{16}$/
const WORDS = 2 ** 32

const wholeNumber: Requirement = {
  what: 'a whole number',
  holds: (value) => Number.isSafeInteger(value)
}
/** What fits one word. */
export const word: Requirement = {
  what: 'a whole number from 0 to 2³² − 1',
  holds: (value) => nonNegativeInteger.holds(value) && (value as number) < WORDS
}

const hex = (x: number): string => (x >>> 0).toString(16).padStart(8, '0')

const keyOf = (high: number, low: number): Key => `${PREFIX}${hex(high)}${hex(low)}` as Key

/**
 * Whether a value is a key, such as one read from a file.
 *
 * @example
 * random.isKey(JSON.parse(JSON.stringify(random.key(0)))) // => true
 * random.isKey(0) // => false
 */
export const isKey = (value: unknown): value is Key => typeof value === 'string' && FORM.test(value)

/** The words of a key; what is none is refused. */
export const wordsOf = (owner: string, key: Key): Words => {
  if (!isKey(key)) throw new InvalidOption(`${owner}: key must be made by random.key, got ${show(key)}`)
  const digits = key.slice(PREFIX.length)
  return [Number.parseInt(digits.slice(0, 8), 16), Number.parseInt(digits.slice(8), 16)]
}

/**
 * The key of a seed: its 64 bits.
 *
 * The same numbers follow as from `jax.random.key` with 64-bit types enabled; without them JAX cuts a seed to its lower 32
 * bits, which is the same for seeds from 0 to 2³² − 1.
 *
 * @param seed - a whole number from −(2⁵³ − 1) to 2⁵³ − 1.
 *
 * @example
 * random.key(7) // => 'threefry2x32:0000000000000007'
 * random.key(7) === random.key(7) // => true
 *
 * @throws InvalidOption for a seed that is no whole number.
 */
export const key = (seed: number): Key => {
  check('key', { seed }, wholeNumber)
  // Of a negative seed, its two's complement.
  return keyOf(Math.floor(seed / WORDS), seed)
}

/**
 * Several keys out of one, as good as independent of each other and of the one. The one is then used up.
 *
 * Laws: `split(key, n)[i]` is `foldIn(key, i)`, so that more keys begin with the same ones.
 *
 * @example
 * const [next, now] = random.split(random.key(0))
 * random.normal(now, [2]).data // => Float32Array [-2.442455768585205, -2.0356805324554443]
 *
 * @throws InvalidOption for what is no key, and when `n` is not a whole number from 0 to 2³² − 1.
 */
export function split(key: Key): readonly [Key, Key]
export function split(key: Key, n: number): readonly Key[]
export function split(key: Key, n = 2): readonly Key[] {
  const words = wordsOf('split', key)
  check('split', { n }, word)
  const highs = new Uint32Array(n)
  const lows = new Uint32Array(n)
  hash(words, 0, highs, lows)
  return Array.from(highs, (high, i) => keyOf(high, lows[i] as number))
}

/**
 * A key made of a key and a number: one for each step, worker or layer, say.
 *
 * @example
 * const forStep = (step: number) => random.foldIn(random.key(0), step)
 * forStep(1) === forStep(2) // => false
 *
 * @throws InvalidOption for what is no key, and when `data` is not a whole number from 0 to 2³² − 1.
 */
export const foldIn = (key: Key, data: number): Key => {
  const words = wordsOf('foldIn', key)
  check('foldIn', { data }, word)
  const high = new Uint32Array(1)
  const low = new Uint32Array(1)
  hash(words, data, high, low)
  return keyOf(high[0] as number, low[0] as number)
}

/** What the option of a key must be: a key, or the seed of one. */
export const keyOrSeed: Requirement = {
  what: 'a key made by random.key or a whole number',
  holds: (value) => isKey(value) || Number.isSafeInteger(value)
}
