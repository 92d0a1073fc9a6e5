import { isNdArray } from '../array/ndarray.js'
import { callable, check } from '../check.js'
import { InvalidOption, show } from '../errors.js'
import { Expr } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import type { Value } from '../expression/operations.js'
import { isContainer, walk } from '../tree/tree.js'
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
 * The function gives any tree of arrays and numbers. What it is handed, however deep in its arguments, is where it begins; params that it takes from around it
 * are found. What is computed outside of it and only taken from there is computed again in it, too. Of several results those that nobody asks for
 * are not computed; the others are computed together, forward and back. Where nothing is being differentiated it is the function.
 *
 * What is drawn at random is drawn when f runs, once, and is the same when it is computed again; it is kept, though, as every array is that was
 * there before. What an `opaque` function draws from a key is computed again, and not kept.
 *
 * Laws: value and gradient are those of the function, bit for bit; only where a param or a result is used more than once within it, and elsewhere,
 * too, and in derivatives of derivatives, sums may be added up in another order. It can be nested.
 *
 * @example
 * const layer = (x: Operand, w: Operand) => tanh(matmul(x, w))
 * const deep = (w: Operand, x: Operand) => sum([0, 1, 2, 3].reduce<Operand>((h) => remat(layer)(h, w), x))
 * const x = ndarray([1, 0], [1, 2])
 * grad(deep)(ndarray([0, 1, -1, 0], [2, 2]), x).data // => Float32Array [-1.64…, 0.445…, -0.641…, -1.32…]
 *
 * const block = remat(({ h, norms }: { h: Operand; norms: readonly Operand[] }) => ({ h: tanh(h), norms: [...norms, sumSquares(h)] }))
 * const penalized = (w: Operand) => {
 *   const { h, norms } = block(block({ h: w, norms: [] }))
 *   return add(sum(h), norms.reduce<Operand>(add, 0))
 * }
 * grad(penalized)(new Float64Array([0, 1])) // => Float64Array [1, 2.886…]
 *
 * @throws InvalidOption when f is no function, or gives what is no tree of expressions, arrays and numbers.
 * @see Chen, Xu, Zhang and Guestrin (2016), Training deep nets with sublinear memory cost, {@link https://arxiv.org/abs/1604.06174}
 * @see valueAndGrad
 */
export const remat = <Given extends readonly unknown[], R>(f: (...given: Given) => R): ((...given: Given) => R) => {
  check('remat', { f }, callable)
  return (...given) => {
    const results = f(...given)
    if (!isRecording()) return results
    const found = new Set<Expr>()
    walk('remat', ['results'], [results], ([leaf], path) => {
      if (leaf instanceof Expr) found.add(leaf)
      else if (!isKnown(leaf)) {
        throw new InvalidOption(
          `remat: results${path()} of f must be an expression, an array or a number, got ${show(leaf)}`
        )
      }
    })
    const handed = nodesIn(given)
    const nodes = [...found]
    const apart = apartFrom(nodes, (node) => node.op === Op.Leaf || handed.has(node) || isStandIn(node))
    const instead = new Map<unknown, Value>(nodes.map((node, i) => [node, apart[i] as Value]))
    return walk('remat', ['results'], [results], ([leaf]) => instead.get(leaf) ?? leaf) as R
  }
}

/** Whether it is what it is, whatever else is computed: no expression can be within it. */
const isKnown = (leaf: unknown): boolean =>
  ArrayBuffer.isView(leaf) || (typeof leaf === 'object' ? leaf === null || isNdArray(leaf) : typeof leaf !== 'function')

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
