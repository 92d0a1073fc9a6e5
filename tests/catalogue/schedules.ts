import {
  addSchedules,
  asSchedule,
  constantSchedule,
  cosineDecaySchedule,
  cosineOnecycleSchedule,
  exponentialDecay,
  joinSchedules,
  linearOnecycleSchedule,
  linearSchedule,
  mapSchedule,
  mulSchedules,
  piecewiseConstantSchedule,
  piecewiseInterpolateSchedule,
  polynomialSchedule,
  sgdrSchedule,
  shiftSchedule,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
  warmupExponentialDecaySchedule
} from 'gradchain'
import type { ScheduleRow } from './row.js'
import { decay } from './shared.js'

/** Schedules. */
export const schedules: readonly ScheduleRow[] = [
  {
    name: 'constantSchedule',
    kind: 'schedule',
    make: () => constantSchedule(0.1),
    range: [0.1, 0.1],
    optax: 'optax.constant_schedule'
  },
  {
    name: 'linearSchedule',
    kind: 'schedule',
    make: () => linearSchedule({ initValue: 1, endValue: 0.1, transitionSteps: 50, transitionBegin: 10 }),
    range: [0.1, 1],
    optax: 'optax.linear_schedule'
  },
  {
    name: 'polynomialSchedule',
    kind: 'schedule',
    make: () => polynomialSchedule({ initValue: 0.1, endValue: 1, power: 2, transitionSteps: 50 }),
    range: [0.1, 1],
    optax: 'optax.polynomial_schedule'
  },
  {
    name: 'exponentialDecay',
    kind: 'schedule',
    make: () => exponentialDecay({ initValue: 1, transitionSteps: 10, decayRate: 0.5 }),
    range: [0, 1],
    optax: 'optax.exponential_decay'
  },
  {
    name: 'cosineDecaySchedule',
    kind: 'schedule',
    make: () => cosineDecaySchedule({ initValue: 1, decaySteps: 100, alpha: 0.1 }),
    range: [0.1, 1],
    optax: 'optax.cosine_decay_schedule'
  },
  {
    name: 'piecewiseConstantSchedule',
    kind: 'schedule',
    make: () => piecewiseConstantSchedule(1, { boundariesAndScales: { 20: 0.5, 50: 0.1 } }),
    range: [0.05, 1],
    optax: 'optax.piecewise_constant_schedule'
  },
  {
    name: 'piecewiseInterpolateSchedule',
    kind: 'schedule',
    make: () =>
      piecewiseInterpolateSchedule({
        interpolateType: 'cosine',
        initValue: 1,
        boundariesAndScales: { 20: 0.5, 50: 0.1 }
      }),
    range: [0.05, 1],
    optax: 'optax.piecewise_interpolate_schedule'
  },
  {
    name: 'warmupConstantSchedule',
    kind: 'schedule',
    make: () => warmupConstantSchedule({ initValue: 0, peakValue: 1, warmupSteps: 20 }),
    range: [0, 1],
    optax: 'optax.warmup_constant_schedule'
  },
  {
    name: 'warmupCosineDecaySchedule',
    kind: 'schedule',
    make: () => warmupCosineDecaySchedule({ initValue: 0, peakValue: 1, warmupSteps: 20, decaySteps: 100 }),
    range: [0, 1],
    optax: 'optax.warmup_cosine_decay_schedule'
  },
  {
    name: 'warmupExponentialDecaySchedule',
    kind: 'schedule',
    make: () =>
      warmupExponentialDecaySchedule({
        initValue: 0,
        peakValue: 1,
        warmupSteps: 20,
        transitionSteps: 10,
        decayRate: 0.5
      }),
    range: [0, 1],
    optax: 'optax.warmup_exponential_decay_schedule'
  },
  {
    name: 'sgdrSchedule',
    kind: 'schedule',
    make: () =>
      sgdrSchedule([
        { initValue: 0, peakValue: 1, warmupSteps: 5, decaySteps: 20 },
        { initValue: 0.1, peakValue: 0.5, warmupSteps: 5, decaySteps: 40 }
      ]),
    range: [0, 1],
    optax: 'optax.sgdr_schedule'
  },
  {
    name: 'linearOnecycleSchedule',
    kind: 'schedule',
    make: () => linearOnecycleSchedule({ transitionSteps: 100, peakValue: 1 }),
    range: [0, 1],
    optax: 'optax.linear_onecycle_schedule'
  },
  {
    name: 'cosineOnecycleSchedule',
    kind: 'schedule',
    make: () => cosineOnecycleSchedule({ transitionSteps: 100, peakValue: 1 }),
    range: [0, 1],
    optax: 'optax.cosine_onecycle_schedule'
  },
  {
    name: 'joinSchedules',
    kind: 'schedule',
    make: () => joinSchedules([constantSchedule(0.25), decay], [10]),
    range: [0, 0.5],
    optax: 'optax.join_schedules'
  },
  { name: 'asSchedule', kind: 'schedule', make: () => asSchedule(0.5), range: [0.5, 0.5], optax: null },
  { name: 'addSchedules', kind: 'schedule', make: () => addSchedules(decay, 1), range: [1, 1.5], optax: null },
  { name: 'mulSchedules', kind: 'schedule', make: () => mulSchedules(decay, 2), range: [0, 1], optax: null },
  { name: 'mapSchedule', kind: 'schedule', make: () => mapSchedule(decay, (x) => 1 - x), range: [0.5, 1], optax: null },
  { name: 'shiftSchedule', kind: 'schedule', make: () => shiftSchedule(decay, 3), range: [0, 0.25], optax: null }
]
