import { allocate } from '../../array/dtype.js'
import type { NdArray } from '../../array/ndarray.js'
import { type Method, type Permutation, shapeOf } from '../expr.js'
import { gather, strides } from './offsets.js'

/** How many elements of rows and columns are exchanged at a time, so that both stay in the first-level cache. */
const PATCH = 16

/** The way in which axes change places. */
export const permuting: Method = {
  compute: (node, operands) => {
    const { data: source, shape: from } = operands[0] as NdArray
    const { order } = node.detail as Permutation
    const out = allocate(node.kind, node.size)
    const given = strides(from)
    const rank = order.length
    const isSwap = order.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i))
    if (rank < 2 || !isSwap) {
      gather(
        source,
        out,
        shapeOf(node),
        order.map((axis) => given[axis] as number)
      )
      return out
    }
    const [rows, columns] = from.slice(-2) as [number, number]
    for (let at = 0; at < node.size; at += rows * columns) {
      for (let i0 = 0; i0 < rows; i0 += PATCH) {
        for (let j0 = 0; j0 < columns; j0 += PATCH) {
          for (let j = j0; j < Math.min(j0 + PATCH, columns); j++) {
            for (let i = i0; i < Math.min(i0 + PATCH, rows); i++)
              out[at + j * rows + i] = source[at + i * columns + j] as number
          }
        }
      }
    }
    return out
  }
}
