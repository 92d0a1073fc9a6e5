import {
  type AnyGradientTransformation,
  check,
  finite,
  optional,
  required,
  type StateOf,
  show,
  withDefaults
} from '@gradchain/core'
import { refuseFor } from '../../internal/attempt.js'
import type { Tensor } from '../../tensor.js'
import { type FromKerasOptions, given } from './kerasContext.js'
import { inOrder, slotsOfState, tensorLeaf } from './slots.js'

/** Options of {@link toKeras}. */
export interface ToKerasOptions<T extends AnyGradientTransformation, P> extends FromKerasOptions<T, P> {
  /** The learning rate; left out where Keras's optimizer has a schedule, for which it keeps no variable. */
  readonly learningRate?: number | undefined
}

/**
 * A state of ours as the variables of an optimizer of Keras, in the order that {@link fromKeras} says. Keras takes them from an npz:
 *
 *     optimizer.build(model.trainable_variables)
 *     optimizer.load_own_variables(np.load('optimizer.npz'))
 *
 * Laws: `fromKeras` of it is the state.
 *
 * @example
 * const params = { w: new Float32Array(2) }
 * const optimizer = keras.adam(0.1)
 * const [, state] = step(optimizer, { w: Float32Array.of(1, 2) }, optimizer.init(params), params)
 * const vars = toKeras(state, { optimizer, params, names: ['w'], algorithm: 'Adam', learningRate: 0.1 })
 * vars.length // => 4
 * const file = encodeNpz(vars)
 *
 * @throws CheckpointError when the optimizer keeps something twice, or not at all.
 * @throws InvalidOption for an option that is none.
 */
export const toKeras = <T extends AnyGradientTransformation, P>(
  state: StateOf<T>,
  options: ToKerasOptions<T, P>
): readonly Tensor[] => {
  const chosen = withDefaults<ToKerasOptions<T, P>>('toKeras', options, {
    optimizer: required,
    params: required,
    names: required,
    algorithm: required,
    learningRate: undefined
  })
  const { learningRate } = chosen
  check('toKeras', { learningRate }, optional(finite))
  const { target, names, blocks, last, negated, known } = given('toKeras', chosen)
  const refuse = refuseFor('toKeras')
  const order = inOrder(refuse, target.params, names)
  const own = slotsOfState(refuse, state, target, (field) => known.has(field))
  const count = own.step ?? refuse('mismatch', 'the state', 'one that counts its steps', 'one without')
  const kept = blocks.flatMap((block) =>
    order.flatMap((param) =>
      block.map((field) => {
        const [leaf, ...more] = own.leaves(field, param)
        const entry = `${field} of ${show(target.params[param]?.name)}`
        return tensorLeaf(refuse, entry, more.length === 0 ? leaf : undefined, negated.includes(field))
      })
    )
  )
  const numbers = last === undefined ? [] : own.numbers(last).slice(0, 1)
  return [
    { dtype: 'int32', shape: [], data: Int32Array.of(count) },
    ...(learningRate === undefined ? [] : [float32(learningRate)]),
    ...kept,
    ...numbers.map(float32)
  ]
}

const float32 = (value: number): Tensor => ({ dtype: 'float32', shape: [], data: Float32Array.of(value) })
