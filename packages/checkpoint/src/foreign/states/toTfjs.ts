import type { AnyGradientTransformation, StateOf } from '@gradchain/core'
import { refuseFor } from '../../internal/attempt.js'
import { tensorOf } from '../../internal/tensors.js'
import type { Tensor } from '../../tensor.js'
import type { TfjsWeight } from '../tfjs/decodeTfjsModel.js'
import { inOrder, slotsOfState, tensorLeaf } from './slots.js'
import { given, type TfjsOptions } from './tfjsContext.js'

/**
 * A state of ours as the variables of an optimizer of TensorFlow.js, for its `setWeights`: the way back from {@link fromTfjs}, which
 * says what becomes of what.
 *
 * Laws: `fromTfjs` of it is the state.
 *
 * @example
 * const params = { w: new Float32Array(2) }
 * const optimizer = tensorflowjs.adam(0.1)
 * const [, state] = step(optimizer, { w: Float32Array.of(1, 2) }, optimizer.init(params), params)
 * const weights = toTfjs(state, { optimizer, params, names: ['w'], algorithm: 'Adam' })
 * weights.map(({ name }) => name) // => ['iter', 'w/m', 'w/v']
 * // tf.train.adam(0.1).setWeights(weights.map(({ name, tensor: { data, shape, dtype } }) => ({ name, tensor: tf.tensor(data, shape, dtype) })))
 *
 * @throws CheckpointError when the optimizer keeps something twice, or not at all.
 * @throws InvalidOption for an option that is none.
 */
export const toTfjs = <T extends AnyGradientTransformation, P>(
  state: StateOf<T>,
  options: TfjsOptions<T, P>
): readonly TfjsWeight[] => {
  const { target, names, slots, isOurs } = given('toTfjs', options)
  const refuse = refuseFor('toTfjs')
  const order = inOrder(refuse, target.params, names)
  const own = slotsOfState(refuse, state, target, (field) => slots.some((slot) => slot.field === field))
  const iter = own.step ?? refuse('mismatch', 'the state', 'one that counts its steps', 'one without')
  // What RMSProp keeps where it is not centered is all but the last.
  const there = slots.filter((slot) => slot.ending !== 'mg' || isOurs(slot))
  const kept = there.flatMap((slot) =>
    names.map((name, j) => {
      const entry = `${name.replaceAll('.', '/')}/${slot.ending}`
      const param = order[j] as number
      // RMSProp keeps a momentum even where it is 0.
      if (slot.field === null || (slot.isNegated && !isOurs(slot))) {
        return { name: entry, tensor: zerosLike(tensorLeaf(refuse, entry, target.params[param]?.leaf)) }
      }
      const [leaf, ...more] = own.leaves(slot.field, param)
      return { name: entry, tensor: tensorLeaf(refuse, entry, more.length === 0 ? leaf : undefined, slot.isNegated) }
    })
  )
  return [{ name: 'iter', tensor: { dtype: 'int32', shape: [], data: Int32Array.of(iter) } }, ...kept]
}

const zerosLike = ({ dtype, shape, data }: Tensor): Tensor => tensorOf(dtype, shape, new Uint8Array(data.byteLength))
