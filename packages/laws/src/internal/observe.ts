import type { AnyGradientTransformation } from '@gradchain/core'
import type { Trajectory } from '../trajectory.js'
import { erase } from './erase.js'

/** What a trajectory shows: the updates of every step, and the states, the one that `init` gave first. */
export interface Observation {
  /** What was emitted, step by step. */
  readonly updates: readonly unknown[]
  /** The states, one more than there are steps. */
  readonly states: readonly unknown[]
}

/**
 * Runs a transformation over a trajectory.
 *
 * @example
 * const trajectory = { params: { w: 0 }, steps: [{ gradients: { w: 1 } }, { gradients: { w: 2 } }] }
 * observe(identity(), trajectory).updates // => [{ w: 1 }, { w: 2 }]
 */
export const observe = (tx: AnyGradientTransformation, { params, steps }: Trajectory): Observation => {
  const { init, update } = bound(tx)
  const states: unknown[] = [init(params)]
  const updates: unknown[] = []
  for (const step of steps) {
    const [emitted, next] = update(step.gradients, states.at(-1), step.params ?? params, step.extra)
    updates.push(emitted)
    states.push(next)
  }
  return { updates, states }
}

/** The two functions, which may be methods. */
export const bound = (tx: AnyGradientTransformation) => {
  const erased = erase(tx)
  return { init: erased.init.bind(tx), update: erased.update.bind(tx) }
}
