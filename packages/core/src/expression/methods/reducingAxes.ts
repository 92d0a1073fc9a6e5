import { allocate, Kind, kindOf } from '../../array/dtype.js'
import { decode, encode, roundTo } from '../../array/half.js'
import type { NdArray } from '../../array/ndarray.js'
import { type AxisReduction, type Method, shapeOf } from '../expr.js'
import { Op } from '../op.js'
import { maximumOf, minimumOf, sumOf } from '../sum.js'
import { eachRun, strides } from './offsets.js'

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
    const step = steps[shape.length - 1] ?? 0
    eachRun(inner, steps, (place, offset, length) => {
      for (let i = 0; i < length; i++) within[place + i] = offset + i * step
    })
    const fold = op === Op.Sum ? sumOf : op === Op.MinOf ? minimumOf : maximumOf
    const { kind } = node
    const from = kindOf(dtype)
    const out = allocate(kind, node.size)
    let base = 0
    // One function for all elements, that it be compiled for what it meets.
    const isInRow = (within[count - 1] ?? -1) === count - 1
    const stored = isInRow
      ? (i: number): number => source[base + i] as number
      : (i: number): number => source[base + (within[i] as number)] as number
    const isWide = from === Kind.F32 || from === Kind.F64
    const element = isWide ? stored : (i: number): number => decode(from, stored(i))
    eachRun(outer, steps, (place, offset, length) => {
      for (let i = 0; i < length; i++) {
        base = offset + i * step
        out[place + i] = encode(kind, roundTo(kind, fold(element, count)))
      }
    })
    return out
  }
}
