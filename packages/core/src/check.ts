import { InvalidOption, show } from './errors.js'

/** What an option must be: words that end the sentence "must be …", and the test for it. */
export interface Requirement {
  readonly what: string
  readonly holds: (value: unknown) => boolean
}

const number = (what: string, holds: (x: number) => boolean): Requirement => ({
  what,
  holds: (value) => typeof value === 'number' && holds(value)
})

/** A number that is neither NaN nor infinite. */
export const finite: Requirement = /* @__PURE__ */ number('a finite number', (x) => Number.isFinite(x))
/** A finite number above 0. */
export const positive: Requirement = /* @__PURE__ */ number('a finite number > 0', (x) => x > 0 && x < Infinity)
/** A finite number of at least 0. */
export const nonNegative: Requirement = /* @__PURE__ */ number('a finite number ≥ 0', (x) => x >= 0 && x < Infinity)
/** A number in `[0, 1)`: a decay rate. */
export const inUnitInterval: Requirement = /* @__PURE__ */ number('in [0, 1)', (x) => x >= 0 && x < 1)
/** A number in `[0, 1]`: a share. */
export const inClosedUnitInterval: Requirement = /* @__PURE__ */ number('in [0, 1]', (x) => x >= 0 && x <= 1)
/** A number in `(0, 1]`: a factor that may be applied again and again without end. */
export const inPositiveUnitInterval: Requirement = /* @__PURE__ */ number('in (0, 1]', (x) => x > 0 && x <= 1)
/** A number of any kind: NaN is one, as numerical trouble is data. */
export const aNumber: Requirement = /* @__PURE__ */ number('a number', () => true)
/** A whole number of at least 1. */
export const positiveInteger: Requirement = /* @__PURE__ */ number(
  'a whole number ≥ 1',
  (x) => Number.isSafeInteger(x) && x >= 1
)
/** A whole number of at least 0. */
export const nonNegativeInteger: Requirement = /* @__PURE__ */ number(
  'a whole number ≥ 0',
  (x) => Number.isSafeInteger(x) && x >= 0
)
/** `true` or `false`. */
export const boolean: Requirement = { what: 'true or false', holds: (value) => typeof value === 'boolean' }
/** A function. */
export const callable: Requirement = { what: 'a function', holds: (value) => typeof value === 'function' }

/**
 * One of the given values.
 *
 * @example
 * check('lion', { mode: 'sum' }, oneOf('mean', 'max')) // => throws InvalidOption: lion: mode must be one of "mean", "max", got "sum"
 */
export const oneOf = (...values: readonly unknown[]): Requirement => ({
  what: `one of ${values.map(show).join(', ')}`,
  holds: (value) => values.includes(value)
})

/**
 * What `inner` asks for, or a function of the step.
 *
 * @example
 * orSchedule(positive).holds((step: number) => 1 / (1 + step)) // => true
 * check('sgd', { rate: 0 }, orSchedule(positive)) // => throws InvalidOption: sgd: rate must be a finite number > 0 or a schedule, got 0
 */
export const orSchedule = (inner: Requirement): Requirement => ({
  what: `${inner.what} or a schedule`,
  holds: (value) => typeof value === 'function' || inner.holds(value)
})

/**
 * What `inner` asks for, or `undefined`.
 *
 * @example
 * optional(positive).holds(undefined) // => true
 * optional(positive).holds(0) // => false
 */
export const optional = (inner: Requirement): Requirement => ({
  what: inner.what,
  holds: (value) => value === undefined || inner.holds(value)
})

/**
 * What `inner` asks for, or `null`, which stands for "without".
 *
 * @example
 * orNull(positive).holds(null) // => true
 * check('scaleBySophia', { clipThreshold: 0 }, orNull(positive)) // => throws InvalidOption: scaleBySophia: clipThreshold must be a finite number > 0 or null, got 0
 */
export const orNull = (inner: Requirement): Requirement => ({
  what: `${inner.what} or null`,
  holds: (value) => value === null || inner.holds(value)
})

/**
 * Refuses options that are out of range.
 *
 * @example
 * check('scaleByAdam', { b1: 0.9, b2: 0.999 }, inUnitInterval) // => undefined
 * check('scaleByAdam', { b1: 0.9, b2: 1 }, inUnitInterval) // => throws InvalidOption: scaleByAdam: b2 must be in [0, 1), got 1
 *
 * @throws InvalidOption worded `owner: name must be <what>, got <value>`.
 */
export const check = (owner: string, options: Readonly<Record<string, unknown>>, requirement: Requirement): void => {
  for (const name of Object.keys(options)) {
    if (!requirement.holds(options[name])) {
      throw new InvalidOption(`${owner}: ${shown(name)} must be ${requirement.what}, got ${show(options[name])}`)
    }
  }
}

/** A name, which users may have chosen: in quotes where it would not be seen as one. */
const shown = (name: string): string => (/^$|^\s|\s$|\n/.test(name) ? show(name) : name)

/** The options as a user writes them: every field may be left out or be `undefined`. */
type Given<D> = { readonly [K in keyof D]?: D[K] | undefined }

/** Stands as the default of an option that has none: left out, the option is `undefined` and its check refuses it. */
export const required = undefined as never

/**
 * The given options over their defaults; an option that is not among the defaults is refused by name.
 *
 * @example
 * const { b1, b2 } = withDefaults('scaleByAdam', { b1: 0.8 }, { b1: 0.9, b2: 0.999 })
 * b1 // => 0.8
 * b2 // => 0.999
 *
 * @throws InvalidOption for a name that is not among the defaults, or when `given` is no object.
 */
export const withDefaults = <D extends object>(owner: string, given: Given<D>, defaults: D): D => {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    throw new InvalidOption(`${owner}: options must be an object, got ${show(given)}`)
  }
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(defaults, name)) {
      throw new InvalidOption(
        `${owner}: there is no option ${shown(name)}; there are ${Object.keys(defaults).join(', ')}`
      )
    }
  }
  const chosen = { ...defaults }
  for (const name of Object.keys(defaults) as (keyof D)[]) {
    const value = given[name]
    if (value !== undefined) chosen[name] = value
  }
  return chosen
}
