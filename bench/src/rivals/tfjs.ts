/** TensorFlow.js: its Adam, the nearest it has. It knows no weight decay, no clipping by the global norm, no Lion. */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import type { Contestant, Prepare, Problem } from './contestant.js'

const name = (i: number): string => `layer${i}`

const adam =
  (backend: 'cpu' | 'wasm'): Prepare =>
  async ({ hyper, params, grads }: Problem): Promise<Contestant> => {
    if (backend === 'wasm') {
      setWasmPaths(`${dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm')))}/../wasm-out/`)
    }
    if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js could not start its ${backend} backend`)
    const optimizer = tf.train.adam(hyper.learningRate, hyper.b1, hyper.b2, hyper.eps)
    const variables = params.map((x, i) => tf.variable(tf.tensor1d(x), true, name(i)))
    const upload = (arrays: readonly Float32Array[]): { name: string; tensor: tf.Tensor }[] =>
      arrays.map((x, i) => ({ name: name(i), tensor: tf.tensor1d(x) }))
    let current = upload(grads)
    return {
      feed: (next) => {
        tf.dispose(current.map(({ tensor }) => tensor))
        current = upload(next)
      },
      step: () => optimizer.applyGradients(current),
      finish: () => {
        for (const variable of variables) tf.tidy(() => tf.slice(variable, [0], [1]).dataSync())
      },
      params: () => variables.map((variable) => variable.dataSync<'float32'>())
    }
  }

export const adamOnWasm: Prepare = adam('wasm')

export const adamOnCpu: Prepare = adam('cpu')
