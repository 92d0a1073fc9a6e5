import {
  type AnyGradientTransformation,
  check,
  type ExtraArguments,
  type ExtraOf,
  InvalidOption,
  InvalidState,
  positiveInteger,
  show,
  withDefaults
} from '@gradchain/core'
import { onHost } from '@gradchain/core/engine'
import * as tree from '@gradchain/core/tree'
import { defaultDevice, type JsTree, jit, type numpy as np } from '@jax-js/jax'
import { applyUpdates } from './applyUpdates.js'
import { Compiled, type Given, slotsOf } from './internal/compiled.js'
import { consume, Eager } from './internal/eager.js'
import { arrays, isArray, isOnHost, isThere, refuseSpent } from './internal/library.js'
import { leavesOf } from './internal/record.js'
import type { ArrayTree } from './internal/states.js'

/** The state of an optimizer: a tree of arrays, which `jit`, `tree.ref` and `tree.dispose` take. */
export type JaxState = JsTree<np.Array>

/** Options of {@link jaxjs}. */
export interface JaxjsOptions {
  /**
   * For how many steps a compiled update knows its numbers from the start, a whole number > 0; it learns more as it is called. A state that
   * was loaded, and is given to a compiled function at once, must not have seen more: its updates would be NaN. @defaultValue `256`
   */
  readonly steps?: number
}

/** Out of gradients, a state and params a tree like the params, and the next state. */
type JaxUpdate<Extra> = <P extends JsTree<np.Array>>(
  grads: P,
  state: JaxState,
  params: NoInfer<P>,
  ...extra: ExtraArguments<Extra>
) => [P, JaxState]

/**
 * An optimizer on trees of arrays of jax-js. Each function consumes the arrays that it is given, as those of jax-js do; an error leaves them as
 * they were, outside of `jit`.
 */
export interface JaxTransformation<Extra = unknown> {
  /** The state before the first update. */
  readonly init: (params: JsTree<np.Array>) => JaxState
  /** The updates to add to the params, and the next state. The params may be left out where they are not computed with. */
  readonly update: <P extends JsTree<np.Array>>(
    grads: P,
    state: JaxState,
    params?: NoInfer<P>,
    ...extra: ExtraArguments<Extra>
  ) => [P, JaxState]
  /** The new params, and the next state. */
  readonly step: JaxUpdate<Extra>
}

/**
 * An optimizer on trees of arrays of jax-js, inside and outside of `jit` and `grad`: `init`, `update`, and `step`, which gives the new params
 * at once. It goes where an optimizer of jax-js's own optax goes.
 *
 * Outside of `jit`, arrays on the devices wasm and cpu are read, and our own kernels compute: trajectories have the bits that they have on
 * arrays. Inside, and on other devices, each operation of an update is one of jax-js, with the accuracy that its device has. Numbers such as
 * rates and bias corrections are computed on the host in float64 all the same, and move from step to step: a compiled update takes those of its
 * step out of a table by the count in its state.
 *
 * Optimizers that read numbers out of arrays, such as line searches, or draw random numbers in every step, such as `noisySgd`, cannot be
 * compiled; they say so, and work outside of `jit`.
 *
 * @example
 * import { numpy as np } from '@jax-js/jax'
 * import { jaxjs } from '@gradchain/jax-js'
 *
 * const { init, step } = jaxjs(adam(0.5))
 * let params = { w: np.array([1, -2]) }
 * let state = init({ w: params.w.ref })
 * ;[params, state] = step({ w: np.array([3, -4]) }, state, params)
 * params.w.js() // => [0.5, -1.5]
 *
 * @throws InvalidTree for a leaf that is no array of floats, was freed, or is given more often than there are handles of it, with its place; InvalidState for a state of another optimizer;
 * InvalidOption for what is no optimizer, and for what cannot be compiled.
 * @see applyUpdates
 */
export const jaxjs = <T extends AnyGradientTransformation>(
  optimizer: T,
  options: JaxjsOptions = {}
): JaxTransformation<ExtraOf<T>> => {
  const { steps } = withDefaults('jaxjs', options, { steps: 256 })
  check('jaxjs', { steps }, positiveInteger)
  // It says what is no optimizer.
  onHost(arrays('cpu'), optimizer)
  const compiled = new Compiled(optimizer, steps)
  const eager = new Eager(optimizer, compiled)
  const jitted = jit((grads: JsTree<np.Array>, state: JaxState, params: JsTree<np.Array>) =>
    compiled.update({ grads, params, extra: undefined }, state)
  )

  const deviceOf = (value: unknown): np.Array['device'] => {
    const first = leavesOf(value).find((leaf) => isArray(leaf) && isThere(leaf)) as np.Array | undefined
    return first?.device ?? defaultDevice()
  }

  /** Where an update is made: of arrays at hand by our kernels, of those of a device compiled, of what stands for arrays as it is. */
  const wayOf = (given: Given, state: unknown): 'here' | 'compiled' | 'traced' => {
    const all = leavesOf([given.grads, given.params, given.extra, state]).filter(isArray)
    if (!all.every(isThere)) return 'traced'
    if (all.every(isOnHost) || given.params === null || given.extra !== undefined) return 'here'
    try {
      compiled.courseFor(given)
      return 'compiled'
    } catch (error) {
      if (error instanceof InvalidOption) return 'here'
      throw error
    }
  }

  const run = (how: 'update' | 'step', given: Given, state: JaxState): readonly [unknown, JaxState] => {
    const { extra, grads, params } = given
    if (typeof state !== 'object' || state === null || isArray(state)) {
      throw new InvalidState(`jaxjs: state must be one that this optimizer made, got ${show(state)}`)
    }
    refuseSpent('jaxjs', { grads, params, state, 'the extra argument': extra })
    const way = wayOf(given, state)
    if (way === 'here') {
      const result = eager.update(how, given, state, deviceOf(params ?? grads))
      consume(grads, params, state, extra)
      return result
    }
    const kept =
      how === 'step' ? { ...given, params: tree.map((array: np.Array) => array.ref, params as never) } : given
    const [updates, next] =
      way === 'traced' ? compiled.update(kept, state) : jitted(kept.grads as ArrayTree, state, kept.params as ArrayTree)
    return [how === 'step' ? applyUpdates(params as ArrayTree, updates) : updates, next]
  }

  return {
    init: (params) => {
      refuseSpent('jaxjs', { params })
      const all = leavesOf(params).filter(isArray)
      const isHere =
        all.every(isThere) && (all.every(isOnHost) || compiled.startFor(slotsOf('params', params)) === null)
      if (!isHere) return compiled.init(params)
      const state = eager.init(params, deviceOf(params))
      consume(params)
      return state
    },
    // The trees that come out are those that went in, with other arrays: this is where that is said.
    update: (grads, state, params, ...[extra]) =>
      run('update', { grads, params: params ?? null, extra }, state) as never,
    step: (grads, state, params, ...[extra]) => run('step', { grads, params, extra }, state) as never
  }
}
