import { Expr, finite, type Requirement } from '@gradchain/core'

/** Whether a value is an object with names, no array. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object with names. */
export const anObject: Requirement = { what: 'an object', holds: isObject }

/** A string. */
export const aString: Requirement = { what: 'a string', holds: (value) => typeof value === 'string' }

/** A finite number, or an expression that will be a number. */
export const finiteOrLazy: Requirement = {
  what: 'a finite number or a lazy scalar',
  holds: (value) => (value instanceof Expr ? value.isScalar : finite.holds(value))
}

/** A number in `(0, 1)`. */
export const inOpenUnitInterval: Requirement = {
  what: 'in (0, 1)',
  holds: (value) => typeof value === 'number' && value > 0 && value < 1
}
