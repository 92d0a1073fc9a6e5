import { callable, check } from '../check.js'
import { InvalidOption, show } from '../errors.js'
import { Expr } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import type { Value } from '../expression/operations.js'
import { isContainer } from '../tree/tree.js'
import { isRecording, isStandIn } from './recording.js'
import { apartFrom } from './segment.js'

/**
 * The same function, for losses that do not fit memory when they are differentiated: what it stores on the way to its result is not
 * kept for the backward pass, but computed again there. JAX calls it `jax.checkpoint`, or `jax.remat`.
 *
 * Between forward and backward pass a gradient keeps all that products, reductions and functions of a user were computed from: of n layers n activations. With
 * the layers in segments of k, each of them such a function, n / k activations are kept at the borders, and while one segment is computed again,
 * k within it: for k = √n it is 2 √n, for one more forward pass.
 *
 * The function gives one array or one number. What it is handed, however deep in its arguments, is where it begins; params that it takes from around it
 * are found. What is computed outside of it and only taken from there is computed again in it, too. Where nothing is being differentiated it
 * is the function.
 *
 * Laws: value and gradient are those of the function, bit for bit; only where a param is used more than once within it, and elsewhere, too, and in
 * derivatives of derivatives, sums may be added up in another order. It can be nested.
 *
 * @example
 * const layer = (x: Operand, w: Operand) => tanh(matmul(x, w))
 * const deep = (w: Operand, x: Operand) => sum([0, 1, 2, 3].reduce<Operand>((h) => remat(layer)(h, w), x))
 * const x = ndarray([1, 0], [1, 2])
 * grad(deep)(ndarray([0, 1, -1, 0], [2, 2]), x).data // => Float32Array [-1.64…, 0.445…, -0.641…, -1.32…]
 *
 * @throws InvalidOption when f is no function, or gives anything but one expression or number.
 * @see Chen, Xu, Zhang and Guestrin (2016), Training deep nets with sublinear memory cost, {@link https://arxiv.org/abs/1604.06174}
 * @see valueAndGrad
 */
export const remat = <Given extends readonly unknown[]>(
  f: (...given: Given) => Value
): ((...given: Given) => Value) => {
  check('remat', { f }, callable)
  return (...given) => {
    const result = f(...given)
    if (typeof result === 'number') return result
    if (!(result instanceof Expr)) {
      throw new InvalidOption(`remat: f must give one expression or number, got ${show(result)}`)
    }
    if (!isRecording()) return result
    const handed = nodesIn(given)
    const isInput = (node: Expr): boolean => node.op === Op.Leaf || handed.has(node) || isStandIn(node)
    return isInput(result) ? result : apartFrom(result, isInput)
  }
}

/** The expressions in arguments. */
const nodesIn = (given: readonly unknown[]): ReadonlySet<Expr> => {
  const found = new Set<Expr>()
  const stack: unknown[] = [...given]
  while (stack.length > 0) {
    const one = stack.pop()
    if (one instanceof Expr) found.add(one)
    else if (isContainer(one)) stack.push(...Object.values(one))
  }
  return found
}
