// The leaves of a state as tensors that TensorFlow.js can save: what is no float32 goes by its bits, as int32.
import { type DType, InvalidState, type NdArray, ndarray } from '@gradchain/core'
import * as tf from '@tensorflow/tfjs-core'

/** What a tensor of bits begins with: which dtype it is, and whether it is a number, or the JSON of a text, `true` or `false`. */
const CODES: readonly (DType | 'number' | 'json')[] = ['number', 'float64', 'bfloat16', 'float16', 'json']

/** A leaf of a state as it is loaded: among the texts are keys of random numbers. */
export type Saved = number | string | boolean | NdArray

const arrayFrom = (leaf: NdArray | Float32Array | Float64Array): NdArray => {
  if (leaf instanceof Float32Array) return ndarray(leaf, [leaf.length])
  return leaf instanceof Float64Array ? ndarray(leaf, [leaf.length]) : leaf
}

const bitsOf = (code: number, shape: readonly number[], data: ArrayBufferView<ArrayBuffer>): tf.Tensor => {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const padded = new Uint8Array((bytes.length + 3) & ~3)
  padded.set(bytes)
  return tf.tensor1d(Int32Array.of(code, shape.length, ...shape, ...new Int32Array(padded.buffer)), 'int32')
}

/** A leaf as a tensor of its own. */
export const encoded = (leaf: Saved | Float32Array | Float64Array | tf.Tensor): tf.Tensor => {
  if (leaf instanceof tf.Tensor) return tf.clone(leaf)
  if (typeof leaf === 'number') return bitsOf(0, [], Float64Array.of(leaf))
  if (typeof leaf !== 'object') {
    const units = Uint16Array.from(JSON.stringify(leaf), (unit) => unit.charCodeAt(0))
    return bitsOf(CODES.indexOf('json'), [units.length], units)
  }
  const { data, dtype, shape } = arrayFrom(leaf)
  return dtype === 'float32'
    ? tf.tensor(data.slice(), [...shape], 'float32')
    : bitsOf(CODES.indexOf(dtype), shape, data.slice())
}

/** The leaf that a tensor holds. */
export const decoded = async (name: string, tensor: tf.Tensor): Promise<Saved> => {
  const data = await tensor.data()
  if (data instanceof Float32Array) return ndarray(data.slice(), tensor.shape)
  const [code = -1, rank = 0] = data
  const kind = CODES[code]
  const shape = Array.from(data.slice(2, 2 + rank))
  const size = shape.reduce((product, length) => product * length, 1)
  const wanted = 2 + rank + Math.ceil((size * (kind === 'number' || kind === 'float64' ? 8 : 2)) / 4)
  if (!(data instanceof Int32Array) || kind === undefined || kind === 'float32' || data.length !== wanted) {
    throw new InvalidState(`TfjsOptimizer: the weight ${name} is no part of a state, as getWeights gives them`)
  }
  const { buffer } = Int32Array.from(data.subarray(2 + rank))
  if (kind === 'number') return new Float64Array(buffer)[0] as number
  if (kind === 'float64') return ndarray(new Float64Array(buffer), shape)
  const units = new Uint16Array(buffer, 0, size)
  if (kind === 'json') return JSON.parse(String.fromCharCode(...units)) as string | boolean
  return ndarray(units, shape, kind)
}
