import type { AnyGradientTransformation, ExtraOf } from '@gradchain/core'
import { type ArrayOptimizer, onArrays, onHost } from '@gradchain/core/engine'
import type { Tensor } from '@tensorflow/tfjs-core'
import { isOnHost, tensors } from './internal/library.js'

/** An optimizer on trees of tensors. */
export type TfjsTransformation<Extra = unknown> = ArrayOptimizer<Tensor, Extra>

/**
 * An optimizer on trees of tensors of TensorFlow.js: `init`, `update`, and `step`, which gives the new params at once.
 *
 * On the backends cpu, wasm and tensorflow tensors lie in the memory of this process: their elements are read, computed with by our
 * own kernels, and the state stays with us, in arrays; on others, such as webgl, each operation of an update is one of
 * TensorFlow.js, where the tensors are, and the state is tensors. What is given is never changed or disposed; the tensors that come
 * out are the caller's to dispose.
 *
 * Trajectories are those on arrays: on cpu and wasm to the bit.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs'
 * import { tfjs } from '@gradchain/tfjs'
 *
 * await tf.setBackend('cpu')
 * const { init, step } = tfjs(adam(0.5))
 * const params = { w: tf.tensor1d([1, -2]) }
 * const [next] = step({ w: tf.tensor1d([3, -4]) }, init(params), params)
 * next.w.dataSync() // => Float32Array [0.5, -1.5]
 * tf.dispose([params, next])
 *
 * @throws InvalidTree for a leaf that is no tensor of float32 or was disposed, with its place; InvalidOption for what is no
 * optimizer.
 * @see toTfjsOptimizer
 */
export const tfjs = <T extends AnyGradientTransformation>(optimizer: T): TfjsTransformation<ExtraOf<T>> => {
  const library = tensors()
  const host = onHost(library, optimizer)
  const device = onArrays(library, optimizer)
  const here = (): TfjsTransformation<ExtraOf<T>> => (isOnHost() ? host : device)
  return {
    init: (params) => here().init(params),
    update: (...given) => here().update(...given),
    step: (...given) => here().step(...given)
  }
}
