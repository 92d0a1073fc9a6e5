import { Kind, widened } from '../array/dtype.js'
import { Expr, type Operand } from '../expression/expr.js'
import { castTo } from '../expression/operations/arrays.js'
import { castLike, lift, type Value } from '../expression/operations.js'
import { asked, isWatched } from '../watch.js'

/** Updates that are float32 for 16-bit params, too: rounded, they would miss what they are made to reach. */
const whole = new WeakSet<Expr>()

/**
 * Says that an update is not to be rounded to 16 bits, as those of {@link updatesTo} are not: for who puts another expression in the place of one, as
 * what comes from another process is.
 *
 * @example
 * import { isWhole, keepWhole } from '@gradchain/core/engine'
 *
 * const reaching = keepWhole(neg(new Float32Array([1])))
 * isWhole(reaching) // => true
 */
export const keepWhole = (update: Operand): Value => {
  // What is known of a group's stand-in is not known of its leaves.
  if (isWatched()) asked()
  const u = lift(update)
  if (u instanceof Expr) whole.add(u)
  return u
}

/**
 * Whether an update of 16-bit params is float32 for good, and not rounded to 16 bits where it leaves the transformation.
 *
 * @example
 * import { isWhole } from '@gradchain/core/engine'
 *
 * isWhole(neg(new Float32Array([1]))) // => false
 */
export const isWhole = (update: Operand): boolean => update instanceof Expr && whole.has(update)

/** An update in the dtype of what it belongs to, as the edge hands it out. */
export const roundedLike = (update: Operand, like: Operand): Value => {
  const u = lift(update)
  if (!(u instanceof Expr) || !whole.has(u)) return castLike(u, like)
  const other = lift(like)
  return other instanceof Expr && other.kind !== Kind.Scalar ? castTo(widened(other.kind), u) : u
}
