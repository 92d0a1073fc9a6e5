// Steps that follow each other, in a memory of ours: what comes out is copied to jax-js, and only what is not there yet is copied in.
import {
  type AnyGradientTransformation,
  chain,
  type Leaf,
  type Transient,
  type Tree,
  transformation,
  transient
} from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { numpy as np } from '@jax-js/jax'
import { type Given, inOrderOf } from './compiled.js'
import type { Start } from './course.js'
import { arrays, isArray, isOnHost, made } from './library.js'
import { leavesOf, mapped, Slot } from './record.js'
import { rememberSum } from './sums.js'

type Device = np.Array['device']

/** What an update gives: updates or params, and the arrays of the next state. */
export interface Taken {
  readonly result: unknown
  readonly arrays: readonly np.Array[]
}

/** Keeps the updates that come so far as its state. */
const kept = () =>
  transformation<Tree>({
    init: (params) => tree.zerosLike(params) as Tree,
    update: (updates) => [updates, updates]
  })

const dataOf = (leaf: unknown): Float32Array =>
  leaf instanceof Float32Array ? leaf : (leaf as { data: Float32Array }).data

const isSingle = (array: unknown): array is np.Array => isArray(array) && array.dtype === np.float32 && isOnHost(array)

/** Whether updates of such a state can be made here: all of it is in its arrays, or follows from how many steps it has seen. */
export const canLive = (start: Start | null, params: unknown): start is Start =>
  start !== null &&
  leavesOf(params).every(isSingle) &&
  leavesOf(start.state).every((leaf) => !(leaf instanceof Slot) || leaf.form.dtype === 'float32')

/** The params and the state of an optimizer after its last update, in a memory of ours. */
export class Live {
  readonly #how: 'update' | 'step'
  readonly #start: Start
  readonly #device: Device
  readonly #run: Transient<Tree<Leaf>, unknown, unknown>
  readonly #grads: readonly Float32Array[]
  /** The arrays that have the params as they are here. */
  #params: unknown[] = []
  #steps = 0

  constructor(
    optimizer: AnyGradientTransformation,
    how: 'update' | 'step',
    { params, start, state }: { readonly params: unknown; readonly start: Start; readonly state: unknown },
    device: Device
  ) {
    this.#how = how
    this.#start = start
    this.#device = device
    const { toHost } = arrays(device)
    const host = mapped((array) => toHost(array as np.Array), inOrderOf(start.params, params)) as Tree<Leaf>
    const [tx, begun] =
      how === 'step' ? [optimizer, state] : [chain(optimizer, kept()), [state, tree.zerosLike(host)] as const]
    this.#run = transient(tx as AnyGradientTransformation, host, { state: begun })
    this.#grads = leavesOf(this.#run.grads).map(dataOf)
  }

  /** The state as it is now, in arrays that stay. */
  get state(): unknown {
    const { state } = this.#run.snapshot()
    return this.#how === 'step' ? state : (state as readonly unknown[])[0]
  }

  /** Whether an update can be made here: gradients and params are of the forms that this was made for. */
  takes(how: 'update' | 'step', { grads, params }: Given): boolean {
    if (how !== this.#how) return false
    const own = this.#start.params
    try {
      return [grads, params ?? grads].every((given) =>
        leavesOf(mapped((slot, array) => isOf(slot as Slot, array), own, given)).every(Boolean)
      )
    } catch {
      return false
    }
  }

  /** One update. */
  next({ grads, params }: Given): Taken {
    const own = this.#start.params
    const wanted = leavesOf(inOrderOf(own, grads))
    for (const [i, view] of this.#grads.entries()) fill(view, wanted[i] as np.Array)
    const given = params === null ? [] : leavesOf(inOrderOf(own, params))
    const views = leavesOf(this.#run.params)
    for (const [i, array] of given.entries()) {
      if (array !== this.#params[i]) fill(dataOf(views[i]), array as np.Array)
    }
    this.#params = []
    this.#steps += 1
    this.#run.step()

    const { params: moved, state: whole } = this.#run
    const [state, updates] = this.#how === 'step' ? [whole] : (whole as readonly [unknown, Tree<Leaf>])
    const all: np.Array[] = []
    const copied = (like: unknown, made: unknown): np.Array[] => {
      const leaves = leavesOf(inOrderOf(like, made))
      return leavesOf(like).flatMap((slot, i) => (slot instanceof Slot ? [this.#copied(slot, leaves[i], all)] : []))
    }
    try {
      const results = copied(own, updates ?? moved)
      if (this.#how === 'step') this.#params = [...results]
      else for (const [i, param] of given.entries()) this.#rememberSum(i, param as np.Array, results[i] as np.Array)
      return { result: tree.unflatten(own as never, results as never), arrays: copied(this.#start.state, state) }
    } catch (error) {
      for (const array of all) array.dispose()
      throw error
    }
  }

  /** A param stands here with its update added, until the next step. */
  #rememberSum(i: number, param: np.Array, update: np.Array): void {
    const { shape } = param
    const step = this.#steps
    const sum = (): np.Array | null => {
      if (step !== this.#steps) return null
      const data = dataOf(leavesOf(this.#run.params)[i])
      const array = made({ data, dtype: 'float32', shape }, this.#device)
      this.#params[i] = array
      return array
    }
    rememberSum(update, { param, made: sum })
  }

  #copied({ form: { shape } }: Slot, leaf: unknown, all: np.Array[]): np.Array {
    const array = made({ data: dataOf(leaf), dtype: 'float32', shape }, this.#device)
    all.push(array)
    return array
  }
}

const isOf = ({ form: { shape } }: Slot, array: unknown): boolean =>
  isSingle(array) && array.ndim === shape.length && array.shape.every((length, axis) => length === shape[axis])

/** Copies the elements of an array, which stays. */
const fill = (view: Float32Array, array: np.Array): void => view.set(array.ref.dataSync() as Float32Array)
