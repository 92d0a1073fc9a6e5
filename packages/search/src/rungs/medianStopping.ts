import { check, InvalidOption, nonNegativeInteger, show, withDefaults } from '@gradchain/core'
import { isUsable } from '../internal/ranked.js'

/** Options of {@link medianStopping}. */
export interface MedianStoppingOptions {
  /** How many other trials must have come as far before one is stopped, a whole number ≥ 0; with 0 there must be one. @defaultValue `5` */
  readonly startupTrials?: number | undefined
  /** Up to which step no trial is stopped, a whole number ≥ 0. @defaultValue `0` */
  readonly warmupSteps?: number | undefined
}

/** State of {@link medianStopping}. */
export interface MedianStoppingState {
  /** What was told: the losses of each trial by step, `null` for one that was no finite number. */
  readonly trials: Readonly<Record<string, Readonly<Record<string, number | null>>>>
}

/** A loss on the way. */
export interface TrialReport {
  /** The number or the name of the trial. */
  readonly trial: number | string
  /** How far it has come, a whole number ≥ 0. */
  readonly step: number
  /** Its loss there. */
  readonly loss: number
}

/** A rule that says when to give a trial up: two pure functions. */
export interface StoppingRule<State> {
  /** The state before anything is told. */
  readonly init: () => State
  /** Whether the trial is to be given up, and the state that knows of it. */
  readonly tell: (state: State, report: TrialReport) => readonly [stop: boolean, state: State]
}

/**
 * Gives up trials that are worse than half of the others were as far on: early stopping across trials, for any search.
 *
 *     stop  ⇔  min of its losses so far  >  median of the losses of the others at this step
 *
 * where at least `startupTrials` others were told at this step, and the step is above `warmupSteps`. The median of an even number of losses is the
 * mean of the two in the middle. A loss that is no finite number is worse than all others; a trial without any other is then given up,
 * and the median is over the others as they are.
 *
 * Laws: what is equal to the median goes on; transformations of the losses that keep their order change nothing where the others are odd in number; the names of the trials do not
 * matter, nor in which order others were told.
 *
 * @example
 * const rule = medianStopping({ startupTrials: 2 })
 * let state = rule.init()
 * for (const [trial, loss] of [1, 2, 3].entries()) state = rule.tell(state, { trial, step: 10, loss })[1]
 * rule.tell(state, { trial: 3, step: 10, loss: 2.5 })[0] // => true
 * rule.tell(state, { trial: 3, step: 10, loss: 2 })[0] // => false
 *
 * @throws InvalidOption at construction, when an option is outside its range; at `tell`, for a step that is no whole number ≥ 0 and a loss
 * that is no number.
 * @see Golovin et al. (2017), Google Vizier: A Service for Black-Box Optimization, section 3.2.2; the numbers are those of Optuna
 * 5.0's MedianPruner
 */
export const medianStopping = (options: MedianStoppingOptions = {}): StoppingRule<MedianStoppingState> => {
  const { startupTrials, warmupSteps } = withDefaults('medianStopping', options, { startupTrials: 5, warmupSteps: 0 })
  check('medianStopping', { startupTrials, warmupSteps }, nonNegativeInteger)

  return {
    init: () => ({ trials: {} }),
    tell: ({ trials }, { trial, step, loss }) => {
      check('medianStopping', { step }, nonNegativeInteger)
      if (typeof loss !== 'number') throw new InvalidOption(`medianStopping: loss must be a number, got ${show(loss)}`)
      const own: Readonly<Record<string, number | null>> = { ...trials[trial], [step]: isUsable(loss) ? loss : null }
      const state = { trials: { ...trials, [trial]: own } }
      const others: number[] = []
      for (const [name, losses] of Object.entries(trials)) {
        const told = losses[step]
        if (name !== String(trial) && told !== undefined) others.push(told ?? Infinity)
      }
      if (others.length < Math.max(1, startupTrials) || step <= warmupSteps) return [false, state]
      const best = Math.min(...Object.values(own).map((value) => value ?? Infinity))
      return [best === Infinity || best > medianOf(others), state]
    }
  }
}

const medianOf = (losses: readonly number[]): number => {
  const sorted = [...losses].sort((a, b) => (a === b ? 0 : a - b))
  const half = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(half) - 1] as number, sorted[Math.floor(half)] as number]
  // Halved first, so that nothing overflows.
  return low === high ? low : low / 2 + high / 2
}
