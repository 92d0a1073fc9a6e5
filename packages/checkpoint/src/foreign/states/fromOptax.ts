import {
  type AnyGradientTransformation,
  check,
  force,
  nonNegativeInteger,
  optional,
  required,
  type StateOf,
  show,
  type Tree,
  type Valid,
  withDefaults
} from '@gradchain/core'
import { pow } from '@gradchain/core/numbers'
import * as tree from '@gradchain/core/tree'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../../error.js'
import { attempt, type Refuse } from '../../internal/attempt.js'
import { paramsOf, takenApart } from '../../internal/paramParts.js'
import { entryAt } from '../../pytorch/internal/values.js'
import type { TensorTree } from '../../tensor.js'
import { type Found, optaxParts } from './optaxParts.js'
import { fieldsOf, type Kept, stateOfSlots, type Target } from './slots.js'

/** Options of {@link fromOptax}. */
export interface FromOptaxOptions<T extends AnyGradientTransformation, P> {
  /** The optimizer that goes on: the same chain, under our names. */
  readonly optimizer: T
  /** The params. */
  readonly params: Valid<P>
  /** The keys that lead to the state in the file, such as `['opt_state']`. @defaultValue `[]`, which is all of the file */
  readonly at?: readonly (string | number)[] | undefined
  /** How many steps were taken, where Optax's optimizer does not count, as `optax.sgd` without a schedule. */
  readonly step?: number | undefined
}

/**
 * A state of Optax, out of `decodeFlaxMsgpack` or `decodeOrbax`, as a state of ours.
 *
 * The fields have the same names but for their spelling, `nu_max` for `nuMax`, and stand for each param in the same order, so that
 * chains, partitions and wrappers need no table. What Optax keeps and the optimizer does not is refused, and the other way round.
 * Optax counts where it must and ours everywhere: all counts in the file must be alike, and every `count` becomes that number.
 *
 * **Hyperparameters are nowhere in a state of Optax.** An optimizer with another rate or another decay goes on without a word.
 *
 * Laws: what goes on after it is what goes on in Optax, but for rounding.
 *
 * @example
 * const saved = { 0: { count: 3, mu: { w: ndarray([1], [1]) }, nu: { w: ndarray([2], [1]) } }, 1: {} }
 * const resumed = fromOptax(saved, { optimizer: adam(0.1), params: { w: new Float32Array(1) } })
 * resumed._tag === 'Right' && resumed.right // => [{ count: 3, mu: { w: Float32Array [1] }, nu: { w: Float32Array [2] } }, { count: 3 }]
 * const refused = fromOptax(saved, { optimizer: lion(0.1), params: { w: new Float32Array(1) } })
 * refused._tag === 'Left' && refused.left.message // => 'fromOptax: 0/nu/w must be kept by the optimizer, too, got …'
 *
 * @throws InvalidOption for an option that is none.
 * @see toOptax for the way back.
 */
export const fromOptax = <T extends AnyGradientTransformation, P>(
  saved: TensorTree,
  options: FromOptaxOptions<T, P>
): Either<CheckpointError, StateOf<T>> => {
  const given = withDefaults<FromOptaxOptions<T, P>>('fromOptax', options, {
    optimizer: required,
    params: required,
    at: [],
    step: undefined
  })
  const { optimizer: tx, at = [], step } = given
  check('fromOptax', { step }, optional(nonNegativeInteger))
  const params = paramsOf('fromOptax', 'params', given.params)
  const target = { tx, params, shape: given.params }
  const fields = new Set(fieldsOf('fromOptax', target).map(({ field }) => field))
  const ownNumbers = new Set(
    takenApart(tx, tx.init(given.params as never) as StateOf<T>, params, given.params).numbers.map(({ field }) => field)
  )
  return attempt('fromOptax', (refuse) => {
    const slots = new Map<string, Map<number, Kept[]>>([...fields].map((field) => [field, new Map()]))
    const numbers = new Map<string, number[]>()
    const counts: Found[] = []
    for (const found of optaxParts(entryAt(refuse, saved, at), params, fields)) {
      const { entry, value, field, param, number } = found
      if (param !== undefined) {
        const kept = slots.get(field) as Map<number, Kept[]>
        kept.set(param, [...(kept.get(param) ?? []), { entry, value }])
      } else if (number === undefined || (field !== 'count' && !ownNumbers.has(field))) {
        refuse('mismatch', entry, 'kept by the optimizer, too', 'an optimizer without')
      } else if (field === 'count') counts.push(found)
      else numbers.set(field, [...(numbers.get(field) ?? []), number])
    }
    const steps = stepOf(refuse, counts, step)
    const product = numbers.has(PRODUCT) ? undefined : momentumProduct(target, steps)
    if (product !== undefined) numbers.set(PRODUCT, [product])
    return stateOfSlots(refuse, { slots, numbers, step: steps, isAll: true, negated: [] }, target)
  })
}

/** The product of the momenta, which our Nadam keeps: Optax's has a constant one, so that it is a power of the first. */
const PRODUCT = 'momentumProduct'

const momentumProduct = <T extends AnyGradientTransformation>(
  { tx, params, shape }: Target<T>,
  step: number
): number | undefined => {
  const productIn = (state: StateOf<T>): number | undefined =>
    takenApart(tx, state, params, shape).numbers.find(({ field }) => field === PRODUCT)?.value
  const fresh = tx.init(shape as never) as StateOf<T>
  if (productIn(fresh) === undefined) return undefined
  const [, once] = tx.update(force(tree.zerosLike(shape as Tree)) as never, fresh as never, shape as never)
  const first = productIn(once as StateOf<T>)
  return first === undefined ? undefined : pow(first, step)
}

const stepOf = (refuse: Refuse, counts: readonly Found[], given: number | undefined): number => {
  const [first] = counts
  const differs = counts.find(({ number }) => number !== first?.number)
  if (first !== undefined && differs !== undefined) {
    refuse('mismatch', differs.entry, `${first.number}, as ${first.entry} is`, `${differs.number}`)
  }
  const found = first?.number
  if (found === undefined) {
    return given ?? refuse('mismatch', 'step', 'given, as the file holds no count', 'nothing')
  }
  if (!Number.isSafeInteger(found) || found < 0)
    refuse('malformed', first?.entry ?? '', 'a whole number ≥ 0', show(found))
  if (given !== undefined && given !== found) refuse('mismatch', 'step', `${found}, as in the file`, `${given}`)
  return found
}
