import { InvalidOption, type NdArray } from '@gradchain/core'
import type { ArrayLibrary, GraphNode, NodeName } from '@gradchain/core/engine'
import * as tf from '@tensorflow/tfjs-core'

type Value = tf.Tensor | number
type Compute = (a: Value, b: Value, c: Value, node: GraphNode) => tf.Tensor

/** A value as a tensor. */
const tensor = (x: Value): tf.Tensor => (typeof x === 'number' ? tf.scalar(x, 'float32') : x)

const isTrue = (x: tf.Tensor): tf.Tensor => tf.cast(x, 'float32')

/** The largest or smallest of no elements at all, which tensors do not know. */
const ofElements = (x: Value, reduce: (x: tf.Tensor) => tf.Tensor, ofNone: number): tf.Tensor =>
  tensor(x).size === 0 ? tf.scalar(ofNone, 'float32') : reduce(tensor(x))

const refuseDType = (node: GraphNode): void => {
  if (node.dtype !== 'float32' && node.dtype !== 'number') {
    throw new InvalidOption(`tfjs: the arrays of TensorFlow.js are float32, and ${node.name} asks for ${node.dtype}`)
  }
}

const REDUCTIONS = { sum: tf.sum, minOf: tf.min, maxOf: tf.max } as const

const table = (): Readonly<Record<Exclude<NodeName, 'leaf' | 'opaque'>, Compute>> => ({
  fill: (a, _b, _c, { shape }) => (typeof a === 'number' ? tf.fill([...shape], a) : tf.broadcastTo(a, [...shape])),
  cast: (a) => tf.clone(tensor(a)),
  reshape: (a, _b, _c, { shape }) => tf.reshape(tensor(a), [...shape]),
  neg: (a) => tf.neg(a),
  abs: (a) => tf.abs(a),
  sqrt: (a) => tf.sqrt(a),
  floor: (a) => tf.floor(a),
  exp: (a) => tf.exp(a),
  log: (a) => tf.log(a),
  log1p: (a) => tf.log1p(a),
  tanh: (a) => tf.tanh(a),
  sin: (a) => tf.sin(a),
  cos: (a) => tf.cos(a),
  erf: (a) => tf.erf(a),
  pow: (a, b) => tf.pow(tensor(a), tensor(b)),
  atan2: (a, b) => tf.atan2(a, b),
  add: (a, b) => tf.add(a, b),
  sub: (a, b) => tf.sub(a, b),
  mul: (a, b) => tf.mul(a, b),
  div: (a, b) => tf.div(a, b),
  min: (a, b) => tf.minimum(a, b),
  max: (a, b) => tf.maximum(a, b),
  less: (a, b) => isTrue(tf.less(a, b)),
  lessEqual: (a, b) => isTrue(tf.lessEqual(a, b)),
  equal: (a, b) => isTrue(tf.equal(a, b)),
  where: (a, b, c, { shape }) => tf.broadcastTo(tf.where(tf.notEqual(a, 0), b, c), [...shape]),
  sum: (a) => tf.sum(a),
  sumSquares: (a) => tf.sum(tf.square(a)),
  dot: (a, b) => tf.sum(tf.mul(a, b)),
  minOf: (a) => ofElements(a, tf.min, Number.POSITIVE_INFINITY),
  maxOf: (a) => ofElements(a, tf.max, Number.NEGATIVE_INFINITY),
  reduce: (a, _b, _c, node) => {
    if (node.name !== 'reduce') throw new TypeError('not a reduction')
    return REDUCTIONS[node.by](tensor(a), [...node.axes], true)
  },
  broadcast: (a, _b, _c, { shape }) => tf.broadcastTo(tensor(a), [...shape]),
  permute: (a, _b, _c, node) => {
    if (node.name !== 'permute') throw new TypeError('not a permutation')
    return tf.transpose(tensor(a), [...node.order])
  },
  matmul: (a, b, _c, node) => {
    if (node.name !== 'matmul') throw new TypeError('not a product')
    return tf.matMul(tensor(a), tensor(b), node.transposeA, node.transposeB)
  }
})

/** Tensors, and each node of an update as an operation of TensorFlow.js on its backend. */
export const tensors = (): ArrayLibrary<tf.Tensor> => {
  const operations = table()
  return {
    name: 'tfjs',
    arrayName: 'a tf.Tensor',
    isArray: (value): value is tf.Tensor => value instanceof tf.Tensor,
    formOf: (array) => {
      if (array.isDisposed) return 'was disposed'
      return array.dtype === 'float32'
        ? { dtype: 'float32', shape: array.shape }
        : `has dtype ${array.dtype}, not float32`
    },
    compute: (node, [a = 0, b = 0, c = 0]) => {
      if (node.name === 'leaf' || node.name === 'opaque') throw new TypeError(`${node.name} is no operation`)
      refuseDType(node)
      const compute = operations[node.name]
      return tf.tidy(() => compute(a, b, c, node))
    },
    fromHost: (array) => {
      if (array.dtype !== 'float32') {
        throw new InvalidOption(`tfjs: the arrays of TensorFlow.js are float32, got one of ${array.dtype}`)
      }
      return tf.tensor(array.data, [...array.shape], 'float32')
    },
    toHost: (array) => ({ dtype: 'float32', shape: array.shape, data: array.dataSync<'float32'>() }) satisfies NdArray,
    clone: (array) => tf.clone(array),
    release: (array) => array.dispose()
  }
}

/** The backends whose tensors lie in the memory of this process, where our own kernels are faster than theirs. */
const HOSTS: readonly string[] = ['cpu', 'wasm', 'tensorflow']

/** Whether the backend of the day is one of them. */
export const isOnHost = (): boolean => HOSTS.includes(tf.getBackend())
