import { check, nonNegative, nonNegativeInteger, oneOf, positive, required, withDefaults } from '@gradchain/core'
import { constantSchedule, joinSchedules, type Schedule } from '@gradchain/schedules'
import { checkWarmup } from '../internal/warmed.js'
import { wave } from '../internal/wave.js'

/** A way from 1 to 0: a straight line, half a period of the cosine, or what the root leaves. */
export type WayName = 'linear' | 'cosine' | '1-sqrt'

/** Options of {@link warmupStableDecay}. */
export interface WarmupStableDecayOptions {
  /** Number of steps of the warmup, a whole number ≥ 0; there it begins at 0. */
  readonly numWarmupSteps: number
  /** Number of steps of the way down, a whole number ≥ 0. */
  readonly numDecaySteps: number
  /** Number of steps of the whole. @defaultValue none */
  readonly numTrainingSteps?: number | undefined
  /** Number of steps between the two ways, a whole number ≥ 0. @defaultValue what is left of `numTrainingSteps` */
  readonly numStableSteps?: number | undefined
  /** The way up. @defaultValue `'linear'` */
  readonly warmupType?: WayName
  /** The way down. @defaultValue `'cosine'` */
  readonly decayType?: WayName
  /** The first and the last value as a share of the learning rate, finite and ≥ 0. @defaultValue `0` */
  readonly minLrRatio?: number
  /** Number of periods of a cosine on the way down, finite and > 0. @defaultValue `0.5` */
  readonly numCycles?: number
}

/**
 * transformers' `warmup_stable_decay`: up, along, and down.
 *
 * The way down is half a period of the cosine by default, where the paper has a straight line or less. `minLrRatio` lifts the start of the
 * warmup too. `numStableSteps` or `numTrainingSteps` must be given; of both, the first counts.
 *
 * @param learningRate - what shares are of, any finite number.
 *
 * @example
 * const schedule = transformers.schedules.warmupStableDecay(8, { numWarmupSteps: 4, numDecaySteps: 4, numTrainingSteps: 16 })
 * schedule(2) // => 4
 * schedule(11) // => 8
 * schedule(14) // => 4
 *
 * @throws InvalidOption at construction, when an option is missing, unknown or outside its range.
 * @see {@link https://huggingface.co/docs/transformers/main_classes/optimizer_schedules}, `get_wsd_schedule`
 */
export const warmupStableDecay = (learningRate: number, options: WarmupStableDecayOptions): Schedule => {
  const {
    numWarmupSteps,
    numDecaySteps,
    numTrainingSteps,
    numStableSteps,
    warmupType,
    decayType,
    minLrRatio,
    numCycles
  } = withDefaults<Required<WarmupStableDecayOptions>>('transformers.schedules.warmupStableDecay', options, {
    numWarmupSteps: required,
    numDecaySteps: required,
    numTrainingSteps: undefined,
    numStableSteps: undefined,
    warmupType: 'linear',
    decayType: 'cosine',
    minLrRatio: 0,
    numCycles: 0.5
  })
  const owner = 'transformers.schedules.warmupStableDecay'
  checkWarmup(owner, learningRate, numWarmupSteps)
  check(owner, { numDecaySteps }, nonNegativeInteger)
  const stable = numStableSteps ?? (numTrainingSteps ?? NaN) - numWarmupSteps - numDecaySteps
  check(owner, { numStableSteps: stable }, nonNegativeInteger)
  check(owner, { warmupType, decayType }, oneOf('linear', 'cosine', '1-sqrt'))
  check(owner, { minLrRatio }, nonNegative)
  check(owner, { numCycles }, positive)
  const lifted = (share: number): number => learningRate * Math.max(0, share * (1 - minLrRatio) + minLrRatio)

  return Object.assign(
    joinSchedules(
      [
        (step) => lifted(left(warmupType, 1 - step / numWarmupSteps, 0.5)),
        constantSchedule(learningRate),
        (step) => lifted(left(decayType, step / numDecaySteps, numCycles)),
        constantSchedule(learningRate * minLrRatio)
      ],
      [numWarmupSteps, numWarmupSteps + stable, numWarmupSteps + stable + numDecaySteps]
    ),
    { origin: ['transformers.schedules.warmupStableDecay', learningRate, { ...options }] }
  )
}

/** What is left of the way after a share of it. */
const left = (way: WayName, share: number, numCycles: number): number => {
  if (way === 'cosine') return wave(numCycles * share)
  return 1 - (way === 'linear' ? share : Math.sqrt(share))
}
