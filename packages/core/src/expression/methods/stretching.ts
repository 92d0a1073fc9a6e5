import { allocate } from '../../array/dtype.js'
import type { NdArray } from '../../array/ndarray.js'
import { shapeOf, type Whole } from '../expr.js'
import { gather, strides } from './offsets.js'

/** What a node that stretches axes of length 1 brings along: nothing but the way. */
export const STRETCHING: Whole = {
  method: {
    compute: (node, operands) => {
      const { data: source, shape: from } = operands[0] as NdArray
      const out = allocate(node.kind, node.size)
      gather(
        source,
        out,
        shapeOf(node),
        strides(from, (axis) => from[axis] === 1)
      )
      return out
    }
  }
}
