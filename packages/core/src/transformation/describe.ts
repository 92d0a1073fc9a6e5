import { check, withDefaults } from '../check.js'
import { InvalidOption, show } from '../errors.js'
import { isContainer } from '../tree/walk.js'
import { type Origin, originOf } from './origin.js'
import { definitionOf } from './transformation.js'
import type { AnyGradientTransformation } from './types.js'

/** What is in a {@link Description}: all that JSON can say. */
export type Described = null | boolean | number | string | readonly Described[] | { readonly [key: string]: Described }

/** A call as JSON: the name of a factory, and the arguments it was given. */
export type Description = readonly [name: string, ...given: readonly Described[]]

/** Options of {@link describe}. */
export interface DescribeOptions {
  /**
   * Functions of your own, and objects made of them such as a transformation on raw arrays, by the names they are to have in
   * the description. @defaultValue `{}`
   */
  readonly functions?: Readonly<Record<string, unknown>>
}

/**
 * How a transformation was made, as plain data that survives JSON: to be saved beside a checkpoint, compared, or read.
 *
 *     describe(f(a, b))  =  ['f', describe(a), describe(b)]
 *
 * A call is an array that begins with a name; what it was given stands after it, as it was given. Objects, numbers, texts and
 * flags are themselves. What else there is has a word of its own, so that every array that begins with a text is a call:
 *
 *     ['array', 'a', 'b']          an array that begins with a text
 *     ['number', 'Infinity']       what JSON has no number for: NaN, Infinity, -Infinity and -0
 *     ['undefined']                an argument that was left out before others
 *     ['Float32Array', 1, 2]       a typed array
 *     ['function', 'isKernel']     a function of yours, by the name you gave it
 *
 * Laws: what `fromDescription` makes of it, also after JSON, gives the same bits and has the same description.
 *
 * @example
 * const schedule = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 100 })
 * describe(chain(clip(1), adamw(schedule, { b1: 0.8 })))
 * // => ['chain', ['clip', 1], ['adamw', ['linearSchedule', { initValue: 0.1, endValue: 0, transitionSteps: 100 }], { b1: 0.8 }]]
 *
 * @example
 * const half = (step: number) => 0.5 / (1 + step)
 * describe(sgd(half)) // => throws InvalidOption: describe: sgd[0] is a function; …
 * describe(sgd(half), { functions: { half } }) // => ['sgd', ['function', 'half'], {}]
 *
 * @throws InvalidOption for a transformation without an origin, for a function without a name, and for what JSON cannot say.
 * @see fromDescription, withOrigin
 */
export const describe = (tx: AnyGradientTransformation, options: DescribeOptions = {}): Description => {
  const { functions } = withDefaults<Required<DescribeOptions>>('describe', options, { functions: {} })
  check('describe', { functions }, { what: 'an object', holds: isContainer })
  definitionOf('describe', tx)
  const names = new Map(Object.entries(functions).map(([name, value]) => [value, name]))
  let left = MOST_VALUES
  const count = (values: number): void => {
    left -= values
    if (left < 0) throw new InvalidOption(`describe: it holds more than ${MOST_VALUES} values`)
  }

  const call = (origin: Origin, place: string, depth: number): Description => {
    const [name, ...given] = origin
    return [name, ...given.map((value, i) => written(value, `${place}${name}[${i}]`, depth))]
  }

  const written = (value: unknown, at: string, depth: number): Described => {
    if (depth > DEEPEST) throw new InvalidOption(`describe: it is nested deeper than ${DEEPEST} levels`)
    count(1)
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
    if (value === undefined) return ['undefined']
    if (typeof value === 'number') return numeral(value)
    const name = names.get(value)
    if (name !== undefined) return ['function', name]
    const origin = originIn(value)
    if (origin !== undefined) return call(origin, `${at}.`, depth + 1)
    if (partsOf(value).every(isUnsaid)) {
      throw new InvalidOption(`describe: ${at} does not say how it was made; ${REMEDY}`)
    }
    if (typeof value === 'function') {
      throw new InvalidOption(
        `describe: ${at} is a function; give it a name: describe(tx, { functions: { name: function } })`
      )
    }
    if (Array.isArray(value)) {
      const items = value.map((item, i) => written(item, `${at}[${i}]`, depth + 1))
      return typeof items[0] === 'string' ? ['array', ...items] : items
    }
    const numbers = numbersOf(value)
    if (numbers !== undefined) {
      count(numbers.length)
      return [numbers[Symbol.toStringTag], ...Array.from(numbers, numeral)]
    }
    return fields(value, at, depth)
  }

  const isUnsaid = (part: unknown): boolean =>
    typeof part === 'function' && !names.has(part) && originOf(part) === undefined

  const fields = (value: unknown, at: string, depth: number): Described => {
    const prototype: unknown = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined
    if (prototype !== null && prototype !== Object.prototype) {
      throw new InvalidOption(`describe: ${at} must be something that JSON can say, got ${show(value)}`)
    }
    const entries = Object.entries(value as object).filter(([, field]) => field !== undefined)
    if (entries.some(([key]) => key === '__proto__')) {
      throw new InvalidOption(`describe: ${at} has a key __proto__, which is refused`)
    }
    return Object.fromEntries(entries.map(([key, field]) => [key, written(field, `${at}.${key}`, depth + 1)]))
  }

  const named = names.get(tx)
  if (named !== undefined) return ['function', named]
  const origin = originIn(tx)
  if (origin === undefined) {
    throw new InvalidOption(`describe: the transformation does not say how it was made; ${REMEDY}`)
  }
  return call(origin, '', 0)
}

/** How far a description may be nested, and how much it may hold. */
const DEEPEST = 500
const MOST_VALUES = 1_000_000

const numeral = (x: number): Described => (Number.isFinite(x) && !Object.is(x, -0) ? x : ['number', show(x)])

const REMEDY = 'give its definition an origin, or it a name: describe(tx, { functions: { mine: … } })'

/** What a transformation is made of. */
const partsOf = (value: unknown): readonly unknown[] => {
  const { init, update } = Object(value) as Readonly<Record<string, unknown>>
  return [init, update]
}

/** The origin of a function, or of what is made of functions: a transformation, a measure. */
const originIn = (value: unknown): Origin | undefined => {
  if (typeof value === 'function') return originOf(value)
  if (typeof value !== 'object' || value === null) return undefined
  const { init, update, measure } = value as Readonly<Record<string, unknown>>
  return typeof init === 'function' && originOf(init) === undefined
    ? (originOf(update) ?? originOf(measure))
    : undefined
}

type Numbers =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array

const numbersOf = (value: unknown): Numbers | undefined =>
  ArrayBuffer.isView(value) && !(value instanceof DataView) && !/^Big/.test((value as Numbers)[Symbol.toStringTag])
    ? (value as Numbers)
    : undefined
