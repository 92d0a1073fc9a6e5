import type { Monoid } from 'fp-ts/lib/Monoid.js'
import { chain } from './chain.js'
import { identity } from './identity.js'
import type { AnyGradientTransformation } from './types.js'

/**
 * Transformations under {@link chain}, with {@link identity} as the unit: what fp-ts needs to fold a list of them whose
 * length is not known beforehand. The type of the state is lost on the way; `chain` keeps it.
 *
 * @example
 * import { concatAll } from 'fp-ts/lib/Monoid.js'
 *
 * const tx = concatAll(monoidChain)([scale(0.5), scale(0.5), scale(-1)])
 * typeof tx.update // => 'function'
 */
export const monoidChain: Monoid<AnyGradientTransformation> = {
  concat: (x, y) => chain(x, y),
  empty: /* @__PURE__ */ identity()
}
