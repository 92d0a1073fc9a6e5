import { boolean, check, withDefaults } from '../check.js'
import { isRecording } from '../derivatives/recording.js'
import { Donation } from './donation.js'
import type { Gradients, Same } from './like.js'
import { evaluateStep } from './transformation.js'
import type { AnyGradientTransformation, Asked, ExtraOf, StateOf, Tree } from './types.js'

/** Options of {@link step}. */
export interface StepOptions {
  /**
   * Whether params and state are given up: what comes out then has their memory, and their arrays are empty afterwards, as after a
   * transfer to a worker. Arrays that share a buffer with others are left as they are.
   * @defaultValue `false`
   */
  readonly donate?: boolean | undefined
}

/** What may come after the params: what the transformation needs beyond them, and options. */
type StepArguments<Extra> = readonly [extra?: Extra, options?: StepOptions]

/**
 * `update` and `applyUpdates` in one evaluation: the params and the state after one step, with the same bits.
 *
 * Arrays of at most 4 KiB, where there are more than a hundred of them, come side by side in one buffer, as small Buffers of
 * Node do: to take the bytes of one from `array.buffer`, mind its `byteOffset`.
 *
 * With `donate` each array of the old params and state is written over as soon as nothing reads it any more, so that a step allocates
 * nothing but small arrays and what it stores in between; what was given must not be used afterwards, and whoever does is told that its memory
 * was transferred. Without it memory is fresh in every step, which for large arrays takes longer than to compute. When gradients are refused, or a
 * function in the chain throws, all is as it was. An array that is among the gradients, too, is kept.
 *
 * Laws: with `donate` the same bits.
 *
 * @example
 * const tx = scale(-0.5)
 * const params = { w: new Float32Array([1, 2]) }
 * const [next] = step(tx, { w: new Float32Array([2, 2]) }, tx.init(params), params)
 * next // => { w: Float32Array [0, 1] }
 * const [last] = step(tx, { w: new Float32Array([2, 2]) }, tx.init(next), next, undefined, { donate: true })
 * last // => { w: Float32Array [-1, 0] }
 * next // => { w: Float32Array [] }
 *
 * @throws InvalidTree when gradients and params do not fit, or have been given up; InvalidState for the state of another transformation.
 */
export const step = <
  T extends AnyGradientTransformation,
  P,
  E extends StepArguments<ExtraOf<T>> = StepArguments<ExtraOf<T>>
>(
  tx: T,
  grads: NoInfer<Gradients<P>>,
  state: StateOf<T>,
  params: P & Asked<E, ExtraOf<T>>,
  ...[extra, options]: E
): readonly [Same<P>, StateOf<T>] => {
  const donation = options === undefined ? null : donationOf(options, [params, state], grads)
  return evaluateStep(tx, grads as Tree, state, params as Tree, extra, donation) as readonly [Same<P>, StateOf<T>]
}

const donationOf = (options: StepOptions, given: readonly unknown[], grads: unknown): Donation | null => {
  const { donate } = withDefaults('step', options, { donate: false })
  check('step', { donate }, boolean)
  return donate && !isRecording() ? new Donation(given, [grads]) : null
}
