import { type Expr, InvalidTree, type Leaf, type Operand, opaque, shapeOf, show, type Tree } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'

/** How many examples a batch has along the first axis of all its leaves. */
export const examplesIn = (owner: string, batch: Tree): number => {
  let count: number | undefined
  tree.mapWithPath((path: string, x: Operand) => {
    const shape = shapeOf(x)
    const place = `${owner}: batch${path}`
    if (shape.length === 0) throw new InvalidTree(`${place} must have an axis of examples, got a number`)
    count ??= shape[0] as number
    if (shape[0] !== count) throw new InvalidTree(`${place} has ${shape[0]} examples, the first has ${show(count)}`)
  }, batch)
  return count ?? 0
}

/** The examples of an array in another order. */
export const permuted = (x: Operand, order: Uint32Array): Expr => {
  const inverse = new Uint32Array(order.length)
  order.forEach((from, to) => {
    inverse[from] = to
  })
  return opaque(
    ({ data }) => {
      const length = order.length === 0 ? 0 : data.length / order.length
      const out = data.slice() as Exclude<Leaf, number> & typeof data
      order.forEach((from, to) => out.set(data.subarray(from * length, (from + 1) * length), to * length))
      return out
    },
    [x],
    { like: x },
    { vjp: (cotangent) => [permuted(cotangent, inverse)] }
  )
}
