import { applyUpdates, type GradientTransformation, globalNorm } from 'gradchain'
import type { Batch } from './batches.js'
import { gradients } from './gradients.js'
import type { Params } from './model.js'

/** What one step of training did. */
export interface Step {
  /** Which step it was: 0, 1, 2, … */
  readonly step: number
  /** The loss on the step's batch, before the update. */
  readonly loss: number
  /** The length of the whole gradient, before the optimizer saw it. */
  readonly gradientNorm: number
  /** The params after the update. */
  readonly params: Params
  /** The optimizer's state after the update. */
  readonly state: unknown
}

/** Where a run begins: at its first step, or where a saved one goes on. */
export interface Start {
  /** Its first step. */
  readonly step: number
  /** What to go on from, in place of what a run would begin with. */
  readonly restored: <T>(fresh: T) => T
}

const atTheBeginning: Start = { step: 0, restored: (fresh) => fresh }

/**
 * Trains with an optimizer, batch after batch, handing out every step as a value.
 *
 * Nothing is changed in place: the params and the optimizer's state of each step are new values, and the caller may keep
 * any of them. It is the caller who draws, logs, stops or goes on.
 *
 * @example
 * for (const { loss } of train(adam(1e-2))(params, batches)) console.log(loss)
 */
export const train = <State>(optimizer: GradientTransformation<State>) =>
  function* (initial: Params, batches: Iterable<Batch>, start: Start = atTheBeginning): Generator<Step, void> {
    let { params, state } = start.restored({ params: initial, state: optimizer.init(initial) })
    let { step } = start
    for (const batch of batches) {
      const { loss, grads } = gradients(params, batch)
      const [updates, next] = optimizer.update(grads, state, params)
      params = applyUpdates(params, updates)
      state = next
      yield { step, loss, gradientNorm: globalNorm(grads), params, state }
      step++
    }
  }
