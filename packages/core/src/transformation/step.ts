import type { Gradients, Same } from './like.js'
import { evaluateStep } from './transformation.js'
import type { AnyGradientTransformation, Asked, ExtraArguments, ExtraOf, StateOf, Tree } from './types.js'

/**
 * `update` and `applyUpdates` in one evaluation: the params and the state after one step, with the same bits.
 *
 * Arrays of at most 4 KiB, where there are more than a hundred of them, come side by side in one buffer, as small Buffers of
 * Node do: to take the bytes of one from `array.buffer`, mind its `byteOffset`.
 *
 * @example
 * const tx = scale(-0.5)
 * const params = { w: new Float32Array([1, 2]) }
 * const [next] = step(tx, { w: new Float32Array([2, 2]) }, tx.init(params), params)
 * next // => { w: Float32Array [0, 1] }
 *
 * @throws InvalidTree when gradients and params do not fit; InvalidState for the state of another transformation.
 */
export const step = <
  T extends AnyGradientTransformation,
  P,
  E extends ExtraArguments<ExtraOf<T>> = ExtraArguments<ExtraOf<T>>
>(
  tx: T,
  grads: NoInfer<Gradients<P>>,
  state: StateOf<T>,
  params: P & Asked<E, ExtraOf<T>>,
  ...extra: E
): readonly [Same<P>, StateOf<T>] =>
  evaluateStep(tx, grads as Tree, state, params as Tree, extra[0]) as readonly [Same<P>, StateOf<T>]
