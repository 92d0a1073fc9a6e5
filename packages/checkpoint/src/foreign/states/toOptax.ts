import {
  type AnyGradientTransformation,
  cast,
  force,
  isContainer,
  type NdArray,
  required,
  type StateOf,
  show,
  type Valid,
  withDefaults
} from '@gradchain/core'
import { type Refuse, refuseFor } from '../../internal/attempt.js'
import { paramsOf } from '../../internal/paramParts.js'
import { bytesOf, isTensor, tensorOf } from '../../internal/tensors.js'
import { isLeaf, said } from '../../pytorch/internal/values.js'
import type { Tensor, TensorTree } from '../../tensor.js'
import { optaxParts } from './optaxParts.js'
import { fieldsOf, isSameButOnes, slotsOfState, tensorLeaf } from './slots.js'

/** Options of {@link toOptax}. */
export interface ToOptaxOptions<T extends AnyGradientTransformation, P> {
  /** The optimizer whose state it is. */
  readonly optimizer: T
  /** The params. */
  readonly params: Valid<P>
  /**
   * A state of the optimizer of Optax that is to go on, such as the file that {@link fromOptax} read, or a fresh one:
   * `to_bytes(tx.init(params))`, through `decodeFlaxMsgpack`.
   */
  readonly like: TensorTree
}

/**
 * A state of ours as one of Optax, for `encodeFlaxMsgpack` and then `flax.serialization.from_bytes(tx.init(params), data)`.
 *
 * Optax has counts in some places only, and which those are depends on hyperparameters that no state tells: so it is given a state of
 * the optimizer that is to go on, and every number and array in it is replaced by ours, in the dtype that it has there.
 *
 * Laws: `fromOptax` of it is the state.
 *
 * @example
 * const optimizer = adam(0.1)
 * const params = { w: new Float32Array(1) }
 * const [, state] = step(optimizer, { w: Float32Array.of(2) }, optimizer.init(params), params)
 * const zero = { w: ndarray([0], [1]) }
 * const like = { 0: { count: 0, mu: zero, nu: zero }, 1: {} }
 * const saved = toOptax(state, { optimizer, params, like })
 * saved[0] // => { count: 1, mu: { w: { dtype: 'float32', shape: [1], data: Float32Array [0.2000…] } }, nu: … }
 * const file = encodeFlaxMsgpack(saved)
 *
 * @throws CheckpointError when `like` has other fields or shapes than the state.
 * @throws InvalidOption for an option that is none.
 */
export const toOptax = <T extends AnyGradientTransformation, P>(
  state: StateOf<T>,
  options: ToOptaxOptions<T, P>
): { readonly [key: string]: TensorTree } => {
  const {
    optimizer: tx,
    like,
    params: shape
  } = withDefaults<ToOptaxOptions<T, P>>('toOptax', options, {
    optimizer: required,
    params: required,
    like: required
  })
  const refuse = refuseFor('toOptax')
  const params = paramsOf('toOptax', 'params', shape)
  const target = { tx, params, shape }
  const parts = fieldsOf('toOptax', target)
  const fields = new Set(parts.map(({ field }) => field))
  const own = slotsOfState(refuse, state, target, (field) => fields.has(field))
  const used = new Map<string, number>()
  const next = (name: string): number => {
    const at = used.get(name) ?? 0
    used.set(name, at + 1)
    return at
  }
  let placed = 0
  const replaced = new Map<string, TensorTree>()
  for (const { entry, keys, value, field, param, number } of optaxParts(like, params, fields)) {
    if (param !== undefined) {
      const leaf = own.leaves(field, param)[next(`${field} ${param}`)]
      replaced.set(JSON.stringify(keys), arrayLike(refuse, entry, tensorLeaf(refuse, entry, leaf), value))
      placed++
    } else {
      if (number === undefined) refuse('mismatch', entry, 'kept by the optimizer, too', 'an optimizer without')
      const mine = field === 'count' ? own.step : own.numbers(field)[next(field)]
      replaced.set(JSON.stringify(keys), numberLike(refuse, entry, mine, value))
    }
  }
  if (placed !== parts.length) {
    refuse('mismatch', 'like', `with the ${parts.length} arrays that the optimizer keeps`, `${placed}`)
  }
  const built = (keys: readonly string[], node: TensorTree): TensorTree => {
    const leaf = replaced.get(JSON.stringify(keys))
    if (leaf !== undefined || !isContainer(node)) return leaf ?? node
    const items = Object.entries(node).map(([key, child]) => [key, built([...keys, key], child as TensorTree)] as const)
    return Array.isArray(node) ? items.map(([, item]) => item) : Object.fromEntries(items)
  }
  return built([], like) as { readonly [key: string]: TensorTree }
}

const arrayLike = (refuse: Refuse, entry: string, tensor: Tensor, like: TensorTree): Tensor => {
  const fits = isTensor(like) && isLeaf(like) && isLeaf(tensor) && isSameButOnes(tensor.shape, like.shape)
  if (!fits)
    return refuse('mismatch', entry, `a tensor of ${tensor.dtype} with the shape ${show(tensor.shape)}`, said(like))
  const narrowed = tensor.dtype === like.dtype ? tensor : (force(cast(tensor, like.dtype)) as NdArray)
  return { ...narrowed, shape: like.shape }
}

const numberLike = (refuse: Refuse, entry: string, value: number | undefined, like: TensorTree): TensorTree => {
  if (value === undefined) return refuse('mismatch', entry, 'kept by the optimizer, too', 'an optimizer without')
  if (!isTensor(like)) return typeof like === 'boolean' ? value !== 0 : value
  const { data, ...form } = tensorOf(like.dtype, like.shape, bytesOf(like))
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[0] = BigInt(value)
  else data[0] = value
  return { ...form, data } as Tensor
}
