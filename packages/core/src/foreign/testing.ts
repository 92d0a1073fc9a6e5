// Arrays of a library that there is not: boxes that are counted, and refuse to be used after they were released. It computes
// by the reference engine, so that what comes out has the bits of the reference.
import type { NdArray } from '../array/ndarray.js'
import { withEngine } from '../engine/evaluate.js'
import type { GraphNode } from '../engine/node.js'
import type { NodeName } from '../engine/nodes.js'
import { reference } from '../engine/reference.js'
import type { Expr, Operand } from '../expression/expr.js'
import * as ops from '../expression/operations.js'
import { matmul } from '../matrix/matmul.js'
import { concreteOf } from '../transformation/edge.js'
import type { ArrayLibrary } from './interpret.js'

/** An array of its own, or a number. */
export class Box {
  readonly value: NdArray | number
  isReleased = false

  constructor(value: NdArray | number) {
    this.value = value
  }
}

type Unary = (a: Operand) => ops.Value
type Binary = (a: Operand, b: Operand) => ops.Value

const OF_ONE: Partial<Record<NodeName, Unary>> = {
  ...{ neg: ops.neg, abs: ops.abs, sqrt: ops.sqrt, floor: ops.floor, exp: ops.exp, log: ops.log, log1p: ops.log1p },
  ...{ tanh: ops.tanh, sin: ops.sin, cos: ops.cos, erf: ops.erf },
  ...{ sum: ops.sum, sumSquares: ops.sumSquares, minOf: ops.minOf, maxOf: ops.maxOf }
}

const OF_TWO: Partial<Record<NodeName, Binary>> = {
  ...{ pow: ops.pow, atan2: ops.atan2, add: ops.add, sub: ops.sub, mul: ops.mul, div: ops.div, min: ops.min },
  ...{ max: ops.max, less: ops.less, lessEqual: ops.lessEqual, equal: ops.equal, dot: ops.dot }
}

const REDUCTIONS = { sum: ops.sum, minOf: ops.minOf, maxOf: ops.maxOf } as const

const expressionOf = (node: GraphNode, a: Operand, b: Operand, c: Operand): ops.Value => {
  const { name, dtype, shape } = node
  if (dtype !== 'number') {
    if (name === 'fill') {
      const like = { dtype, shape, data: new Float32Array(0) } as NdArray
      const size = shape.reduce((product, length) => product * length, 1)
      const data = dtype === 'float32' ? new Float32Array(size) : new Float64Array(size)
      const model =
        dtype === 'float32' || dtype === 'float64' ? { ...like, data } : { ...like, data: new Uint16Array(size) }
      return ops.fullLike(model as NdArray, a as ops.Value)
    }
    if (name === 'cast') return ops.cast(a, dtype)
  }
  switch (node.name) {
    case 'where':
      return ops.where(a, b, c)
    case 'reshape':
      return ops.reshape(a, shape)
    case 'broadcast':
      return ops.broadcast(a, shape)
    case 'permute':
      return ops.transpose(a, node.order)
    case 'reduce':
      return REDUCTIONS[node.by](a, node.axes)
    case 'matmul':
      return matmul(a, b, { transposeA: node.transposeA, transposeB: node.transposeB, symmetric: node.symmetric })
    default: {
      const result = OF_ONE[name]?.(a) ?? OF_TWO[name]?.(a, b)
      if (result === undefined) throw new Error(`boxes have no ${name}`)
      return result
    }
  }
}

/** A library of boxes, and how many of them there are that were not released. */
export interface Boxes extends ArrayLibrary<Box> {
  readonly live: () => number
  /** A box for an array, as a user makes it. */
  readonly box: (array: NdArray | Float32Array | Float64Array) => Box
}

/** A new library. */
export const boxes = (): Boxes => {
  let live = 0
  const made = (value: NdArray | number): Box => {
    live += 1
    return new Box(value)
  }
  const opened = (box: Box): NdArray | number => {
    if (box.isReleased) throw new Error('a box is used after it was released')
    return box.value
  }
  const shaped = (value: ops.Value): NdArray | number => {
    const lifted = typeof value === 'number' ? value : evaluated(value)
    if (typeof lifted === 'number' || 'shape' in lifted) return lifted as NdArray | number
    return arrayFrom(lifted as Float32Array)
  }
  return {
    name: 'boxes',
    arrayName: 'a Box',
    isArray: (value): value is Box => value instanceof Box,
    formOf: (box) => {
      if (box.isReleased) return 'was released'
      const value = opened(box)
      return typeof value === 'number' ? { dtype: 'float64', shape: [] } : { dtype: value.dtype, shape: value.shape }
    },
    compute: (node, operands) => {
      const [a = 0, b = 0, c = 0] = operands.map((x) => (typeof x === 'number' ? x : opened(x)))
      return made(shaped(expressionOf(node, a, b, c)))
    },
    fromHost: (array) => made({ ...array, data: array.data.slice() } as NdArray),
    toHost: (box) => {
      const value = opened(box)
      if (typeof value === 'number') return { dtype: 'float64', shape: [], data: Float64Array.of(value) }
      return { ...value, data: value.data.slice() } as NdArray
    },
    clone: (box) => made(opened(box)),
    release: (box) => {
      opened(box)
      box.isReleased = true
      live -= 1
    },
    live: () => live,
    box: (array) => made('shape' in array ? array : arrayFrom(array))
  }
}

const arrayFrom = (data: Float32Array | Float64Array): NdArray =>
  ({ dtype: data instanceof Float32Array ? 'float32' : 'float64', shape: [data.length], data }) as NdArray

const evaluated = (node: Expr) => {
  withEngine(reference, () => reference.evaluate([node]))
  return concreteOf(node)
}
