import {
  constantSchedule,
  cosineDecaySchedule,
  cosineOnecycleSchedule,
  exponentialDecay,
  joinSchedules,
  linearOnecycleSchedule,
  linearSchedule,
  piecewiseConstantSchedule,
  piecewiseInterpolateSchedule,
  polynomialSchedule,
  sgdrSchedule,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
  warmupExponentialDecaySchedule
} from '@gradchain/schedules'

/** Our schedule for each name in `data/schedules.json`; the Optax expression stands there. */
export const schedules: Readonly<Record<string, () => (step: number) => number>> = {
  constant_schedule: () => constantSchedule(0.3),
  linear_schedule: () => linearSchedule({ initValue: 1, endValue: 0.1, transitionSteps: 10 }),
  'linear_schedule/up': () => linearSchedule({ initValue: 0, endValue: 0.7, transitionSteps: 7, transitionBegin: 3 }),
  polynomial_schedule: () => polynomialSchedule({ initValue: 1, endValue: 0.1, power: 2, transitionSteps: 10 }),
  'polynomial_schedule/begin': () =>
    polynomialSchedule({ initValue: 0.9, endValue: 0.01, power: 3, transitionSteps: 11, transitionBegin: 5 }),
  'polynomial_schedule/root': () =>
    polynomialSchedule({ initValue: 0.2, endValue: 1, power: 0.5, transitionSteps: 13 }),
  piecewise_constant_schedule: () => piecewiseConstantSchedule(0.5),
  'piecewise_constant_schedule/two': () => piecewiseConstantSchedule(0.5, { boundariesAndScales: { 5: 0.3, 12: 0.1 } }),
  'piecewise_constant_schedule/unsorted': () => piecewiseConstantSchedule(1, { boundariesAndScales: { 9: 0, 3: 2 } }),
  piecewise_interpolate_schedule: () => piecewiseInterpolateSchedule({ interpolateType: 'linear', initValue: 0.7 }),
  'piecewise_interpolate_schedule/linear': () =>
    piecewiseInterpolateSchedule({
      interpolateType: 'linear',
      initValue: 1,
      boundariesAndScales: { 4: 0.1, 8: 0.01, 20: 30 }
    }),
  'piecewise_interpolate_schedule/cosine': () =>
    piecewiseInterpolateSchedule({
      interpolateType: 'cosine',
      initValue: 0.3,
      boundariesAndScales: { 5: 4, 17: 0.2 }
    }),
  exponential_decay: () => exponentialDecay({ initValue: 1, transitionSteps: 5, decayRate: 0.7 }),
  'exponential_decay/staircase': () =>
    exponentialDecay({ initValue: 1, transitionSteps: 4, decayRate: 0.5, staircase: true }),
  'exponential_decay/begin': () =>
    exponentialDecay({ initValue: 0.3, transitionSteps: 6, decayRate: 0.9, transitionBegin: 7 }),
  'exponential_decay/end_value': () =>
    exponentialDecay({ initValue: 1, transitionSteps: 5, decayRate: 0.5, endValue: 0.05 }),
  'exponential_decay/growth': () =>
    exponentialDecay({
      initValue: 0.1,
      transitionSteps: 3,
      decayRate: 1.5,
      transitionBegin: 2,
      staircase: true,
      endValue: 0.9
    }),
  'exponential_decay/end_before_begin': () =>
    exponentialDecay({ initValue: 0.05, transitionSteps: 10, decayRate: 0.5, transitionBegin: 4, endValue: 0.1 }),
  cosine_decay_schedule: () => cosineDecaySchedule({ initValue: 0.4, decaySteps: 10 }),
  'cosine_decay_schedule/alpha': () => cosineDecaySchedule({ initValue: 0.4, decaySteps: 12, alpha: 0.1 }),
  'cosine_decay_schedule/exponent': () =>
    cosineDecaySchedule({ initValue: 0.4, decaySteps: 14, alpha: 0.02, exponent: 1.7 }),
  warmup_constant_schedule: () => warmupConstantSchedule({ initValue: 0.1, peakValue: 0.8, warmupSteps: 6 }),
  warmup_cosine_decay_schedule: () =>
    warmupCosineDecaySchedule({ initValue: 0, peakValue: 1, warmupSteps: 5, decaySteps: 20 }),
  'warmup_cosine_decay_schedule/all': () =>
    warmupCosineDecaySchedule({
      initValue: 0.05,
      peakValue: 0.6,
      warmupSteps: 4,
      decaySteps: 18,
      endValue: 0.02,
      exponent: 2
    }),
  'warmup_cosine_decay_schedule/no_warmup': () =>
    warmupCosineDecaySchedule({ initValue: 0.05, peakValue: 0.6, warmupSteps: 0, decaySteps: 18 }),
  warmup_exponential_decay_schedule: () =>
    warmupExponentialDecaySchedule({
      initValue: 0,
      peakValue: 1,
      warmupSteps: 5,
      transitionSteps: 6,
      decayRate: 0.8
    }),
  'warmup_exponential_decay_schedule/all': () =>
    warmupExponentialDecaySchedule({
      initValue: 0.1,
      peakValue: 0.9,
      warmupSteps: 4,
      transitionSteps: 3,
      decayRate: 0.6,
      transitionBegin: 5,
      staircase: true,
      endValue: 0.1
    }),
  cosine_onecycle_schedule: () => cosineOnecycleSchedule({ transitionSteps: 20, peakValue: 0.5 }),
  'cosine_onecycle_schedule/all': () =>
    cosineOnecycleSchedule({
      transitionSteps: 17,
      peakValue: 0.5,
      pctStart: 0.45,
      divFactor: 10,
      finalDivFactor: 100
    }),
  linear_onecycle_schedule: () => linearOnecycleSchedule({ transitionSteps: 20, peakValue: 0.5 }),
  'linear_onecycle_schedule/all': () =>
    linearOnecycleSchedule({
      transitionSteps: 19,
      peakValue: 0.5,
      pctStart: 0.4,
      pctFinal: 0.7,
      divFactor: 10,
      finalDivFactor: 100
    }),
  sgdr_schedule: () =>
    sgdrSchedule([
      { initValue: 0, peakValue: 1, decaySteps: 8, warmupSteps: 2, endValue: 0.1 },
      { initValue: 0, peakValue: 0.5, decaySteps: 12, warmupSteps: 3, endValue: 0.05 }
    ]),
  join_schedules: () =>
    joinSchedules(
      [
        linearSchedule({ initValue: 0, endValue: 1, transitionSteps: 4 }),
        constantSchedule(0.6),
        cosineDecaySchedule({ initValue: 0.6, decaySteps: 9 })
      ],
      [4, 10]
    )
}
