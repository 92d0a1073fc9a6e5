// The functions of `transformers` for each expression of `generate_frameworks.py`.
import { transformers } from '@gradchain/frameworks'
import { byValues } from './byValues.js'
import type { Rows } from './rows.js'

const { schedules } = transformers
const lr = 0.3
const warm = { numWarmupSteps: 5 }
const whole = { numWarmupSteps: 5, numTrainingSteps: 25 }
const wsd = { numWarmupSteps: 5, numDecaySteps: 8, numStableSteps: 7 }

export const rows: Rows = {
  cases: {
    adafactor: () => transformers.adafactor(),
    'adafactor/fixed': () => transformers.adafactor(0.05, { scaleParameter: false }),
    'adafactor/scaled': () => transformers.adafactor(0.05, { clipThreshold: 0.5, decayRate: -0.6, eps: [1e-30, 0.1] }),
    'adafactor/beta1': () => transformers.adafactor(undefined, { beta1: 0.8, weightDecay: 0.5 }),
    'adafactor/warmup_init': () => transformers.adafactor(undefined, { warmupInit: true }),
    'adafactor/weight_decay': () => transformers.adafactor(undefined, { weightDecay: 0.5 })
  },
  schedules: {
    constant: () => schedules.constant(lr),
    constantWithWarmup: () => schedules.constantWithWarmup(lr, warm),
    'constantWithWarmup/none': () => schedules.constantWithWarmup(lr, { numWarmupSteps: 0 }),
    linear: () => schedules.linear(lr, whole),
    cosine: () => schedules.cosine(lr, whole),
    'cosine/cycles': () => schedules.cosine(lr, { ...whole, numCycles: 1.3 }),
    cosineWithRestarts: () => schedules.cosineWithRestarts(lr, whole),
    'cosineWithRestarts/cycles': () => schedules.cosineWithRestarts(lr, { ...whole, numCycles: 3 }),
    polynomial: () => schedules.polynomial(lr, whole),
    'polynomial/power': () => schedules.polynomial(lr, { ...whole, lrEnd: 0.02, power: 2 }),
    inverseSqrt: () => schedules.inverseSqrt(lr, warm),
    'inverseSqrt/timescale': () => schedules.inverseSqrt(lr, { ...warm, timescale: 20 }),
    'inverseSqrt/no_warmup': () => schedules.inverseSqrt(lr, { numWarmupSteps: 0 }),
    cosineWithMinLr: () => schedules.cosineWithMinLr(lr, { ...whole, minLr: 0.03 }),
    'cosineWithMinLr/rate': () => schedules.cosineWithMinLr(lr, { ...whole, numCycles: 0.8, minLrRate: 0.2 }),
    cosineWarmupWithMinLr: () => schedules.cosineWarmupWithMinLr(lr, { ...whole, minLr: 0.03 }),
    'cosineWarmupWithMinLr/rate': () =>
      schedules.cosineWarmupWithMinLr(lr, { ...whole, minLrRate: 0.2, warmupLrRate: 0.1 }),
    greedyLR: () => byValues(lr, transformers.greedyLR(lr)),
    'greedyLR/options': () =>
      byValues(
        lr,
        transformers.greedyLR(lr, {
          factor: 0.5,
          patience: 1,
          threshold: 0.001,
          cooldown: 1,
          warmup: 2,
          minLr: 0.05,
          maxLr: 0.5
        })
      ),
    'greedyLR/reset': () =>
      byValues(
        lr,
        transformers.greedyLR(lr, {
          mode: 'max',
          factor: 0.5,
          patience: 0,
          threshold: 0.1,
          thresholdMode: 'rel',
          minLr: 0.1,
          resetStart: 2,
          cooldown: 1
        })
      ),
    warmupStableDecay: () => schedules.warmupStableDecay(lr, { ...whole, numDecaySteps: 8 }),
    'warmupStableDecay/linear': () =>
      schedules.warmupStableDecay(lr, { ...wsd, warmupType: 'cosine', decayType: 'linear', minLrRatio: 0.2 }),
    'warmupStableDecay/sqrt': () =>
      schedules.warmupStableDecay(lr, { ...wsd, warmupType: '1-sqrt', decayType: '1-sqrt', minLrRatio: 0.2 }),
    'warmupStableDecay/cycles': () => schedules.warmupStableDecay(lr, { ...wsd, numCycles: 1.2, minLrRatio: 0.1 })
  },
  deviations: {}
}
