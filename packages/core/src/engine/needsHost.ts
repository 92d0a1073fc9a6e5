import { LazyValue } from '../errors.js'
import type { Expr } from '../expression/expr.js'

/** What is thrown where the inside of a transformation wants on the host what lies on a device: by `inPlace`, for whoever reads it back. */
export class NeedsHost extends Error {
  /** The nodes whose values are wanted. */
  readonly roots: readonly Expr[]

  constructor(what: string, roots: readonly Expr[]) {
    super(what)
    this.roots = roots
  }
}

const places = /* @__PURE__ */ new WeakMap<object, string>()

/** Notes that an error came out of a part of a transformation, where it says that something is not on the host; the error. */
export const cameFrom = (error: unknown, part: string): unknown => {
  if (error instanceof NeedsHost || error instanceof LazyValue) {
    const inner = places.get(error)
    places.set(error, inner === undefined ? part : `${part} › ${inner}`)
  }
  return error
}

/** Out of which part of a transformation an error came: `chain[1] › applyIfFinite`; `undefined` where that is not known. */
export const placeOf = (error: object): string | undefined => places.get(error)
