import { Kind, widened } from '../array/dtype.js'
import { Expr, type Operand } from '../expression/expr.js'
import { castLike, equal, isFinite, lift, sub, type Value, where } from '../expression/operations.js'
import { map } from '../tree/tree.js'
import { keepWhole } from './rounded.js'
import type { Tree } from './types.js'

/**
 * The updates that bring params to where they are wanted, for those who write transformations: t − p.
 *
 * For 16-bit params p they are float32, and lead to exactly t, rounded once: no 16-bit update does that in general, since what
 * is near −p is as far apart as what is near p, and the numbers near 0 are closer (there is none from 1 to 0.001). An exponent
 * that shrinks by more than 15 in one step may still miss by a unit of float32 at p; {@link paramsAfter} says where params go. An
 * infinite param stays.
 *
 * Laws: where p and t are the same number, p stays to the bit; p + t − p, in float32 and rounded to the 16 bits of p, is t rounded
 * to 16 bits, when |t| ≥ 2⁻¹⁵ |p| or t = 0.
 *
 * @example
 * const toThousandth = stateless((_, params) => updatesTo(params, tree.fullLike(tree.widen(params), 0.001)))
 * const params = { w: ndarray([1, -3], [2], 'bfloat16') }
 * const [updates] = toThousandth.update(params, {}, params)
 * applyUpdates(params, updates) // => { w: { dtype: 'bfloat16', shape: [2], data: Uint16Array [14979, 14979] } }
 * ndarray([0.001], [1], 'bfloat16').data // => Uint16Array [14979]
 *
 * @throws InvalidTree with the path, where the two do not have the same structure and shapes.
 */
export const updatesTo = (params: Tree, targets: Tree): Tree =>
  map((p: Operand, t: Operand): Operand => updateTo(lift(p), lift(t)), params, targets)

const updateTo = (p: Value, target: Value): Value => {
  if (!(p instanceof Expr) || p.kind === Kind.Scalar || widened(p.kind) === p.kind) return sub(target, p)
  const t = castLike(target, p)
  // What −0 is added to stays what it is, −0 and +0 included; ∞ − ∞ would be NaN.
  return keepWhole(where(equal(t, p), -0, where(isFinite(p), sub(t, p), -0)))
}
