import { allocate, type Data, kindOf } from '../array/dtype.js'
import { decode, encode, roundTo } from '../array/half.js'
import { flawOf, type NdArray } from '../array/ndarray.js'
import { InvalidOption } from '../errors.js'
import { type AxisReduction, type Expr, type OpaqueFunction, type Permutation, shapeOf } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import type { Product } from '../expression/product.js'
import { maximumOf, minimumOf, sumOf } from './sum.js'

/** The elements of a node that works on whole arrays, from those arrays; one implementation for all engines. */
export const runStandalone = (node: Expr, operands: readonly NdArray[]): Data => {
  if (node.op === Op.Opaque) return runOpaque(node, operands)
  if (node.op === Op.Matmul) {
    const product = node.detail as Product
    const [a, b] = operands as readonly [NdArray, NdArray]
    return product.method.compute(product, node.kind, a.data, b.data)
  }
  const operand = operands[0] as NdArray
  if (node.op === Op.Permute) return permute(operand, node)
  return node.op === Op.Broadcast ? stretch(operand, node) : reduceAlong(operand, node)
}

const runOpaque = (node: Expr, operands: readonly NdArray[]): Data => {
  const data = (node.detail as OpaqueFunction)(...operands)
  const flaw = flawOf({ dtype: node.dtype, shape: shapeOf(node), data })
  if (flaw !== undefined) throw new InvalidOption(`opaque: the result of the function ${flaw}`)
  return operands.some((array) => array.data.buffer === data.buffer) ? data.slice() : data
}

/** How far apart the elements along each axis lie; 0 along axes that are repeated or folded. */
const strides = (shape: readonly number[], flat: (axis: number) => boolean): number[] => {
  const steps: number[] = new Array(shape.length)
  let step = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    steps[axis] = flat(axis) ? 0 : step
    step *= shape[axis] as number
  }
  return steps
}

/** Calls back with each place of a shape, counted through, and the offset of that place under the given strides. */
const eachOffset = (
  shape: readonly number[],
  steps: readonly number[],
  visit: (place: number, offset: number) => void
): void => {
  const index = shape.map(() => 0)
  const size = shape.reduce((n, length) => n * length, 1)
  let offset = 0
  for (let place = 0; place < size; place++) {
    visit(place, offset)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] as number) + 1
      offset += steps[axis] as number
      if (next < (shape[axis] as number)) {
        index[axis] = next
        break
      }
      index[axis] = 0
      offset -= next * (steps[axis] as number)
    }
  }
}

/** How many elements of rows and columns are exchanged at a time, so that both stay in the first-level cache. */
const PATCH = 16

const permute = ({ data: source, shape: from }: NdArray, node: Expr): Data => {
  const { order } = node.detail as Permutation
  const out = allocate(node.kind, node.size)
  const given = strides(from, () => false)
  const rank = order.length
  const isSwap = order.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i))
  if (rank < 2 || !isSwap) {
    const steps = order.map((axis) => given[axis] as number)
    eachOffset(shapeOf(node), steps, (place, offset) => {
      out[place] = source[offset] as number
    })
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

const stretch = ({ data: source, shape: from }: NdArray, node: Expr): Data => {
  const out = allocate(node.kind, node.size)
  const steps = strides(from, (axis) => from[axis] === 1)
  eachOffset(shapeOf(node), steps, (place, offset) => {
    out[place] = source[offset] as number
  })
  return out
}

const reduceAlong = ({ data: source, shape, dtype }: NdArray, node: Expr): Data => {
  const { op, axes } = node.detail as AxisReduction
  const outer = shapeOf(node)
  const inner = shape.map((length, axis) => (axes.includes(axis) ? length : 1))
  const steps = strides(shape, () => false)
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
