import { Kind, widened } from '../array/dtype.js'
import { Expr, type Operand } from '../expression/expr.js'
import { castTo } from '../expression/operations/arrays.js'
import { castLike, lift, type Value } from '../expression/operations.js'
import { asked, isWatched } from '../watch.js'

/** Updates that are float32 for 16-bit params, too: rounded, they would miss what they are made to reach. */
const whole = new WeakSet<Expr>()

/** Says that an update is not to be rounded to 16 bits. */
export const keepWhole = (update: Value): Value => {
  // What is known of a group's stand-in is not known of its leaves.
  if (isWatched()) asked()
  if (update instanceof Expr) whole.add(update)
  return update
}

/** An update in the dtype of what it belongs to, as the edge hands it out. */
export const roundedLike = (update: Operand, like: Operand): Value => {
  const u = lift(update)
  if (!(u instanceof Expr) || !whole.has(u)) return castLike(u, like)
  const other = lift(like)
  return other instanceof Expr && other.kind !== Kind.Scalar ? castTo(widened(other.kind), u) : u
}
