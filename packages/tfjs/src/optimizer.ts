import {
  type AnyGradientTransformation,
  describe,
  InvalidOption,
  InvalidState,
  InvalidTree,
  type NdArray,
  ndarray,
  show,
  type Tree
} from '@gradchain/core'
import type { ArrayState } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import { type FromDescriptionOptions, fromDescription } from '@gradchain/optimizers'
import * as tf from '@tensorflow/tfjs-core'
import { decoded, encoded, type Saved } from './internal/weights.js'
import { type TfjsTransformation, tfjs } from './tfjs.js'

/** A tensor and what it is called. */
export interface NamedTensor {
  name: string
  tensor: tf.Tensor
}

type Named = Record<string, tf.Tensor>
type State = ArrayState<tf.Tensor>

/** What descriptions of saved optimizers may name beside what is known: see `fromDescription`. */
export type RegisterTfjsOptimizerOptions = FromDescriptionOptions

let known: RegisterTfjsOptimizerOptions = {}

/**
 * A `tf.Optimizer` that does what an optimizer of ours does; {@link toTfjsOptimizer} makes it.
 *
 * Its state belongs to the names of variables: gradients may come in any order. A variable without a gradient rests; one that comes
 * later, or again with another shape, starts afresh. What belongs to one that was disposed is dropped.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs'
 * import { TfjsOptimizer, toTfjsOptimizer } from '@gradchain/tfjs'
 *
 * toTfjsOptimizer(sgd(0.1)) instanceof TfjsOptimizer // => true
 */
export class TfjsOptimizer extends tf.Optimizer {
  /** Under which name models are saved with it. */
  static readonly className = 'GradchainOptimizer'
  readonly #optimizer: AnyGradientTransformation
  readonly #tensors: TfjsTransformation
  /** The variables that the state is for, and their shapes. */
  #shapes: ReadonlyMap<string, readonly number[]> = new Map()
  #state: State | null = null
  /** Weights that were loaded before it was known which variables they are for. */
  #loaded: readonly Saved[] | null = null

  /** @param optimizer - what it does. */
  constructor(optimizer: AnyGradientTransformation) {
    super()
    this.#optimizer = optimizer
    // What an update needs beyond the params is given where TensorFlow.js knows it, and its absence found out there.
    this.#tensors = tfjs(optimizer) as TfjsTransformation
  }

  /** One step on the variables that gradients are given for; `extra` is what the optimizer needs beyond them. */
  override applyGradients(
    variableGradients: tf.NamedTensorMap | readonly NamedTensor[],
    extra?: Readonly<Record<string, unknown>>
  ): void {
    const given: Record<string, tf.Tensor | null> = isList(variableGradients)
      ? Object.fromEntries(variableGradients.map(({ name, tensor }) => [name, tensor ?? null]))
      : variableGradients
    tf.tidy(() => {
      const params = this.#meet(Object.keys(given))
      const grads = Object.fromEntries(Object.keys(params).map((name) => [name, given[name] ?? null]))
      const state = this.#state as State
      const [next, nextState] = this.#tensors.step(grads as never, state, params, extra)
      this.#keep(nextState)
      for (const [name, value] of Object.entries(next)) {
        if (grads[name] !== null) (params[name] as tf.Variable).assign(value)
      }
    })
    this.incrementIterations()
  }

  /** Minimizes `f`; an optimizer that needs the value of the loss gets it. */
  override minimize(f: () => tf.Scalar, returnCost = false, varList?: tf.Variable[]): tf.Scalar | null {
    const { value, grads } = this.computeGradients(f, varList)
    this.applyGradients(grads, { value })
    tf.dispose(grads)
    if (returnCost) return value
    value.dispose()
    return null
  }

  /** The count of iterations and the state, each leaf by its path; numbers as the bits of a float64. */
  override async getWeights(): Promise<NamedTensor[]> {
    const iterations = await this.saveIterations()
    const state = this.#loaded ?? (this.#state === null ? [] : leavesOf(this.#state))
    const paths = this.#loaded === null && this.#state !== null ? tree.leaves(tree.paths(this.#state as Tree)) : []
    return [iterations, ...state.map((leaf, i) => ({ name: `state${paths[i] ?? `[${i}]`}`, tensor: encoded(leaf) }))]
  }

  /** Takes what `getWeights` of such an optimizer gave; of one that had made no step, there is no state to take. */
  override async setWeights(weightValues: NamedTensor[]): Promise<void> {
    const [count, ...rest] = weightValues
    if (count === undefined) {
      throw new InvalidState('TfjsOptimizer: the weights must begin with the count of iterations, got none')
    }
    const loaded = await Promise.all(rest.map(({ name, tensor }) => decoded(name, tensor)))
    if (loaded.length === 0) this.#forget()
    else if (this.#state === null) this.#loaded = loaded
    else this.#keep(filledWith(this.#state, loaded))
    await this.extractIterations(weightValues)
  }

  /** What `fromConfig` makes the optimizer of again: its description. */
  override getConfig(): tf.serialization.ConfigDict {
    return { description: JSON.stringify(describe(this.#optimizer)) }
  }

  /** Makes an optimizer again that was saved with a model. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict
  ): T {
    const { description } = config
    if (typeof description !== 'string') {
      throw new InvalidOption(
        `TfjsOptimizer: description must be a description of an optimizer, got ${show(description)}`
      )
    }
    return new cls(fromDescription(JSON.parse(description), known))
  }

  /** Frees what it holds. */
  override dispose(): void {
    this.#forget()
  }

  #forget(): void {
    if (this.#state !== null) tf.dispose(tensorsOf(this.#state))
    this.#state = null
    this.#loaded = null
    this.#shapes = new Map()
  }

  /** The variables of these names and those before that are still there, which the state fits then. */
  #meet(names: readonly string[]): Named {
    const isThere = (name: string): boolean => tf.engine().registeredVariables[name] !== undefined
    const all = new Set([...[...this.#shapes.keys()].filter(isThere), ...names])
    const params = Object.fromEntries([...all].map((name) => [name, variableOf(name)]))
    const shapes = new Map(Object.entries(params).map(([name, { shape }]) => [name, shape]))
    if (this.#state === null) {
      const fresh = this.#tensors.init(params)
      this.#keep(this.#loaded === null ? fresh : filledWith(fresh, this.#loaded))
      this.#loaded = null
    } else if (!areSame(this.#shapes, shapes)) {
      this.#keep(fittedTo(this.#optimizer, this.#state, this.#shapes, params))
    }
    this.#shapes = shapes
    return params
  }

  #keep(state: State): void {
    const before = this.#state
    for (const tensor of tensorsOf(state)) tf.keep(tensor)
    this.#state = state
    if (before === null || before === state) return
    const kept = new Set(tensorsOf(state))
    tf.dispose(tensorsOf(before).filter((tensor) => !kept.has(tensor)))
  }
}

const isList = (given: tf.NamedTensorMap | readonly NamedTensor[]): given is readonly NamedTensor[] =>
  Array.isArray(given)

const variableOf = (name: string): tf.Variable => {
  const variable = tf.engine().registeredVariables[name]
  if (variable !== undefined) return variable
  throw new InvalidTree(`TfjsOptimizer: ${show(name)} has a gradient or a state, and there is no variable of that name`)
}

type Leaf = Saved | Float32Array | Float64Array | tf.Tensor

const leavesOf = (state: State): readonly Leaf[] => tree.leaves(state as Tree) as never

const tensorsOf = (state: State): tf.Tensor[] =>
  leavesOf(state).filter((leaf): leaf is tf.Tensor => leaf instanceof tf.Tensor)

/** A state with other values in it, in the order of its leaves. */
const filledWith = (state: State, values: readonly Saved[]): State => {
  const leaves = leavesOf(state)
  if (leaves.length !== values.length) {
    throw new InvalidState(
      `TfjsOptimizer: the weights hold ${values.length} parts of a state, and the state for these variables has ${leaves.length}`
    )
  }
  return tree.unflatten(
    state as Tree,
    leaves.map((leaf, i) => fitted(leaf, values[i] as Saved, i))
  ) as State
}

const fitted = (leaf: Leaf, value: Saved, i: number): unknown => {
  const wanted = shapeOf(leaf)
  const given = shapeOf(value)
  if (wanted !== given) {
    throw new InvalidState(`TfjsOptimizer: part ${i} of the state is ${wanted}, and in the weights ${given}`)
  }
  if (typeof value !== 'object') return value
  if (ArrayBuffer.isView(leaf)) return value.data
  return leaf instanceof tf.Tensor ? tf.tensor(value.data, [...value.shape], 'float32') : value
}

const shapeOf = (leaf: Leaf): string => {
  if (typeof leaf === 'number') return 'a number'
  if (typeof leaf !== 'object') return typeof leaf === 'string' ? 'a text' : 'true or false'
  if (ArrayBuffer.isView(leaf))
    return `${leaf instanceof Float32Array ? 'float32' : 'float64'} of shape [${leaf.length}]`
  return `${leaf.dtype} of shape [${leaf.shape.join(', ')}]`
}

type Shapes = ReadonlyMap<string, readonly number[]>

const isShape = (a: readonly number[] | undefined, b: readonly number[]): boolean =>
  a !== undefined && a.length === b.length && a.every((length, i) => length === b[i])

const areSame = (before: Shapes, after: Shapes): boolean =>
  before.size === after.size && [...after].every(([name, shape]) => isShape(before.get(name), shape))

/** A state for other variables: what belongs to those that stay is kept. */
const fittedTo = (optimizer: AnyGradientTransformation, state: State, before: Shapes, params: Named): State => {
  const isOnDevice = tensorsOf(state).length > 0
  // It is found out on arrays which part of a state is whose; of those that were there before, their shapes are enough.
  const old = Object.fromEntries([...before].map(([name, shape]) => [name, zerosOf(shape)]))
  const staying = Object.fromEntries(
    Object.entries(old).filter(([name, { shape }]) => isShape(params[name]?.shape, shape))
  )
  const kept = tree.growState(optimizer, brought(state), old as never, staying as never, { prune: true })
  const after = tree.growState(optimizer, kept, staying as never, brought(params) as never) as Tree
  if (!isOnDevice) return after as State
  return tree.map((leaf: unknown) => {
    const { dtype, shape, data } = leaf as Partial<NdArray>
    return dtype === 'float32' && shape !== undefined ? tf.tensor(data as Float32Array, [...shape], 'float32') : leaf
  }, after as never) as State
}

const zerosOf = (shape: readonly number[]): NdArray =>
  ndarray(new Float32Array(shape.reduce((size, length) => size * length, 1)), shape)

const brought = (given: unknown): Tree =>
  tree.map(
    (leaf: unknown) =>
      leaf instanceof tf.Tensor ? { dtype: 'float32', shape: leaf.shape, data: leaf.dataSync() } : leaf,
    given as never
  ) as Tree

/**
 * A `tf.Optimizer` that does what an optimizer does: for `model.compile({ optimizer })`, and with `minimize` and
 * `applyGradients` for loops of one's own.
 *
 * Moments belong to the names of variables. The value of the loss is handed on to optimizers that need it, such as
 * `reduceOnPlateau`. `getWeights` and `setWeights` hold all of the state, numbers to the bit; a model is saved with it, and
 * loaded where {@link registerTfjsOptimizer} was called. `tf.memory()` stays what it is after the first step.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs'
 * import { toTfjsOptimizer } from '@gradchain/tfjs'
 *
 * await tf.setBackend('cpu')
 * const w = tf.variable(tf.tensor1d([1, -2]))
 * const optimizer = toTfjsOptimizer(chain(clipByGlobalNorm(1), adamw(0.5)))
 * optimizer.minimize(() => tf.sum(tf.square(w)) as tf.Scalar)
 * w.dataSync() // => Float32Array [0.49…, -1.49…]
 * tf.dispose(w)
 * optimizer.dispose()
 *
 * @throws InvalidOption for what is no optimizer.
 * @see tfjs
 */
export const toTfjsOptimizer = (optimizer: AnyGradientTransformation): TfjsOptimizer => {
  registerTfjsOptimizer()
  return new TfjsOptimizer(optimizer)
}

/**
 * Lets `tf.loadLayersModel` load models that were saved with an optimizer of ours. Where one was made of functions or factories of your
 * own, they are given here by their names.
 *
 * @example
 * import * as tf from '@tensorflow/tfjs'
 * import { registerTfjsOptimizer, TfjsOptimizer } from '@gradchain/tfjs'
 *
 * registerTfjsOptimizer({ functions: { falling: (step: number) => 1 / (1 + step) } })
 * tf.serialization.SerializationMap.getMap().classNameMap['GradchainOptimizer']?.[0] === TfjsOptimizer // => true
 */
export const registerTfjsOptimizer = (options?: RegisterTfjsOptimizerOptions): void => {
  if (options !== undefined) known = options
  tf.serialization.registerClass(TfjsOptimizer)
}
