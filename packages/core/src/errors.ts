/** What went wrong, as a tag to branch on. */
export type ErrorTag = 'InvalidOption' | 'InvalidTree' | 'InvalidState' | 'LazyValue'

/** An error of this toolkit: one sentence that names the owner, what was wanted and what came. */
export abstract class GradchainError extends Error {
  /** The kind of misuse. */
  abstract readonly _tag: ErrorTag

  constructor(message: string) {
    super(message)
    this.name = new.target.name
  }
}

/** A hyperparameter or an argument outside its range or of the wrong kind. */
export class InvalidOption extends GradchainError {
  readonly _tag = 'InvalidOption'
}

/** A tree that is malformed, or trees that do not fit each other; the message holds the path. */
export class InvalidTree extends GradchainError {
  readonly _tag = 'InvalidTree'
}

/** A state that was not made by the transformation it is given to. */
export class InvalidState extends GradchainError {
  readonly _tag = 'InvalidState'
}

/** A lazy expression used where a value is needed. */
export class LazyValue extends GradchainError {
  readonly _tag = 'LazyValue'
}

/** How a value reads in an error message. */
export const show = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value)
  if (Object.is(value, -0)) return '-0'
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? 'a function' : String(value)
  if (Array.isArray(value)) return value.length > 8 ? `an array of ${value.length}` : `[${value.map(show).join(', ')}]`
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`
  const name = Object.getPrototypeOf(value)?.constructor?.name
  return name && name !== 'Object' ? `a ${name}` : 'an object'
}
