import {
  boolean,
  callable,
  check,
  finite,
  type Key,
  keyOrSeed,
  nonNegative,
  oneOf,
  optional,
  orSchedule,
  type Requirement,
  required,
  withDefaults
} from '@gradchain/core'
import * as random from '@gradchain/core/random'
import { guarded } from '../internal/guarded.js'
import type { ScalarOrSchedule, Schedule } from '../types.js'
import { asSchedule } from './asSchedule.js'

/** Options of {@link noisySchedule}. */
export interface NoisyScheduleOptions {
  /** Where the noise comes from: a key, or a whole number for the key of that seed. */
  readonly key: Key | number
  /** Size σ of the noise, finite and ≥ 0, or a schedule, for noise that grows or fades. @defaultValue `0.1` */
  readonly scale?: ScalarOrSchedule
  /** Of ε: the standard normal distribution, or the uniform one on `[−1, 1)`. @defaultValue `'normal'` */
  readonly distribution?: 'normal' | 'uniform'
  /** Whether σ is a share of the value, and not a value itself. @defaultValue `true` */
  readonly relative?: boolean
  /** The least value L, any finite number, or `-Infinity` for none. @defaultValue `0` */
  readonly min?: number
  /** The largest value, any finite number. @defaultValue no bound */
  readonly max?: number | undefined
}

/**
 * Adds noise to a schedule, and is still a pure function of the step.
 *
 * For the schedule g and independent numbers ε₀, ε₁, ε₂, …, at step t:
 *
 *     f(t) = g(t) · (1 + σ · ε)              relative
 *     f(t) = g(t) + σ · ε                    otherwise             ε of ⌊t⌋
 *
 * and then at least `min` and at most `max`. ε is drawn from the key and the step alone, by `random.foldIn(key, ⌊t⌋)`, so a
 * run that is resumed, or a step that is asked for twice, sees the same noise. Without a `min` the normal noise would
 * now and then turn a learning rate round.
 *
 * Laws: with σ = 0 it is the schedule, within its bounds; the same key gives the same values; between its bounds; uniform
 * noise is at most σ, relative to the value where it is relative.
 *
 * @param schedule - the schedule g.
 *
 * @example
 * const schedule = noisySchedule(constantSchedule(8), { key: 0, scale: 0.25, distribution: 'uniform' })
 * schedule(3) === schedule(3) // => true
 * schedule(3) === schedule(4) // => false
 * Math.abs(schedule(3) - 8) <= 2 // => true
 *
 * @throws InvalidOption at construction, when the schedule is no function or an option is missing, unknown or outside its
 * range; at a step that is not a finite number ≥ 0.
 * @see Neelakantan et al. (2015), Adding Gradient Noise Improves Learning for Very Deep Networks,
 * {@link https://arxiv.org/abs/1511.06807}, for noise on the gradients: `addNoise`.
 */
export const noisySchedule = (schedule: Schedule, options: NoisyScheduleOptions): Schedule => {
  const { key, scale, distribution, relative, min, max } = withDefaults<Required<NoisyScheduleOptions>>(
    'noisySchedule',
    options,
    { key: required, scale: 0.1, distribution: 'normal', relative: true, min: 0, max: undefined }
  )
  check('noisySchedule', { schedule }, callable)
  check('noisySchedule', { key }, keyOrSeed)
  check('noisySchedule', { scale }, orSchedule(nonNegative))
  check('noisySchedule', { distribution }, oneOf('normal', 'uniform'))
  check('noisySchedule', { relative }, boolean)
  check('noisySchedule', { min }, finiteOrNone)
  check('noisySchedule', { max }, optional(finite))
  if (max !== undefined) check('noisySchedule', { max }, atLeast(min))

  const first = typeof key === 'number' ? random.key(key) : key
  const draw = draws[distribution]
  const scaleAt = asSchedule(scale)
  return guarded(['noisySchedule', schedule, { ...options }], (step) => {
    const value = schedule(step)
    const noise = scaleAt(step) * draw(keyAt(first, step))
    const noisy = relative ? value * (1 + noise) : value + noise
    return Math.min(Math.max(noisy, min), max ?? Infinity)
  })
}

const finiteOrNone: Requirement = {
  what: 'a finite number or -Infinity',
  holds: (value) => value === -Infinity || finite.holds(value)
}

const atLeast = (min: number): Requirement => ({
  what: `at least min = ${min}`,
  holds: (value) => typeof value === 'number' && value >= min
})

const WORDS = 2 ** 32

/** A key for each whole step, up to 2⁶⁴ of them. */
const keyAt = (key: Key, step: number): Key => {
  const whole = Math.floor(step)
  return random.foldIn(whole < WORDS ? key : random.foldIn(key, Math.floor(whole / WORDS) % WORDS), whole % WORDS)
}

const draws: Readonly<Record<'normal' | 'uniform', (key: Key) => number>> = {
  normal: (key) => random.normal(key, [], { dtype: 'float64' }).data[0] as number,
  uniform: (key) => random.uniform(key, [], { dtype: 'float64', minval: -1 }).data[0] as number
}
