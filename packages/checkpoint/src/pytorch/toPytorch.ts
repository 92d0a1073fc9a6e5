import {
  type AnyGradientTransformation,
  check,
  InvalidOption,
  isContainer,
  nonNegativeInteger,
  oneOf,
  optional,
  required,
  type StateOf,
  show,
  type Valid,
  withDefaults
} from '@gradchain/core'
import { paramsOf } from '../internal/paramParts.js'
import { tensorFrom } from '../internal/tensorFrom.js'
import type { Tensor, TensorTree } from '../tensor.js'
import type { PytorchAlgorithm, PytorchGroup } from './algorithm.js'
import { ALGORITHMS } from './internal/algorithms.js'
import { optimizerTo } from './internal/optimizerTo.js'

/** Options of {@link toPytorch} for the state of an optimizer. */
export interface ToPytorchOptions<T extends AnyGradientTransformation, P> {
  /** The optimizer whose state it is. */
  readonly optimizer: T
  /** The params. */
  readonly params: Valid<P>
  /** Which optimizer of PyTorch is to go on. */
  readonly algorithm: PytorchAlgorithm
  /**
   * Its param groups: the names of the params, such as `body.weight` for `params.body.weight`, in the order in which that optimizer
   * is given them, the learning rate, and the hyperparameters that differ from PyTorch's defaults.
   */
  readonly groups: readonly PytorchGroup[]
  /** How many steps were taken, for a state that does not count them: that of Rprop. */
  readonly step?: number | undefined
}

/**
 * Params as the state of a model of PyTorch, or a state of ours as that of an optimizer of PyTorch, for `load_state_dict`: the way back
 * from {@link fromPytorch}, which says what becomes of what.
 *
 * Of params, paths become names: `weight` in `body` is `body.weight`. Arrays keep their layout and their dtype; a number is a
 * tensor of float64 without axes. Params that are a list, as those of a `ParameterList`, have the names `0`, `1` …, which would be numbers
 * in the file: give `encodePytorch` a Map of them, `new Map(Object.entries(toPytorch(params)))`.
 *
 * Of an optimizer's state, what PyTorch's optimizer keeps for each param is looked for by its name, wherever it is in a chain or a
 * partition. What it does not keep, such as an average of the params, is left out. PyTorch takes the hyperparameters out
 * of what it loads, so that the groups decide with which it goes on; it rounds moments to the dtype of their params.
 *
 * Laws: `fromPytorch` of it is the params, and the state.
 *
 * @example
 * toPytorch({ body: { bias: ndarray([1, 2], [2]) } })
 * // => { 'body.bias': { dtype: 'float32', shape: [2], data: Float32Array [1, 2] } }
 *
 * @example
 * const params = { w: ndarray([1, 2], [2]) }
 * const optimizer = pytorch.sgd(0.1, { momentum: 0.9 })
 * const [next, state] = step(optimizer, { w: ndarray([3, 4], [2]) }, optimizer.init(params), params)
 * const groups = [{ names: ['w'], lr: 0.1, options: { momentum: 0.9 } }]
 * const saved = { model: toPytorch(next), optimizer: toPytorch(state, { optimizer, params: next, algorithm: 'SGD', groups }) }
 * saved.optimizer.state // => { '0': { momentum_buffer: { dtype: 'float32', shape: [2], data: Float32Array [3, 4] } } }
 * const file = encodePytorch(saved)
 *
 * @throws InvalidOption for groups that do not name each param once, or have hyperparameters that the algorithm has not; InvalidState
 * for a state that has nothing, or has two things, in the place of what it keeps; InvalidTree for params that are no tree.
 */
export function toPytorch<P>(params: Valid<P>): Readonly<Record<string, Tensor>>
export function toPytorch<T extends AnyGradientTransformation, P>(
  state: StateOf<T>,
  options: ToPytorchOptions<T, P>
): { readonly state: TensorTree; readonly param_groups: TensorTree }
export function toPytorch(given: unknown, options?: ToPytorchOptions<AnyGradientTransformation, unknown>): TensorTree {
  if (options === undefined) {
    const params = paramsOf('toPytorch', 'params', given)
    return Object.fromEntries(params.map(({ name, leaf }) => [name, tensorFrom(leaf) as Tensor]))
  }
  const chosen = withDefaults<ToPytorchOptions<AnyGradientTransformation, unknown>>('toPytorch', options, {
    optimizer: required,
    params: required,
    algorithm: required,
    groups: required,
    step: undefined
  })
  const { optimizer, algorithm, groups, params, step } = chosen
  check('toPytorch', { step }, optional(nonNegativeInteger))
  check('toPytorch', { algorithm }, oneOf(...Object.keys(ALGORITHMS)))
  if (!Array.isArray(groups)) throw new InvalidOption(`toPytorch: groups must be a list, got ${show(groups)}`)
  groups.forEach((group: unknown, i) => {
    const { names, options: own } = Object(group) as { readonly [key: string]: unknown }
    if (!Array.isArray(names)) {
      throw new InvalidOption(`toPytorch: groups[${i}].names must be a list of names, got ${show(names)}`)
    }
    if (!isContainer(own))
      throw new InvalidOption(`toPytorch: groups[${i}].options must be an object, got ${show(own)}`)
  })
  return optimizerTo(given, {
    optimizer,
    params: paramsOf('toPytorch', 'params', params),
    shape: params,
    algorithm,
    groups,
    step
  })
}
