import { flawOf } from '../../array/ndarray.js'
import { InvalidOption } from '../../errors.js'
import { type Call, type Method, shapeOf } from '../expr.js'

/** The way in which users' functions are called. */
export const calling: Method = {
  compute: (node, operands) => {
    const data = (node.detail as Call).f(...operands)
    const flaw = flawOf({ dtype: node.dtype, shape: shapeOf(node), data })
    if (flaw !== undefined) throw new InvalidOption(`opaque: the result of the function ${flaw}`)
    return operands.some((array) => array.data.buffer === data.buffer) ? data.slice() : data
  }
}
