// TensorFlow.js on the backends that Node has.
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'

const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')
setWasmPaths(`${dirname(wasm)}/../wasm-out/`)

/** Makes a backend the one of the day. */
export const onBackend = async (name: 'cpu' | 'wasm'): Promise<void> => {
  if (!(await tf.setBackend(name))) throw new Error(`there is no backend ${name}`)
}

export { tf }
