/** The seam between gradchain and jax-js: ordinary arrays in, ordinary arrays out. */
import { defaultDevice, init, jit, numpy as np, valueAndGrad } from '@jax-js/jax'
import { type NdArray, ndarray } from 'gradchain'
import type { Batch } from './batches.js'
import { crossEntropy, type JaxParams, logits, type Params } from './model.js'

// Both are named because `init()` alone asks for `navigator`, which Node 20 does not have.
await init('cpu', 'wasm')
defaultDevice('wasm')

const differentiated = jit(valueAndGrad(crossEntropy))
const scored = jit(logits)

const toJax = ({ data, shape }: NdArray<'float32'>) => np.array(data, { shape: [...shape] })
const vectorToJax = (data: Float32Array) => np.array(data)

const paramsToJax = ({ dense1, dense2 }: Params): JaxParams => ({
  dense1: { kernel: toJax(dense1.kernel), bias: vectorToJax(dense1.bias) },
  dense2: { kernel: toJax(dense2.kernel), bias: vectorToJax(dense2.bias) }
})

/** Copies an array out of jax-js, which frees it there. */
const read = (array: np.Array): Float32Array => {
  const data = array.dataSync()
  if (!(data instanceof Float32Array)) throw new TypeError('jax-js returned an array that is not float32')
  return data
}

const fromJax = (array: np.Array): NdArray<'float32'> => {
  const { shape } = array
  return ndarray(read(array), shape)
}

/** The loss of the params on a batch, and its gradients, shaped like the params. Pure: nothing is changed. */
export const gradients = (params: Params, { images, targets }: Batch): { loss: number; grads: Params } => {
  const [loss, { dense1, dense2 }] = differentiated(paramsToJax(params), toJax(images), toJax(targets))
  return {
    loss: loss.item(),
    grads: {
      dense1: { kernel: fromJax(dense1.kernel), bias: read(dense1.bias) },
      dense2: { kernel: fromJax(dense2.kernel), bias: read(dense2.bias) }
    }
  }
}

/** The network's scores, ten per image. */
export const scores = (params: Params, images: NdArray<'float32'>): Float32Array =>
  read(scored(paramsToJax(params), toJax(images)))
