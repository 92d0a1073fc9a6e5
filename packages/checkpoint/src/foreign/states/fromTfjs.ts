import { type AnyGradientTransformation, type StateOf, show } from '@gradchain/core'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../../error.js'
import { attempt } from '../../internal/attempt.js'
import { countOf } from '../../pytorch/internal/values.js'
import type { Tensor } from '../../tensor.js'
import type { TfjsWeight } from '../tfjs/decodeTfjsModel.js'
import { inOrder, type Kept, stateOfSlots } from './slots.js'
import { given, type TfjsOptions } from './tfjsContext.js'

/**
 * The variables of an optimizer of TensorFlow.js, out of `decodeTfjsModel` or its `getWeights`, as a state of ours.
 *
 *     SGD        –
 *     Momentum   momentum → trace
 *     Adam       m → mu                 v → nu
 *     Adagrad    accumulator → sumOfSquares
 *     Adadelta   – (what it keeps has no effect: it is plain descent)
 *     RMSProp    rms → nu               momentum → −trace       mg → mu
 *
 * Every `count` becomes `iter`. **Variables are known by their order alone**: their names may have become others than those of the
 * model's weights, as soon as a page has two models.
 *
 * @example
 * const weights = [
 *   { name: 'iter', tensor: { dtype: 'int32', shape: [], data: Int32Array.of(3) } },
 *   { name: 'w/momentum', tensor: ndarray([1, 2], [2]) }
 * ] as const
 * const params = { w: new Float32Array(2) }
 * const optimizer = tensorflowjs.momentum(0.1, 0.9)
 * const resumed = fromTfjs(weights, { optimizer, params, names: ['w'], algorithm: 'Momentum' })
 * resumed._tag === 'Right' && tree.get(resumed.right, 'trace') // => { w: Float32Array [1, 2] }
 *
 * @throws InvalidOption for an option that is none.
 * @see toTfjs for the way back.
 */
export const fromTfjs = <T extends AnyGradientTransformation, P>(
  weights: readonly TfjsWeight[],
  options: TfjsOptions<T, P>
): Either<CheckpointError, StateOf<T>> => {
  const { target, names, slots, isOurs, negated } = given('fromTfjs', options)
  return attempt('fromTfjs', (refuse) => {
    const order = inOrder(refuse, target.params, names)
    const [iter, ...rest] = weights
    if (iter?.name !== 'iter')
      return refuse('malformed', 'the first weight', '"iter", the number of steps', show(iter?.name))
    const step = countOf(refuse, 'iter', iter.tensor)
    // Before the first step there is nothing but the count; momentum of RMSProp is there even where it is 0.
    const endings = [...new Set(rest.map(({ name }) => name.slice(name.lastIndexOf('/') + 1)))]
    const strange = endings.find((ending, i) => slots[i]?.ending !== ending)
    if (strange !== undefined) {
      refuse(
        'mismatch',
        'the weights',
        `of ${slots.map(({ ending }) => ending).join(', ') || 'nothing'}`,
        endings.join(', ')
      )
    }
    if (rest.length !== endings.length * names.length) {
      refuse('mismatch', 'names', `those of ${rest.length / Math.max(1, endings.length)} variables`, `${names.length}`)
    }
    const missing = slots.find((slot) => isOurs(slot) && rest.length > 0 && !endings.includes(slot.ending))
    if (missing !== undefined)
      refuse('mismatch', 'the weights', `with ${missing.ending}, as the optimizer is`, endings.join(', '))
    const saved = new Map<string, Map<number, readonly Kept[]>>()
    for (const [i, slot] of slots.entries()) {
      const own = rest.slice(i * names.length, (i + 1) * names.length)
      const [first] = own
      if (first === undefined || slot.field === null) continue
      if (!isOurs(slot) && own.some(({ tensor }) => !isZero(tensor))) {
        refuse('mismatch', first.name, `kept by the optimizer, too, as ${slot.field}`, 'an optimizer without')
      }
      const kept = own.map(({ name, tensor }, j) => [order[j] as number, [{ entry: name, value: tensor }]] as const)
      if (isOurs(slot)) saved.set(slot.field, new Map(kept))
    }
    return stateOfSlots(refuse, { slots: saved, numbers: new Map(), step, isAll: false, negated }, target)
  })
}

const isZero = ({ data }: Tensor): boolean => [...data].every((x) => Number(x) === 0)
