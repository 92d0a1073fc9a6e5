import {
  addSchedules,
  asSchedule,
  chebyshevSchedule,
  constantSchedule,
  correctedDecay,
  cosineAnnealingWarmRestarts,
  cosineDecaySchedule,
  cosineOnecycleSchedule,
  cosineWarmupSchedule,
  curriculumSchedule,
  cyclicSchedule,
  exponentialDecay,
  inverseTimeDecay,
  joinSchedules,
  linearOnecycleSchedule,
  linearSchedule,
  mapSchedule,
  mulSchedules,
  multiStepSchedule,
  naturalExpDecay,
  noisySchedule,
  oneCycleMomentum,
  oneCycleSchedule,
  piecewiseConstantSchedule,
  piecewiseInterpolateSchedule,
  polynomialSchedule,
  proportionalSchedule,
  rexSchedule,
  rsqrtSchedule,
  sgdrSchedule,
  shiftSchedule,
  stepDecaySchedule,
  tanhSchedule,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
  warmupExponentialDecaySchedule,
  wsdSchedule
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
    name: 'cosineDecaySchedule',
    variant: 'mirrored',
    kind: 'schedule',
    make: () => cosineDecaySchedule({ initValue: 1, decaySteps: 20, alpha: 0.1, kDecay: 2, afterEnd: 'mirror' }),
    range: [0.1, 1],
    optax: null
  },
  {
    name: 'polynomialSchedule',
    variant: 'in cycles',
    kind: 'schedule',
    make: () =>
      polynomialSchedule({ initValue: 1, endValue: 0.1, power: 2, transitionSteps: 10, kDecay: 2, cycle: true }),
    range: [0.1, 1],
    optax: null
  },
  {
    name: 'tanhSchedule',
    kind: 'schedule',
    make: () => tanhSchedule({ initValue: 1, decaySteps: 50, endValue: 0.1 }),
    range: [0.1, 1],
    optax: null
  },
  {
    name: 'rexSchedule',
    kind: 'schedule',
    make: () => rexSchedule({ initValue: 1, decaySteps: 50, endValue: 0.1 }),
    range: [0.1, 1],
    optax: null
  },
  {
    name: 'chebyshevSchedule',
    kind: 'schedule',
    make: () => chebyshevSchedule({ smallest: 0.5, largest: 2, cycleSteps: 16 }),
    range: [0.5, 2],
    optax: null
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
  {
    name: 'stepDecaySchedule',
    kind: 'schedule',
    make: () => stepDecaySchedule({ initValue: 1, stepSize: 20, gamma: 0.5 }),
    range: [0, 1],
    optax: null
  },
  {
    name: 'multiStepSchedule',
    kind: 'schedule',
    make: () => multiStepSchedule({ initValue: 1, milestones: [20, 50] }),
    range: [0.01, 1],
    optax: null
  },
  {
    name: 'naturalExpDecay',
    kind: 'schedule',
    make: () => naturalExpDecay({ initValue: 1, decayRate: 0.5, transitionSteps: 10 }),
    range: [0, 1],
    optax: null
  },
  {
    name: 'inverseTimeDecay',
    kind: 'schedule',
    make: () => inverseTimeDecay({ initValue: 1, decayRate: 0.5, transitionSteps: 10, staircase: true }),
    range: [0, 1],
    optax: null
  },
  {
    name: 'rsqrtSchedule',
    kind: 'schedule',
    make: () => rsqrtSchedule({ peakValue: 1, warmupSteps: 20 }),
    range: [0, 1],
    optax: null
  },
  {
    name: 'rsqrtSchedule',
    variant: 'by the width of the model',
    kind: 'schedule',
    make: () => rsqrtSchedule({ dModel: 25, warmupSteps: 4 }),
    range: [0, 0.1],
    optax: null
  },
  {
    name: 'wsdSchedule',
    kind: 'schedule',
    make: () => wsdSchedule({ peakValue: 1, warmupSteps: 10, stableSteps: 50, decaySteps: 20, endValue: 0.1 }),
    range: [0, 1],
    optax: null
  },
  {
    name: 'wsdSchedule',
    variant: '1-sqrt',
    kind: 'schedule',
    make: () => wsdSchedule({ peakValue: 1, warmupSteps: 10, stableSteps: 50, decaySteps: 20, decayShape: '1-sqrt' }),
    range: [0, 1],
    optax: null
  },
  {
    name: 'cyclicSchedule',
    kind: 'schedule',
    make: () => cyclicSchedule({ baseValue: 0.1, maxValue: 1, stepSizeUp: 10, stepSizeDown: 20 }),
    range: [0.1, 1],
    optax: null
  },
  {
    name: 'cyclicSchedule',
    variant: 'triangular2',
    kind: 'schedule',
    make: () => cyclicSchedule({ baseValue: 0.1, maxValue: 1, stepSizeUp: 10, mode: 'triangular2' }),
    range: [0.1, 1],
    optax: null
  },
  {
    name: 'cyclicSchedule',
    variant: 'expRange',
    kind: 'schedule',
    make: () => cyclicSchedule({ baseValue: 0.1, maxValue: 1, stepSizeUp: 10, mode: 'expRange', gamma: 0.99 }),
    range: [0.1, 1],
    optax: null
  },
  {
    name: 'cosineAnnealingWarmRestarts',
    kind: 'schedule',
    make: () => cosineAnnealingWarmRestarts({ initValue: 1, t0: 10, endValue: 0.1 }),
    range: [0.1, 1],
    optax: null
  },
  {
    name: 'cosineAnnealingWarmRestarts',
    variant: 'ever longer',
    kind: 'schedule',
    make: () => cosineAnnealingWarmRestarts({ initValue: 1, t0: 10, tMult: 2, mMult: 0.5 }),
    range: [0, 1],
    optax: null
  },
  {
    name: 'cosineAnnealingWarmRestarts',
    variant: 'ever shorter',
    kind: 'schedule',
    make: () => cosineAnnealingWarmRestarts({ initValue: 1, t0: 10, tMult: 0.75, endValue: 0.1 }),
    range: [0.1, 1],
    optax: null
  },
  {
    name: 'oneCycleSchedule',
    kind: 'schedule',
    make: () => oneCycleSchedule({ peakValue: 1, totalSteps: 100 }),
    range: [0, 1],
    optax: null
  },
  {
    name: 'oneCycleSchedule',
    variant: 'three phases',
    kind: 'schedule',
    make: () => oneCycleSchedule({ peakValue: 1, totalSteps: 100, threePhase: true, annealDown: 'linear' }),
    range: [0, 1],
    optax: null
  },
  {
    name: 'oneCycleSchedule',
    variant: 'fastai',
    kind: 'schedule',
    make: () => oneCycleSchedule({ style: 'fastai', peakValue: 1, totalSteps: 100 }),
    range: [0, 1],
    optax: null
  },
  {
    name: 'oneCycleMomentum',
    kind: 'schedule',
    make: () => oneCycleMomentum({ totalSteps: 100 }),
    range: [0.85, 0.95],
    optax: null
  },
  {
    name: 'cosineWarmupSchedule',
    kind: 'schedule',
    make: () => cosineWarmupSchedule({ peakValue: 1, warmupSteps: 20, initValue: 0.1 }),
    range: [0.1, 1],
    optax: null
  },
  {
    name: 'noisySchedule',
    kind: 'schedule',
    make: () => noisySchedule(decay, { key: 0, distribution: 'uniform' }),
    range: [0, 0.55],
    optax: null
  },
  {
    name: 'curriculumSchedule',
    kind: 'schedule',
    make: () =>
      curriculumSchedule([{ value: 1, steps: 20 }, { value: 0.25, steps: 20 }, { value: decay }], {
        transitionSteps: 5
      }),
    range: [0, 1],
    optax: null
  },
  {
    name: 'correctedDecay',
    kind: 'schedule',
    make: () => correctedDecay({ weightDecay: 0.5, learningRate: decay, maxLearningRate: 0.5 }),
    range: [0, 0.5],
    optax: null
  },
  {
    name: 'proportionalSchedule',
    kind: 'schedule',
    make: () => proportionalSchedule({ learningRate: decay, maxLearningRate: 0.5, maxValue: 2, minValue: 1 }),
    range: [1, 2],
    optax: null
  },
  { name: 'asSchedule', kind: 'schedule', make: () => asSchedule(0.5), range: [0.5, 0.5], optax: null },
  { name: 'addSchedules', kind: 'schedule', make: () => addSchedules(decay, 1), range: [1, 1.5], optax: null },
  { name: 'mulSchedules', kind: 'schedule', make: () => mulSchedules(decay, 2), range: [0, 1], optax: null },
  { name: 'mapSchedule', kind: 'schedule', make: () => mapSchedule(decay, (x) => 1 - x), range: [0.5, 1], optax: null },
  { name: 'shiftSchedule', kind: 'schedule', make: () => shiftSchedule(decay, 3), range: [0, 0.25], optax: null }
]
