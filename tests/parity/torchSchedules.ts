import {
  constantSchedule,
  cosineAnnealingWarmRestarts,
  cosineDecaySchedule,
  cyclicSchedule,
  inverseTimeDecay,
  joinSchedules,
  linearSchedule,
  multiStepSchedule,
  naturalExpDecay,
  oneCycleMomentum,
  oneCycleSchedule,
  polynomialSchedule,
  rsqrtSchedule,
  stepDecaySchedule,
  wsdSchedule
} from '@gradchain/schedules'

const initValue = 0.3
const cycle = { baseValue: 0.01, maxValue: 0.5 }
// The momentum goes down where the learning rate goes up: foot and top are exchanged.
const momentum = { baseValue: 0.9, maxValue: 0.8 }
const one = { peakValue: 0.5, totalSteps: 48 }
const straight = { annealUp: 'linear', annealDown: 'linear' } as const

/** Our schedule for each name in `data/torch_schedules.json`; the PyTorch expression stands there. */
export const torchSchedules: Readonly<Record<string, () => (step: number) => number>> = {
  StepLR: () => stepDecaySchedule({ initValue, stepSize: 10 }),
  'StepLR/gamma': () => stepDecaySchedule({ initValue, stepSize: 7, gamma: 0.5 }),
  'StepLR/growth': () => stepDecaySchedule({ initValue, stepSize: 9, gamma: 1.5 }),
  MultiStepLR: () => multiStepSchedule({ initValue, milestones: [5, 30] }),
  'MultiStepLR/gamma': () => multiStepSchedule({ initValue, milestones: [3, 8, 21, 40], gamma: 0.6 }),
  'MultiStepLR/twice': () => multiStepSchedule({ initValue, milestones: [6, 11, 11], gamma: 0.5 }),
  'MultiStepLR/none': () => multiStepSchedule({ initValue, milestones: [] }),
  ExponentialLR: () => naturalExpDecay({ initValue, decayRate: -Math.log(0.95) }),
  'ExponentialLR/fast': () => naturalExpDecay({ initValue, decayRate: Math.LN2 }),
  'LambdaLR/inverse_time': () => inverseTimeDecay({ initValue, decayRate: 0.5, transitionSteps: 4 }),
  'LambdaLR/inverse_time_staircase': () =>
    inverseTimeDecay({ initValue, decayRate: 0.5, transitionSteps: 4, staircase: true }),
  'LambdaLR/noam': () => rsqrtSchedule({ dModel: 64, warmupSteps: 8, scale: 2 }),
  'LambdaLR/inverse_sqrt': () => rsqrtSchedule({ peakValue: initValue, warmupSteps: 8, timescale: 20 }),
  'LambdaLR/wsd': () =>
    wsdSchedule({ peakValue: initValue, warmupSteps: 5, stableSteps: 25, decaySteps: 12, decayShape: '1-sqrt' }),
  LinearLR: () => linearSchedule({ initValue: initValue / 3, endValue: initValue, transitionSteps: 5 }),
  'LinearLR/all': () => linearSchedule({ initValue: 0.1 * initValue, endValue: 0.8 * initValue, transitionSteps: 12 }),
  ConstantLR: () => joinSchedules([constantSchedule(0.25 * initValue), constantSchedule(initValue)], [6]),
  PolynomialLR: () => polynomialSchedule({ initValue, endValue: 0, power: 2, transitionSteps: 20 }),
  CosineAnnealingLR: () => cosineDecaySchedule({ initValue, decaySteps: 47, alpha: 0.02 / initValue }),
  'CosineAnnealingLR/past_the_end': () =>
    cosineDecaySchedule({ initValue, decaySteps: 10, alpha: 0.02 / initValue, afterEnd: 'mirror' }),
  CosineAnnealingWarmRestarts: () => cosineAnnealingWarmRestarts({ initValue, t0: 10 }),
  'CosineAnnealingWarmRestarts/eta_min': () => cosineAnnealingWarmRestarts({ initValue, t0: 7, endValue: 0.02 }),
  'CosineAnnealingWarmRestarts/double': () =>
    cosineAnnealingWarmRestarts({ initValue, t0: 5, tMult: 2, endValue: 0.01 }),
  'CosineAnnealingWarmRestarts/triple': () => cosineAnnealingWarmRestarts({ initValue, t0: 1, tMult: 3 }),
  CyclicLR: () => cyclicSchedule({ ...cycle, stepSizeUp: 6 }),
  'CyclicLR/momentum': () => cyclicSchedule({ ...momentum, stepSizeUp: 6 }),
  'CyclicLR/up_down': () => cyclicSchedule({ ...cycle, stepSizeUp: 4, stepSizeDown: 9 }),
  'CyclicLR/triangular2': () => cyclicSchedule({ ...cycle, stepSizeUp: 5, mode: 'triangular2' }),
  'CyclicLR/triangular2_up_down': () =>
    cyclicSchedule({ ...cycle, stepSizeUp: 8, stepSizeDown: 3, mode: 'triangular2' }),
  'CyclicLR/triangular2_momentum': () =>
    cyclicSchedule({ baseValue: 0.9, maxValue: 0.7, stepSizeUp: 5, mode: 'triangular2' }),
  'CyclicLR/exp_range': () => cyclicSchedule({ ...cycle, stepSizeUp: 5, mode: 'expRange', gamma: 0.97 }),
  'CyclicLR/exp_range_up_down': () =>
    cyclicSchedule({ ...cycle, stepSizeUp: 3, stepSizeDown: 7, mode: 'expRange', gamma: 0.9 }),
  'CyclicLR/exp_range_one': () => cyclicSchedule({ ...cycle, stepSizeUp: 5, mode: 'expRange' }),
  'CyclicLR/default': () => cyclicSchedule(cycle),
  OneCycleLR: () => oneCycleSchedule(one),
  'OneCycleLR/momentum': () => oneCycleMomentum({ totalSteps: 48 }),
  'OneCycleLR/beta1': () => oneCycleMomentum({ totalSteps: 48, baseMomentum: 0.7, maxMomentum: 0.9 }),
  'OneCycleLR/factors': () => oneCycleSchedule({ ...one, pctStart: 0.45, divFactor: 10, finalDivFactor: 50 }),
  'OneCycleLR/linear': () => oneCycleSchedule({ ...one, ...straight, pctStart: 0.25, finalDivFactor: 7 }),
  'OneCycleLR/linear_momentum': () => oneCycleMomentum({ ...straight, totalSteps: 48, pctStart: 0.25 }),
  'OneCycleLR/three_phase': () => oneCycleSchedule({ ...one, threePhase: true }),
  'OneCycleLR/three_phase_momentum': () => oneCycleMomentum({ totalSteps: 48, threePhase: true }),
  'OneCycleLR/three_phase_linear': () =>
    oneCycleSchedule({ ...one, ...straight, threePhase: true, pctStart: 0.4, divFactor: 5, finalDivFactor: 3 }),
  'OneCycleLR/three_phase_linear_momentum': () =>
    oneCycleMomentum({ ...straight, totalSteps: 48, threePhase: true, pctStart: 0.4, baseMomentum: 0.1 }),
  'OneCycleLR/no_rise': () => oneCycleSchedule({ ...one, pctStart: 0 }),
  'OneCycleLR/short': () => oneCycleSchedule({ ...one, totalSteps: 3 }),
  'OneCycleLR/shorter': () => oneCycleSchedule({ ...one, totalSteps: 2, pctStart: 0.25, threePhase: true }),
  'OneCycleLR/one': () => oneCycleSchedule({ ...one, totalSteps: 1 })
}
