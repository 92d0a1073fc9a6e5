import { allocate, kindOf } from '../../array/dtype.js'
import { decode, encode, roundTo } from '../../array/half.js'
import type { NdArray } from '../../array/ndarray.js'
import { type AxisReduction, type Method, shapeOf } from '../expr.js'
import { Op } from '../op.js'
import { maximumOf, minimumOf, sumOf } from '../sum.js'
import { eachOffset, strides } from './offsets.js'

/** The way in which elements are reduced along axes. */
export const reducingAxes: Method = {
  compute: (node, operands) => {
    const { data: source, shape, dtype } = operands[0] as NdArray
    const { op, axes } = node.detail as AxisReduction
    const outer = shapeOf(node)
    const inner = shape.map((length, axis) => (axes.includes(axis) ? length : 1))
    const steps = strides(shape)
    const count = inner.reduce((n, length) => n * length, 1)
    const within = new Float64Array(count)
    eachOffset(inner, steps, (place, offset) => {
      within[place] = offset
    })
    const fold = op === Op.Sum ? sumOf : op === Op.MinOf ? minimumOf : maximumOf
    const { kind } = node
    const from = kindOf(dtype)
    const out = allocate(kind, node.size)
    eachOffset(outer, steps, (place, base) => {
      const element = (i: number): number => decode(from, source[base + (within[i] as number)] as number)
      out[place] = encode(kind, roundTo(kind, fold(element, count)))
    })
    return out
  }
}
