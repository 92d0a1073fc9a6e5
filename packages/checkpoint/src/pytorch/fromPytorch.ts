import {
  type AnyGradientTransformation,
  check,
  InvalidOption,
  nonNegativeInteger,
  oneOf,
  optional,
  required,
  type StateOf,
  show,
  type Valid,
  withDefaults
} from '@gradchain/core'
import type { Either } from 'fp-ts/lib/Either.js'
import type { CheckpointError } from '../error.js'
import { attempt } from '../internal/attempt.js'
import { type Path, paramsOf } from '../internal/paramParts.js'
import type { TensorTree } from '../tensor.js'
import type { PytorchAlgorithm, PytorchGroups } from './algorithm.js'
import { ALGORITHMS } from './internal/algorithms.js'
import { modelFrom, modelLike } from './internal/modelFrom.js'
import { savedOptimizer, stateFrom } from './internal/optimizerFrom.js'
import { entryAt } from './internal/values.js'

/** Where something is in a file of PyTorch. */
export interface FromPytorchPlace {
  /** The keys that lead to it, such as `['model']` or `['optimizer_states', 0]`. @defaultValue `[]`, which is all of the file */
  readonly at?: readonly (string | number)[] | undefined
}

/** Options of {@link fromPytorch} for the state of a model. */
export interface FromPytorchModelOptions<P> extends FromPytorchPlace {
  /** Params of the structure, the shapes and the dtypes that are wanted. */
  readonly like: Valid<P>
}

/** Options of {@link fromPytorch} for the state of an optimizer. */
export interface FromPytorchOptions<T extends AnyGradientTransformation, P> extends FromPytorchPlace {
  /** The optimizer that goes on; or a function that makes it out of the param groups, whose hyperparameters it is given. */
  readonly optimizer: T | ((groups: PytorchGroups) => T)
  /** The params, in PyTorch's layout, in which a weight has the outputs first. */
  readonly params: Valid<P>
  /**
   * The names of the params, such as `body.weight` for `params.body.weight`, in the order in which PyTorch's optimizer was given
   * them: that of `model.named_parameters()`, as a rule. By default those in the file, which has some where it was given names.
   */
  readonly names?: readonly string[] | undefined
  /** Which optimizer wrote the state; by default the one whose hyperparameters its groups have. */
  readonly algorithm?: PytorchAlgorithm | undefined
  /** How many steps were taken, for those optimizers that do not count: SGD, Muon and Lion. */
  readonly step?: number | undefined
}

/** What {@link fromPytorch} makes of the state of an optimizer. */
export interface FromPytorch<T extends AnyGradientTransformation> {
  /** The optimizer that goes on. */
  readonly optimizer: T
  /** Its state, as if it had taken the steps. */
  readonly state: StateOf<T>
  /** Which optimizer of PyTorch it was. */
  readonly algorithm: PytorchAlgorithm
  /** The param groups with their hyperparameters, as {@link toPytorch} wants them for the way back. */
  readonly groups: PytorchGroups
}

/**
 * The state of a model of PyTorch as params, or that of an optimizer as a state of ours.
 *
 * Of a model, the names become paths: `body.weight` is `weight` in `body`. With `like` the result has that structure, in which
 * names and shapes must agree; without, it is an object of objects, with all that the model has.
 *
 * Of an optimizer, what it kept for each param goes to the field of our state that holds the same, wherever that is in a chain, a
 * partition or a wrapper:
 *
 *     SGD                  momentum_buffer → trace
 *     Adam, AdamW, RAdam   exp_avg → mu         exp_avg_sq → nu         max_exp_avg_sq → nuMax
 *     NAdam                exp_avg → mu         exp_avg_sq → nu         mu_product → momentumProduct
 *     Adamax               exp_avg → mu         exp_inf → nu
 *     Adadelta             square_avg → eG      acc_delta → eX
 *     Adagrad              sum → sumOfSquares
 *     RMSprop              square_avg → nu      grad_avg → mu           momentum_buffer → trace
 *     Rprop                prev → prevSigns     step_size → stepSizes
 *     ASGD                 ax → average         eta, mu: out of the group and the steps
 *     Adafactor            row_var, col_var → vRow, vCol             variance → v
 *     Muon                 momentum_buffer → mu
 *     Lion                 exp_avg → mu
 *
 * Every `count` becomes the number of steps, so that schedules go on where they were, but for those beside something that
 * PyTorch's optimizer does not keep, such as an average of the params: that begins anew. Params that PyTorch had frozen have
 * nothing in the file, and keep a fresh state; freeze them here as well. The means of Adafactor's rows and columns are ours of the longest axis and the second
 * longest, so that params with more than two axes are refused where those are not the last two; its `eps` are `floors` in the groups. An optimizer of `@gradchain/frameworks/pytorch` goes on with PyTorch's numbers.
 *
 * **Params of PyTorch are known by their order alone**: two of one shape that are in each other's place train on with each
 * other's moments. Give `names` in the order of the params that the optimizer was made with. The hyperparameters are in the
 * groups; give `optimizer` as a function to make it with them, one for all or a `partition` with one for each group.
 *
 * @param file - What {@link decodePytorch} gives.
 *
 * @example
 * const saved = { weight: ndarray([1, 2], [1, 2]), bias: ndarray([3], [1]) }
 * const model = fromPytorch(saved, { like: { weight: ndarray([0, 0], [1, 2]), bias: new Float32Array(1) } })
 * model._tag === 'Right' && model.right.bias // => Float32Array [3]
 *
 * @example
 * const params = { w: new Float32Array(2) }
 * const moments = { step: ndarray([3], []), exp_avg: ndarray([1, 2], [2]), exp_avg_sq: ndarray([3, 4], [2]) }
 * const group = { lr: 0.1, betas: [0.9, 0.99], eps: 1e-8, weight_decay: 0, amsgrad: false, maximize: false, decoupled_weight_decay: true }
 * const resumed = fromPytorch(
 *   { state: { 0: moments }, param_groups: [{ ...group, params: [0] }] },
 *   { params, names: ['w'], optimizer: ([{ lr, options }]) => pytorch.adamw(lr, options) }
 * )
 * resumed._tag === 'Right' && tree.get(resumed.right.state, 'mu') // => { w: Float32Array [1, 2] }
 *
 * @throws InvalidOption for an option that is none; InvalidTree for params that are no tree.
 * @see toPytorch for the way back, decodePytorch for the file.
 */
export function fromPytorch<T extends AnyGradientTransformation, P>(
  file: TensorTree,
  options: FromPytorchOptions<T, P>
): Either<CheckpointError, FromPytorch<T>>
export function fromPytorch<P>(file: TensorTree, options: FromPytorchModelOptions<P>): Either<CheckpointError, P>
export function fromPytorch(file: TensorTree, options?: FromPytorchPlace): Either<CheckpointError, TensorTree>
export function fromPytorch(file: TensorTree, options: FromPytorchPlace = {}): Either<CheckpointError, unknown> {
  return 'optimizer' in options
    ? optimizerOf(file, options as FromPytorchOptions<AnyGradientTransformation, unknown>)
    : modelOf(file, options)
}

const modelOf = (
  file: TensorTree,
  options: Partial<FromPytorchModelOptions<unknown>>
): Either<CheckpointError, unknown> => {
  const { at, like } = withDefaults<{ at: Path; like: unknown }>('fromPytorch', options, { at: [], like: undefined })
  checkPlace(at)
  const params = like === undefined ? undefined : paramsOf('fromPytorch', 'like', like)
  return attempt('fromPytorch', (refuse) => {
    const model = entryAt(refuse, file, at)
    return params === undefined ? modelFrom(refuse, model) : modelLike(refuse, model, params, like)
  })
}

const optimizerOf = <T extends AnyGradientTransformation>(
  file: TensorTree,
  options: FromPytorchOptions<T, unknown>
): Either<CheckpointError, FromPytorch<T>> => {
  const chosen = withDefaults<FromPytorchOptions<T, unknown>>('fromPytorch', options, {
    at: [],
    optimizer: required,
    params: required,
    names: undefined,
    algorithm: undefined,
    step: undefined
  })
  const { at = [], optimizer, names, algorithm, step } = chosen
  checkPlace(at)
  check('fromPytorch', { step }, optional(nonNegativeInteger))
  check('fromPytorch', { algorithm }, optional(oneOf(...Object.keys(ALGORITHMS))))
  if (names !== undefined && !(Array.isArray(names) && names.every((name) => typeof name === 'string'))) {
    throw new InvalidOption(`fromPytorch: names must be a list of names, got ${show(names)}`)
  }
  const params = paramsOf('fromPytorch', 'params', chosen.params)
  return attempt('fromPytorch', (refuse) => {
    const saved = savedOptimizer(refuse, entryAt(refuse, file, at), { names, algorithm })
    const tx = typeof optimizer === 'function' ? optimizer(saved.groups) : optimizer
    const state = stateFrom(refuse, saved, tx, { params, shape: chosen.params, step })
    return { optimizer: tx, state, algorithm: saved.algorithm, groups: saved.groups }
  })
}

const checkPlace = (at: Path): void => {
  if (Array.isArray(at) && at.every((key) => typeof key === 'string' || typeof key === 'number')) return
  throw new InvalidOption(`fromPytorch: at must be a list of names and numbers, got ${show(at)}`)
}
