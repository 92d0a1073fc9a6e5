// An update on arrays whose elements are at hand: by our own kernels.
import {
  type AnyGradientTransformation,
  InvalidOption,
  InvalidState,
  InvalidTree,
  type NdArray,
  ndarray
} from '@gradchain/core'
import { type ArrayForm, type ArrayOptimizer, onHost } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import { numpy as np } from '@jax-js/jax'
import { type Compiled, type Given, inOrderOf, open, slotsOf } from './compiled.js'
import { type Start, stateAfter } from './course.js'
import { arrays, isArray, made } from './library.js'
import { canLive, Live } from './live.js'
import { leavesOf, Slot } from './record.js'
import { type ArrayTree, arraysFor, numberArray, numberIn, readBack, withoutEmpty, written } from './states.js'

type Device = np.Array['device']

/** A state as we have it, for the arrays that stand for it. */
interface Source {
  readonly start: Start | null
  readonly state: unknown
  readonly arrays: readonly np.Array[]
  /** How many updates it has seen, where that is known. */
  readonly count: number
  /** The params that it is for. */
  readonly forms: readonly ArrayForm[]
  /** How many updates were made on the way to it, one right after the other. */
  readonly streak: number
  /** The memory that the state stands in, in place of `state`. */
  readonly live?: Live
}

/** A state in a memory of its own. */
interface Alive extends Source {
  readonly start: Start
  readonly live: Live
}

/** So many updates follow each other before those to come are made in a memory of their own. */
const STREAK = 3

const formsOf = (params: unknown): readonly ArrayForm[] =>
  leavesOf(params).map((leaf) => ({
    dtype: (leaf as np.Array).dtype as ArrayForm['dtype'],
    shape: (leaf as np.Array).shape
  }))

const isOfForms = (params: unknown, forms: readonly ArrayForm[]): boolean => {
  const leaves = leavesOf(params)
  return (
    leaves.length === forms.length &&
    forms.every(({ dtype, shape }, i) => {
      const leaf = leaves[i]
      return (
        isArray(leaf) &&
        leaf.dtype === dtype &&
        leaf.ndim === shape.length &&
        leaf.shape.every((length, axis) => length === shape[axis])
      )
    })
  )
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
  /** Whether updates cannot be made in a memory of their own. */
  #isUnfit = false

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
    const forms = formsOf(params)
    return this.#packed(this.#on(device).init(params as never), { start, count: 0, forms, streak: 0 }, device)
  }

  /** Updates, or params where `how` is `step`, and the next state. */
  update(how: 'update' | 'step', given: Given, state: ArrayTree, device: Device): [unknown, ArrayTree] {
    const { extra, grads } = given
    const owner = given.params ?? grads
    let source = this.#sourceOf(state, owner) ?? this.#read(state, owner)
    if (given.params === null) this.#askForNoParams(source.start, given)
    const alive = this.#alive(how, given, source, device)
    if (alive !== null) {
      // The memory is that of the next state from now on.
      this.#sources.delete(open(state).count)
      try {
        return this.#lived(alive, given)
      } catch {
        this.#isUnfit = true
        source = this.#read(state, owner)
      }
    }
    const args = extra === undefined ? [] : [extra]
    const whole = source.live === undefined ? source.state : source.live.state
    const on = this.#on(device)
    const [result, next] = on[how](grads as never, whole as never, owner as never, ...(args as [never]))
    const { count, forms, start, streak } = source
    const moved = { start, count: count + 1, forms, streak: streak + 1 }
    return [inOrderOf(owner, result), this.#packed(next, moved, device)]
  }

  /** A state that stands in a memory of its own, where an update can be made in it; it is made once it is worth that. */
  #alive(how: 'update' | 'step', given: Given, source: Source, device: Device): Alive | null {
    const { live, start, state, streak } = source
    const { extra, grads } = given
    const params = given.params ?? grads
    if (extra !== undefined || !canLive(start, params)) return null
    if (live !== undefined) return live.takes(how, given) ? { ...source, start, live } : null
    if (streak < STREAK || this.#isUnfit) return null
    try {
      const made = new Live(this.#optimizer, how, { params, start, state }, device)
      return made.takes(how, given) ? { ...source, start, state: null, live: made } : null
    } catch {
      // There is no such memory left, or the state is not of those that can stand in it.
      this.#isUnfit = true
      return null
    }
  }

  #lived(alive: Alive, given: Given): [unknown, ArrayTree] {
    const { arrays, result } = alive.live.next(given)
    const count = alive.count + 1
    this.#compiled.reached(count)
    return [inOrderOf(given.params ?? given.grads, result), this.#kept({ ...alive, arrays, count }, alive.start)]
  }

  /** A state as those who use it have it. */
  #kept(source: Source, start: Start): ArrayTree {
    const key = np.array(new Int32Array([source.count]), { shape: [] })
    this.#sources.set(key, source)
    let at = 0
    const parts = leavesOf(start.state).map((slot) => (slot instanceof Slot ? source.arrays[at++] : null))
    return { count: key, state: withoutEmpty(tree.unflatten(start.state as never, parts as never)) }
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

  #packed(
    state: unknown,
    { count, forms, start, streak }: Pick<Source, 'count' | 'forms' | 'start' | 'streak'>,
    device: Device
  ): ArrayTree {
    this.#compiled.reached(count)
    if (start === null) {
      const key = written(state, isPart)
      const parts = leavesOf(state)
        .filter(isPart)
        .map((part) => madeOf(part, device))
      this.#sources.set(key, { start, state, arrays: parts, count, forms, streak })
      return { host: key, state: parts }
    }
    const leaves = leavesOf(inOrderOf(start.state, state))
    const parts = leavesOf(start.state).flatMap((slot, i) => {
      const leaf = leaves[i]
      if (!(slot instanceof Slot)) return []
      return [typeof leaf === 'number' ? numberArray(leaf) : madeOf(leaf, device)]
    })
    return this.#kept({ start, state, arrays: parts, count, forms, streak }, start)
  }

  /** What a state was made of that we made for such params, if its arrays are still there. */
  #sourceOf(given: ArrayTree, params: unknown): Source | undefined {
    const { count, host, state } = given as {
      readonly count?: unknown
      readonly host?: unknown
      readonly state?: unknown
    }
    const key = count ?? host
    const source = isArray(key) && key.refCount > 0 ? this.#sources.get(key) : undefined
    if (source === undefined || !isOfForms(params, source.forms)) return undefined
    const parts = leavesOf(state)
    const isSame =
      parts.length === source.arrays.length && source.arrays.every((part, i) => part === parts[i] && part.refCount > 0)
    return isSame ? source : undefined
  }

  /** A state as we have it, out of its arrays. */
  #read(given: ArrayTree, params: unknown): Source {
    const start = this.#compiled.startFor(slotsOf('params', params))
    const { host, state } = given as { readonly host?: unknown; readonly state?: unknown }
    const forms = formsOf(params)
    if (start === null) {
      if (!isArray(host) || host.dtype !== np.uint32 || !Array.isArray(state) || !state.every(isArray)) {
        throw new InvalidState('jaxjs: state must be one that this optimizer made')
      }
      return { start, state: readBack(host, state), arrays: state, count: 0, forms, streak: 0 }
    }
    const { count, state: parts } = open(given)
    const steps = numberIn(count)
    if (!Number.isInteger(steps) || steps < 0) {
      throw new InvalidState(`jaxjs: state.count must be a whole number ≥ 0, got ${steps}`)
    }
    const found = arraysFor(start.state, parts, 'state')
    return { start, state: this.#rebuilt(start, found, steps), arrays: found, count: steps, forms, streak: 0 }
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
