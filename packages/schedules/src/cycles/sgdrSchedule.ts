import { check } from '@gradchain/core'
import { guarded } from '../internal/guarded.js'
import { joined } from '../internal/joined.js'
import { warmupCosine } from '../internal/warmupCosine.js'
import type { Schedule } from '../types.js'
import type { WarmupCosineDecayScheduleOptions } from '../warmup/warmupCosineDecaySchedule.js'

/**
 * Decays along the cosine in cycles, each with its own warmup: warm restarts.
 *
 * For the cycles k = 1, 2, …, n with Tₖ decay steps each:
 *
 *     f = joinSchedules([warmupCosineDecay₁, …, warmupCosineDecayₙ], [T₁, T₁ + T₂, …, T₁ + … + Tₙ₋₁])
 *
 * After the last cycle its end value is held: there is no further restart.
 *
 * Laws: equal to its cycles bit for bit; one cycle is the {@link warmupCosineDecaySchedule}.
 *
 * Unlike Optax: no cycles at all are refused at construction, and what {@link warmupCosineDecaySchedule} says.
 *
 * @param cycles - the options of each cycle's {@link warmupCosineDecaySchedule}, at least one.
 *
 * @example
 * const schedule = sgdrSchedule([
 *   { initValue: 0, peakValue: 8, warmupSteps: 2, decaySteps: 10 },
 *   { initValue: 0, peakValue: 4, warmupSteps: 2, decaySteps: 20 }
 * ])
 * schedule(2) // => 8
 * schedule(10) // => 0
 * schedule(12) // => 4
 * schedule(1000) // => 0
 *
 * @throws InvalidOption at construction, when there is no cycle, or an option of one is missing, unknown or outside its
 * range; at a step that is not a finite number ≥ 0.
 * @see Loshchilov and Hutter (2016), SGDR: Stochastic Gradient Descent with Warm Restarts,
 * {@link https://arxiv.org/abs/1608.03983}
 */
export const sgdrSchedule = (cycles: readonly WarmupCosineDecayScheduleOptions[]): Schedule => {
  check('sgdrSchedule', { cycles }, { what: 'an array of at least one cycle', holds: isFilled })
  const parts = cycles.map((cycle, i) => warmupCosine(`sgdrSchedule: cycles[${i}]`, cycle))
  const boundaries: number[] = []
  let end = 0
  for (const { decaySteps } of cycles.slice(0, -1)) {
    end += decaySteps
    boundaries.push(end)
  }
  return guarded(['sgdrSchedule', cycles.map((cycle) => ({ ...cycle }))], joined(parts, boundaries))
}

const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0
