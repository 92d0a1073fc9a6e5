// An update on arrays whose elements are at hand: by our own kernels.
import {
  type AnyGradientTransformation,
  InvalidOption,
  InvalidState,
  InvalidTree,
  type NdArray,
  ndarray
} from '@gradchain/core'
import { type ArrayOptimizer, onHost } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import { numpy as np } from '@jax-js/jax'
import { type Compiled, type Given, inOrderOf, open, slotsOf } from './compiled.js'
import { type Start, stateAfter } from './course.js'
import { arrays, isArray, made } from './library.js'
import { leavesOf, Slot } from './record.js'
import { type ArrayTree, arraysFor, numberArray, numberIn, readBack, withoutEmpty, written } from './states.js'

type Device = np.Array['device']

/** A state as we have it, for the arrays that stand for it. */
interface Source {
  readonly state: unknown
  readonly arrays: readonly np.Array[]
}

const isPart = (leaf: unknown): boolean => typeof leaf === 'object'

const madeOf = (part: unknown, device: Device): np.Array => {
  if (part instanceof Float32Array) return made(ndarray(part, [part.length]), device)
  return made(part instanceof Float64Array ? ndarray(part, [part.length]) : (part as NdArray), device)
}

/** An optimizer on arrays that are at hand. */
export class Eager {
  readonly #optimizer: AnyGradientTransformation
  readonly #compiled: Compiled
  readonly #hosts = new Map<Device, ArrayOptimizer<np.Array>>()
  readonly #sources = new WeakMap<np.Array, Source>()

  constructor(optimizer: AnyGradientTransformation, compiled: Compiled) {
    this.#optimizer = optimizer
    this.#compiled = compiled
  }

  #on(device: Device): ArrayOptimizer<np.Array> {
    const known = this.#hosts.get(device)
    if (known !== undefined) return known
    const host = onHost(arrays(device), this.#optimizer) as ArrayOptimizer<np.Array>
    this.#hosts.set(device, host)
    return host
  }

  init(params: unknown, device: Device): ArrayTree {
    const start = this.#compiled.startFor(slotsOf('params', params))
    return this.#packed(start, this.#on(device).init(params as never), 0, device)
  }

  /** Updates, or params where `how` is `step`, and the next state. */
  update(how: 'update' | 'step', given: Given, state: ArrayTree, device: Device): [unknown, ArrayTree] {
    const { extra, grads } = given
    const owner = given.params ?? grads
    const slots = slotsOf('params', owner)
    const start = this.#compiled.startFor(slots)
    if (given.params === null) this.#askForNoParams(start, given)
    const [count, opened] = this.#opened(start, state)
    const args = extra === undefined ? [] : [extra]
    const [result, next] = this.#on(device)[how](grads as never, opened as never, owner as never, ...(args as [never]))
    return [inOrderOf(owner, result), this.#packed(start, next, count + 1, device)]
  }

  /** Refuses that params are left out, where they are computed with. */
  #askForNoParams(start: Start | null, given: Given): void {
    try {
      if (start !== null) {
        this.#compiled.courseFor(given)
        return
      }
    } catch (error) {
      if (!(error instanceof InvalidOption)) throw error
    }
    throw new InvalidTree('jaxjs: params must be given to update, as this optimizer may compute with them')
  }

  #packed(start: Start | null, state: unknown, count: number, device: Device): ArrayTree {
    this.#compiled.reached(count)
    if (start === null) {
      const key = written(state, isPart)
      const parts = leavesOf(state)
        .filter(isPart)
        .map((part) => madeOf(part, device))
      this.#sources.set(key, { state, arrays: parts })
      return { host: key, state: parts }
    }
    const leaves = leavesOf(inOrderOf(start.state, state))
    const parts = leavesOf(start.state).map((slot, i) => {
      const leaf = leaves[i]
      if (!(slot instanceof Slot)) return null
      return typeof leaf === 'number' ? numberArray(leaf) : madeOf(leaf, device)
    })
    const key = np.array(new Int32Array([count]), { shape: [] })
    this.#sources.set(key, { state, arrays: parts.filter((part) => part !== null) })
    return { count: key, state: withoutEmpty(tree.unflatten(start.state as never, parts)) }
  }

  /** How many updates a state has seen, where that is known, and the state as we have it. */
  #opened(start: Start | null, given: ArrayTree): readonly [number, unknown] {
    const { host, state: parts } = given as { readonly host?: unknown; readonly state?: unknown }
    if (start === null) {
      if (!isArray(host) || host.dtype !== np.uint32 || !Array.isArray(parts) || !parts.every(isArray)) {
        throw new InvalidState(`jaxjs: state must be one that this optimizer made`)
      }
      return [0, this.#source(host, parts) ?? readBack(host, parts)]
    }
    const { count } = open(given)
    const steps = numberIn(count)
    if (!Number.isInteger(steps) || steps < 0) {
      throw new InvalidState(`jaxjs: state.count must be a whole number ≥ 0, got ${steps}`)
    }
    const found = arraysFor(start.state, parts, 'state')
    return [steps, this.#source(count, found) ?? this.#rebuilt(start, found, steps)]
  }

  #source(key: np.Array, parts: readonly np.Array[]): unknown {
    const source = this.#sources.get(key)
    const isSame = source?.arrays.length === parts.length && source.arrays.every((part, i) => part === parts[i])
    return isSame ? source.state : undefined
  }

  /** A state that comes from elsewhere, such as a jitted function: what is not in its arrays follows from how many steps it has seen. */
  #rebuilt(start: Start, parts: readonly np.Array[], steps: number): unknown {
    const known = leavesOf(inOrderOf(start.state, stateAfter(this.#optimizer, start, steps)))
    let at = 0
    const leaves = leavesOf(start.state).map((slot, i) => {
      if (!(slot instanceof Slot)) return known[i]
      const part = parts[at++] as np.Array
      return slot.form.dtype === 'number' ? numberIn(part) : part
    })
    return tree.unflatten(start.state as never, leaves)
  }
}

/** Gives up all arrays of some trees. */
export const consume = (...trees: readonly unknown[]): void => {
  for (const given of trees) {
    for (const leaf of leavesOf(given)) if (isArray(leaf)) leaf.dispose()
  }
}
