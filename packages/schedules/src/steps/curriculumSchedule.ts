import { check, finite, nonNegativeInteger, orSchedule, positiveInteger, required, withDefaults } from '@gradchain/core'
import { asSchedule } from '../algebra/asSchedule.js'
import { guarded } from '../internal/guarded.js'
import { anInterpolateType, blends } from '../internal/interpolate.js'
import { joined } from '../internal/joined.js'
import type { InterpolateType, ScalarOrSchedule, Schedule } from '../types.js'

/** A stage of {@link curriculumSchedule}. */
export interface CurriculumStageOptions {
  /** The value in this stage: a finite number, or a schedule on the clock of the stage. */
  readonly value: ScalarOrSchedule
  /** Number of steps of the stage, a whole number ≥ 1; the last stage may leave it out, and goes on for ever. */
  readonly steps?: number | undefined
}

/** Options of {@link curriculumSchedule}. */
export interface CurriculumScheduleOptions {
  /** Number K of steps in which a stage takes over from the one before it, a whole number ≥ 0. @defaultValue `0` */
  readonly transitionSteps?: number
  /** How it takes over: along a straight line or along half a period of the cosine. @defaultValue `'linear'` */
  readonly transition?: InterpolateType
}

/**
 * A value for each stage of a curriculum, such as a learning rate for each difficulty of the data, without jumps if you like.
 *
 * For the stages g₀, g₁, … of n₀, n₁, … steps, at step q of stage i:
 *
 *     f = (1 − w) · gᵢ₋₁(nᵢ₋₁) + w · gᵢ(q)       w = q / K for 'linear', (1 − cos(π · q / K)) / 2 for 'cosine'
 *
 * for q < K in every stage but the first, and f = gᵢ(q) in all other steps: in the first K steps of a stage the value
 * moves from where the stage before it ended. A last stage that has a number of steps is held at its end.
 *
 * Laws: with K = 0 it is the {@link joinSchedules} of its stages, bit for bit; with K ≥ 1 it is continuous where its stages
 * are; between the values of its stages.
 *
 * @param stages - at least one; each but the first at least K steps long.
 *
 * @example
 * const schedule = curriculumSchedule(
 *   [{ value: 1, steps: 100 }, { value: 0.5, steps: 100 }, { value: (step) => 0.25 / (1 + step) }],
 *   { transitionSteps: 10 }
 * )
 * schedule(100) // => 1
 * schedule(105) // => 0.75
 * schedule(110) // => 0.5
 * schedule(215) // => 0.015625
 *
 * @throws InvalidOption at construction, when there is no stage, or a field of one or an option is missing, unknown or
 * outside its range; at a step that is not a finite number ≥ 0.
 * @see Bengio et al. (2009), Curriculum Learning, {@link https://doi.org/10.1145/1553374.1553380}; joinSchedules
 */
export const curriculumSchedule = (
  stages: readonly CurriculumStageOptions[],
  options: CurriculumScheduleOptions = {}
): Schedule => {
  const { transitionSteps, transition } = withDefaults<Required<CurriculumScheduleOptions>>(
    'curriculumSchedule',
    options,
    { transitionSteps: 0, transition: 'linear' }
  )
  check('curriculumSchedule', { transitionSteps }, nonNegativeInteger)
  check('curriculumSchedule', { transition }, anInterpolateType)
  check('curriculumSchedule', { stages }, { what: 'an array of at least one stage', holds: isFilled })

  const parts: Schedule[] = []
  const boundaries: number[] = []
  let begin = 0
  let before: Stage | undefined
  for (const [i, stage] of stages.entries()) {
    const least = i === 0 ? 0 : transitionSteps
    const current = readStage(`curriculumSchedule: stages[${i}]`, stage, i === stages.length - 1, least)
    parts.push(takingOver(before, current, transitionSteps, transition))
    if (i > 0) boundaries.push(begin)
    begin += current.steps
    before = current
  }
  return guarded(
    ['curriculumSchedule', stages.map((stage) => ({ ...stage })), { ...options }],
    joined(parts, boundaries)
  )
}

const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0

interface Stage {
  readonly value: Schedule
  /** Infinite where the last stage goes on. */
  readonly steps: number
}

/** A stage on its own clock, with its way from the end of the one before it. */
const takingOver = (
  before: Stage | undefined,
  stage: Stage,
  transitionSteps: number,
  along: InterpolateType
): Schedule => {
  const held: Schedule = (step) => stage.value(Math.min(step, stage.steps))
  if (before === undefined || transitionSteps === 0) return held
  const from = before.value(before.steps)
  return (step) => {
    if (step >= transitionSteps) return held(step)
    return blends[along](from, stage.value(step), step / transitionSteps)
  }
}

const readStage = (owner: string, stage: CurriculumStageOptions, isLast: boolean, least: number): Stage => {
  const { value, steps } = withDefaults<Required<CurriculumStageOptions>>(owner, stage, {
    value: required,
    steps: undefined
  })
  check(owner, { value }, orSchedule(finite))
  if (steps !== undefined || !isLast) {
    check(owner, { steps }, positiveInteger)
    const reaches = (length: unknown): boolean => typeof length === 'number' && length >= least
    check(owner, { steps }, { what: `at least transitionSteps = ${least}`, holds: reaches })
  }
  return { value: asSchedule(value), steps: steps ?? Infinity }
}
