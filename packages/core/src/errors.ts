/** What went wrong, as a tag to branch on. */
export type ErrorTag =
  | 'InvalidOption'
  | 'InvalidTree'
  | 'InvalidState'
  | 'LazyValue'
  | 'NotFinite'
  | 'CheckpointError'
  | 'CommunicationError'

/**
 * An error of this toolkit: one sentence that names the owner, what was wanted and what came.
 *
 * @example
 * try {
 *   globalNorm({ w: [1, 'two'] } as never)
 * } catch (error) {
 *   error instanceof GradchainError && error._tag // => 'InvalidTree'
 *   error instanceof Error && error.message // => 'globalNorm: tree.w[1] is "two"; a leaf must be …'
 * }
 */
export abstract class GradchainError extends Error {
  /** The kind of misuse. */
  abstract readonly _tag: ErrorTag

  // Not the name of the class, which bundlers shorten.
  override get name(): ErrorTag {
    return this._tag
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

/** Numbers that are not finite, for those who asked to be told by an error: elsewhere they are data. */
export class NotFinite extends GradchainError {
  readonly _tag = 'NotFinite'
}

/**
 * How a value reads in an error message: short, and without looking far into it.
 *
 * @example
 * show('sgd') // => '"sgd"'
 * show([1, -0, [2]]) // => '[1, -0, an array of 1]'
 * show(new Int32Array(2)) // => 'an Int32Array'
 */
export const show = (value: unknown): string => {
  if (!Array.isArray(value) || value.length > 8) return showItem(value)
  return `[${value.map(showItem).join(', ')}]`
}

/** What stands, under this name, for a leaf of a tree says here which one it stands for, such as `a Float32Array`. */
export const LEAF = '@@leaf'

/**
 * How a part of a tree reads in an error message: {@link show}, but for what stands for a leaf.
 *
 * @example
 * showLeaf({ [LEAF]: 'a Float32Array' }) // => 'a Float32Array'
 */
export const showLeaf = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return show(value)
  const { [LEAF]: stands, kind } = value as { readonly [LEAF]?: string; readonly kind?: unknown }
  return kind === 'sparseRows' ? 'sparse rows (see `sparseRows`)' : (stands ?? show(value))
}

const showItem = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (Object.is(value, -0)) return '-0'
  if (value === null || typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  const { dtype, shape, data } = value as {
    readonly dtype?: unknown
    readonly shape?: unknown
    readonly data?: unknown
  }
  if (typeof dtype === 'string' && Array.isArray(shape) && ArrayBuffer.isView(data)) return 'an NdArray'
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name
  return typeof name !== 'string' || name === '' || name === 'Object'
    ? 'an object'
    : `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`
}
