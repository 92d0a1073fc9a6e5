import { type AnyGradientTransformation, required, type StateOf, show, withDefaults } from '@gradchain/core'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../../error.js'
import { attempt } from '../../internal/attempt.js'
import { countOf, numberOf } from '../../pytorch/internal/values.js'
import type { TensorTree } from '../../tensor.js'
import { type FromKerasOptions, given } from './kerasContext.js'
import { inOrder, type Kept, stateOfSlots } from './slots.js'

/**
 * The variables of an optimizer of Keras, `optimizer.vars` of what `decodeKerasWeights` gives, as a state of ours.
 *
 * Keras numbers them: the count of steps, the learning rate unless there is a schedule, and then
 *
 *     SGD           trace of each param, where there is momentum
 *     Adam, AdamW   mu, nu of each param, then nuMax of each with amsgrad
 *     Nadam         mu, nu of each param, then momentumProduct
 *     Adamax, Lamb  mu, nu of each param
 *     Adagrad       sumOfSquares of each param
 *     Adadelta      eG, eX of each param
 *     RMSprop       nu of each param, then −trace of each with momentum, then mu of each if centered
 *     Lion          mu of each param
 *     Ftrl          accumulator, linear of each param
 *
 * Which of the optional ones there are is known from the optimizer; that there are just as many variables, with their shapes, is
 * checked. Every `count` becomes the number of steps. Averages (`use_ema`) and gradients that were being accumulated are refused.
 *
 * **Variables are known by their order alone**: give `names` in the order of `model.trainable_variables`.
 *
 * @example
 * const vars = [{ dtype: 'int32', shape: [], data: Int32Array.of(3) }, ndarray([1, 2], [2]), ndarray([3, 4], [2])] as const
 * const params = { w: new Float32Array(2) }
 * const resumed = fromKeras(vars, { optimizer: keras.adam(0.1), params, names: ['w'], algorithm: 'Adam' })
 * resumed._tag === 'Right' && tree.get(resumed.right, 'nu') // => { w: Float32Array [3, 4] }
 *
 * @throws InvalidOption for an option that is none.
 * @see toKeras for the way back.
 */
export const fromKeras = <T extends AnyGradientTransformation, P>(
  vars: TensorTree,
  options: FromKerasOptions<T, P>
): Either<CheckpointError, StateOf<T>> => {
  const chosen = withDefaults<FromKerasOptions<T, P>>('fromKeras', options, {
    optimizer: required,
    params: required,
    names: required,
    algorithm: required
  })
  const { target, names, blocks, last, negated } = given('fromKeras', chosen)
  return attempt('fromKeras', (refuse) => {
    if (!Array.isArray(vars)) return refuse('mismatch', 'the variables', 'a list', show(vars))
    const order = inOrder(refuse, target.params, names)
    const perParam = blocks.flat().length
    const after = vars.length - perParam * names.length - (last === undefined ? 0 : 1)
    if (after !== 1 && after !== 2) {
      const wanted = 2 + perParam * names.length + (last === undefined ? 0 : 1)
      refuse(
        'mismatch',
        'the variables',
        `${wanted}, or one less with a schedule, as ${chosen.algorithm} keeps`,
        `${vars.length}`
      )
    }
    const step = countOf(refuse, 'vars/0', vars[0])
    if (after === 2) numberOf(refuse, 'vars/1, the learning rate,', vars[1])
    const slots = new Map<string, Map<number, readonly Kept[]>>()
    let at = after
    for (const block of blocks) {
      for (const param of order) {
        for (const field of block) {
          const kept = slots.get(field) ?? new Map<number, readonly Kept[]>()
          slots.set(
            field,
            kept.set(param, [
              { entry: `vars/${at}, ${field} of ${show(target.params[param]?.name)},`, value: vars[at] as TensorTree }
            ])
          )
          at++
        }
      }
    }
    const numbers = new Map(last === undefined ? [] : [[last, [numberOf(refuse, `vars/${at}`, vars[at])]]])
    return stateOfSlots(refuse, { slots, numbers, step, isAll: false, negated }, target)
  })
}
