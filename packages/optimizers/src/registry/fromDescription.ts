import {
  chain,
  check,
  GradchainError,
  type GradientTransformation,
  InvalidOption,
  identity,
  lazyRows,
  namedChain,
  type Requirement,
  show,
  stateless,
  withDefaults
} from '@gradchain/core'
import * as schedules from '@gradchain/schedules'
import * as transforms from '@gradchain/transforms'
import { nearest } from './internal/nearest.js'
import { optimizers } from './optimizers.js'

/** Options of {@link fromDescription}. */
export interface FromDescriptionOptions {
  /** Functions of your own by the names that they have in the description, as `describe` was given them. @defaultValue `{}` */
  readonly functions?: Readonly<Record<string, unknown>>
  /**
   * Factories besides those of `gradchain`: your own, or all of a package such as `@gradchain/matrix`. A namespace among them holds
   * those whose names begin with its own and a dot. @defaultValue `{}`
   */
  readonly factories?: Readonly<Record<string, unknown>>
}

/**
 * The transformation of a description: calls what `describe` wrote down.
 *
 *     fromDescription(['f', a, b])  =  f(fromDescription(a), fromDescription(b))
 *
 * A name is looked up among the factories that this package knows and those it is given, and nowhere else; nothing of a
 * description is run as code. What comes from a file is checked as it is: a name that does not exist, an option that a factory
 * does not have, a value outside its range or what no description holds is refused, with its place.
 *
 * Whoever imports it carries all factories; `describe` carries none.
 *
 * What type the state has is not known before the description is read, so it is `unknown`, and what `update` needs beyond the
 * params is not asked for: a part that needs the loss says so when it runs.
 *
 * Laws: `describe` gives the description back; the transformation gives the bits of the one that was described.
 *
 * @param description - what `describe` gave, or JSON of it, parsed; or one written by hand.
 *
 * @example
 * const saved = JSON.stringify(describe(chain(clip(1), sgd(0.5, { momentum: 0.9 }))))
 * saved // => '["chain",["clip",1],["sgd",0.5,{"momentum":0.9}]]'
 * const tx = fromDescription(JSON.parse(saved))
 * const params = { w: 4 }
 * step(tx, { w: 3 }, tx.init(params), params)[0] // => { w: 3.5 }
 *
 * @example
 * fromDescription(['adamW', 0.1]) // => throws InvalidOption: fromDescription: description[0] must be the name of a factory, got "adamW"; did you mean "adamw"?
 * fromDescription(['adam', 0.1, { b1: 2 }]) // => throws InvalidOption: scaleByAdam: b1 must be in [0, 1), got 2; at description
 *
 * @throws InvalidOption for what is no description, for names that there are not, and what the factories throw.
 * @see describe, createOptimizer
 */
export const fromDescription = (
  description: unknown,
  options: FromDescriptionOptions = {}
): GradientTransformation<unknown> => {
  const { functions, factories } = withDefaults<Required<FromDescriptionOptions>>('fromDescription', options, {
    functions: {},
    factories: {}
  })
  check('fromDescription', { functions, factories }, anObject)
  const known = { ...builtIn(), ...factories }
  let left = MOST_VALUES

  const read = (value: unknown, at: string, depth: number): unknown => {
    if (depth > DEEPEST) throw refusal(`description is nested deeper than ${DEEPEST} levels`)
    left -= 1
    if (left < 0) throw refusal(`description holds more than ${MOST_VALUES} values`)
    if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') {
      return value
    }
    if (Array.isArray(value)) {
      const [name, ...rest]: readonly unknown[] = value
      if (typeof name === 'string') return call(name, rest, at, depth)
      return value.map((item, i) => read(item, `${at}[${i}]`, depth + 1))
    }
    if (!isPlain(value)) throw refusal(`${at} must be what JSON can say, got ${show(value)}`)
    if (Object.hasOwn(value, '__proto__')) throw refusal(`${at} has a key __proto__, which is refused`)
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => [key, read(field, `${at}.${key}`, depth + 1)])
    )
  }

  const call = (name: string, rest: readonly unknown[], at: string, depth: number): unknown => {
    if (name === 'function') return functionOf(rest, at)
    if (name === 'number') return numeral(rest, at)
    if (name === 'undefined' && rest.length === 0) return undefined
    const given = rest.map((item, i) => read(item, `${at}[${i + 1}]`, depth + 1))
    if (name === 'array') return given
    const numbers = typedArrays.find((constructor) => constructor.name === name)
    return numbers === undefined ? made(name, given, at) : arrayOf(numbers, given, at)
  }

  const made = (name: string, given: readonly unknown[], at: string): unknown => {
    const factory = inside(known, name)
    if (typeof factory !== 'function') throw unknownName(`${at}[0]`, name, known)
    const result = calledAt(at, name, () => (factory as Factory)(...given))
    // What a factory of yours makes may be anything.
    if (inside(factories, name) !== undefined || hasOrigin(result)) return result
    throw refusal(`${at} calls ${name}, which makes no part of a transformation`)
  }

  const functionOf = ([name, ...rest]: readonly unknown[], at: string): unknown => {
    if (typeof name !== 'string' || rest.length > 0) throw refusal(`${at} must be ["function", name]`)
    if (Object.hasOwn(functions, name)) return functions[name]
    if (Object.hasOwn(known, name) && isReference(known[name])) return known[name]
    throw refusal(
      `${at} is a function named ${show(name)}; give it: fromDescription(description, { functions: { ${name}: … } })`
    )
  }

  const tx = read(description, 'description', 0)
  if (!isTransformation(tx)) {
    throw refusal(`description must be the call that makes a transformation, got ${show(description)}`)
  }
  return tx
}

/** What there is besides a user's own. It is made when it is asked for: an object that is spread is no constant to a bundler. */
const builtIn = (): Readonly<Record<string, unknown>> => ({
  ...schedules,
  ...transforms,
  ...optimizers,
  chain,
  identity,
  lazyRows,
  namedChain,
  stateless
})

/** What stands under a name, or under names with dots between them in one object after the other. */
const inside = (known: object, name: string): unknown => {
  let found: unknown = known
  for (const part of name.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined
    found = (found as Readonly<Record<string, unknown>>)[part]
  }
  return found
}

type Factory = (...given: readonly unknown[]) => unknown

/** How far a description may be nested, and how much it may hold: what `describe` makes is within it. */
const DEEPEST = 500
const MOST_VALUES = 1_000_000

const anObject: Requirement = {
  what: 'an object',
  holds: (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
}

const refusal = (what: string, options?: ErrorOptions): InvalidOption =>
  new InvalidOption(`fromDescription: ${what}`, options)

const unknownName = (place: string, name: string, known: Readonly<Record<string, unknown>>): InvalidOption => {
  const names = Object.keys(known).filter((one) => typeof known[one] === 'function')
  const near = nearest(name, names)
  const hint = near === undefined ? `; there are ${names.join(', ')}` : `; did you mean ${show(near)}?`
  return refusal(`${place} must be the name of a factory, got ${show(name)}${hint}`)
}

/** What a factory makes; what it throws, with the place of its call. */
const calledAt = (at: string, name: string, make: () => unknown): unknown => {
  try {
    return make()
  } catch (cause) {
    if (cause instanceof GradchainError) throw new InvalidOption(`${cause.message}; at ${at}`, { cause })
    const message = cause instanceof Error ? cause.message : String(cause)
    throw refusal(`${at} calls ${name} with what it does not take (${message})`, { cause })
  }
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

const originOf = (value: unknown): unknown =>
  typeof value === 'function' ? (value as { readonly origin?: unknown }).origin : undefined

/** Whether something says how it was made: a transformation, a schedule, a mask, a measure. */
const hasOrigin = (value: unknown): boolean => {
  const { update, measure } = Object(value) as { readonly update?: unknown; readonly measure?: unknown }
  return [value, update, measure].some((part) => originOf(part) !== undefined)
}

/** Whether a function of this toolkit is given to others as it is, so that it stands in descriptions by its name. */
const isReference = (value: unknown): boolean => originOf(value) !== undefined

const isTransformation = (value: unknown): value is GradientTransformation<unknown> => {
  const { init, update } = Object(value) as { readonly init?: unknown; readonly update?: unknown }
  return typeof init === 'function' && typeof update === 'function'
}

const NUMERALS: ReadonlyMap<unknown, number> = /* @__PURE__ */ new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0]
])

const numeral = ([name, ...rest]: readonly unknown[], at: string): number => {
  const number = rest.length === 0 ? NUMERALS.get(name) : undefined
  if (number !== undefined) return number
  throw refusal(`${at} must be ["number", one of "NaN", "Infinity", "-Infinity", "-0"], got ${show(name)}`)
}

const typedArrays = [
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array
] as const

const arrayOf = (numbers: (typeof typedArrays)[number], given: readonly unknown[], at: string): unknown => {
  const wrong = given.findIndex((item) => typeof item !== 'number')
  if (wrong >= 0) throw refusal(`${at}[${wrong + 1}] must be a number, got ${show(given[wrong])}`)
  return numbers.from(given as readonly number[])
}
