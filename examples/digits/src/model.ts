import { nn, numpy as np } from '@jax-js/jax'
import { type NdArray, ndarray } from 'gradchain'
import { CLASSES, PIXELS } from './data.js'
import { type Random, uniform } from './random.js'

const HIDDEN = 64

/** A layer `x ↦ x · kernel + bias`. */
interface Dense<Matrix, Vector> {
  readonly kernel: Matrix
  readonly bias: Vector
}

/** A 64-64-10 network, whatever its arrays are. */
interface Network<Matrix, Vector> {
  readonly dense1: Dense<Matrix, Vector>
  readonly dense2: Dense<Matrix, Vector>
}

/** The network as ordinary arrays, which is how gradchain takes it. */
export type Params = Network<NdArray<'float32'>, Float32Array>

/** The same network on jax-js's side. */
export type JaxParams = Network<np.Array, np.Array>

/** First weights: kernels uniform with variance 2 / inputs (He et al. 2015), biases 0. */
export const initialParams = (random: Random): Params => {
  const [first, next] = uniform(random, PIXELS * HIDDEN, Math.sqrt(6 / PIXELS))
  const [second] = uniform(next, HIDDEN * CLASSES, Math.sqrt(6 / HIDDEN))
  return {
    dense1: { kernel: ndarray(first, [PIXELS, HIDDEN]), bias: new Float32Array(HIDDEN) },
    dense2: { kernel: ndarray(second, [HIDDEN, CLASSES]), bias: new Float32Array(CLASSES) }
  }
}

/** The scores of each digit, one row per image: `[n, 10]`. Consumes its arguments, as all of jax-js does. */
export const logits = ({ dense1, dense2 }: JaxParams, images: np.Array): np.Array => {
  const hidden = nn.relu(np.matmul(images, dense1.kernel).add(dense1.bias))
  return np.matmul(hidden, dense2.kernel).add(dense2.bias)
}

/**
 * The softmax cross-entropy, its mean over the batch: log Σ exp(scores) − the score of the right digit.
 *
 * Never as the log of a softmax, whose small probabilities round to 0: `logsumexp` subtracts the largest score first.
 */
export const crossEntropy = (params: JaxParams, images: np.Array, targets: np.Array): np.Array => {
  const scores = logits(params, images)
  const right = np.sum(targets.mul(scores.ref), -1)
  return np.mean(nn.logsumexp(scores, -1).sub(right))
}
