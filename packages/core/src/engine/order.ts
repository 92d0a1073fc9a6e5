import { Kind } from '../array/dtype.js'
import { LazyValue } from '../errors.js'
import { Expr } from '../expression/expr.js'
import { Op } from '../expression/op.js'

let passes = 0

/** A number no earlier pass had, to mark nodes with. */
export const newPass = (): number => ++passes

const stack: Expr[] = []

/**
 * The pending nodes under the roots, operands before what uses them, each once. Iterative, so that a graph may be as deep
 * as memory allows.
 */
export const pendingOrder = (roots: readonly Expr[]): Expr[] => {
  const pass = newPass()
  const order: Expr[] = []
  for (const root of roots) {
    if (root.op === Op.Leaf || root.mark === pass) continue
    stack.push(root)
    while (stack.length > 0) {
      const node = stack[stack.length - 1] as Expr
      if (node.mark === pass) {
        stack.pop()
        continue
      }
      const before = stack.length
      const { a, b, c, more } = node
      if (more !== null) for (let i = more.length - 1; i >= 0; i--) offer(more[i] as Expr, pass)
      if (c instanceof Expr) offer(c, pass)
      if (b instanceof Expr) offer(b, pass)
      if (a instanceof Expr) offer(a, pass)
      if (stack.length === before) {
        stack.pop()
        node.mark = pass
        order.push(node)
      }
    }
  }
  return order
}

const offer = (child: Expr, pass: number): void => {
  if (child.op === Op.Leaf) {
    if (child.data !== null || child.kind === Kind.Scalar) return
    stack.length = 0
    throw new LazyValue(
      'an expression belongs to the call of init or update that made it: what is needed later must be in the state'
    )
  }
  if (child.mark !== pass) stack.push(child)
}
