import { measured, scalarsOf, updateRatio } from '@gradchain/monitor'
import { type AnyGradientTransformation, applyUpdates, type GradientTransformation, globalNorm } from 'gradchain'
import type { Batch } from './batches.js'
import { gradients } from './gradients.js'
import type { Params } from './model.js'
import { type Stopwatch, untimed } from './stopwatch.js'

/** What one step of training did. */
export interface Step {
  /** Which step it was: 0, 1, 2, … */
  readonly step: number
  /** The loss on the step's batch, before the update. */
  readonly loss: number
  /** The length of the whole gradient, before the optimizer saw it. */
  readonly gradientNorm: number
  /** How large the update of each layer was beside its params, by the path of the layer. */
  readonly ratios: Readonly<Record<string, number>>
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

/** What is seen of each step. */
const MEASURES = { ratio: updateRatio({ by: 'leaf' }) }

/** An optimizer and the training with it. */
export interface Training {
  readonly optimizer: AnyGradientTransformation
  /** Hands out every step as a value, one for each batch; a stopwatch sees its parts. */
  readonly steps: (initial: Params, batches: Iterable<Batch>, start?: Start, watch?: Stopwatch) => Generator<Step, void>
}

/**
 * Trains with an optimizer, batch after batch, handing out every step as a value.
 *
 * Nothing is changed in place: the params and the optimizer's state of each step are new values, and the caller may keep
 * any of them. It is the caller who draws, logs, stops or goes on.
 *
 * @example
 * for (const { loss } of train(adam(1e-2)).steps(params, batches)) console.log(loss)
 */
export const train = <State>(optimizer: GradientTransformation<State>): Training => ({
  optimizer,
  *steps(initial, batches, start = atTheBeginning, watch = untimed) {
    // What is measured is computed in the same pass as the update.
    const tx = measured(optimizer, MEASURES)
    const restored = start.restored({ params: initial, state: optimizer.init(initial) })
    let { params } = restored
    let state = { ...tx.init(params), innerState: restored.state }
    let { step } = start
    const ahead = batches[Symbol.iterator]()
    while (true) {
      const next = watch('batches', () => ahead.next())
      if (next.done === true) return
      const { loss, grads } = watch('gradients', () => gradients(params, next.value))
      ;[params, state] = watch('optimizer', () => {
        const [updates, after] = tx.update(grads, state, params)
        return [applyUpdates(params, updates), after]
      })
      const { ratio } = state.measurements
      yield { step, loss, gradientNorm: globalNorm(grads), ratios: scalarsOf(ratio), params, state: state.innerState }
      step++
    }
  }
})
