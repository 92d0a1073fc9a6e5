// The functions of `keras` for each Keras expression of `generate_frameworks.py`.
import { keras } from '@gradchain/frameworks'
import { chain, type GradientTransformation } from 'gradchain'
import type { Rows } from './rows.js'

const { schedules } = keras
const falling = schedules.inverseTimeDecay(0.5, { decaySteps: 1, decayRate: 1 })
const inFloat32 = { tolerance: 1e-7, because: 'Keras rounds norms and root mean squares to float32 on the way' }
const ofSmall = { tolerance: 1e-10, because: 'a small difference of powers loses digits, in Keras as here' }
const wd = { weightDecay: 0.1 }

/** Without what tells the test that an average is to be compared. */
const unaveraged = <S>(tx: GradientTransformation<S>) => chain(tx)

export const rows: Rows = {
  cases: {
    sgd: () => keras.sgd(),
    'sgd/momentum': () => keras.sgd(0.1, { momentum: 0.9 }),
    'sgd/nesterov': () => keras.sgd(0.1, { momentum: 0.8, nesterov: true }),
    'sgd/schedule': () => keras.sgd(falling, { ...wd, momentum: 0.9 }),
    'sgd/weight_decay': () => keras.sgd(0.1, wd),
    'sgd/clipnorm': () => keras.sgd(0.1, { clipnorm: 0.5 }),
    'sgd/clipvalue': () => keras.sgd(0.1, { clipvalue: 0.3 }),
    'sgd/global_clipnorm': () => keras.sgd(0.1, { globalClipnorm: 0.7 }),
    adam: () => keras.adam(),
    'adam/options': () => keras.adam(0.1, { beta1: 0.8, beta2: 0.95, epsilon: 0.01 }),
    'adam/amsgrad': () => keras.adam(0.1, { beta1: 0.7, beta2: 0.8, epsilon: 0.01, amsgrad: true }),
    'adam/weight_decay': () => keras.adam(0.1, wd),
    'adam/schedule': () => keras.adam(falling, wd),
    adamw: () => keras.adamw(),
    'adamw/options': () => keras.adamw(0.1, { weightDecay: 0.2, beta1: 0.8, beta2: 0.95, epsilon: 0.01 }),
    'adamw/amsgrad': () => keras.adamw(0.1, { beta2: 0.8, amsgrad: true }),
    nadam: () => keras.nadam(),
    'nadam/options': () => keras.nadam(0.1, { ...wd, beta1: 0.7, beta2: 0.8, epsilon: 0.01 }),
    adamax: () => keras.adamax(),
    'adamax/options': () => keras.adamax(0.1, { ...wd, beta1: 0.7, beta2: 0.8, epsilon: 0.1 }),
    adagrad: () => keras.adagrad(),
    'adagrad/options': () => keras.adagrad(0.1, { ...wd, initialAccumulatorValue: 0.5, epsilon: 0.1 }),
    adadelta: () => keras.adadelta(),
    'adadelta/options': () => keras.adadelta(0.7, { ...wd, rho: 0.8, epsilon: 0.01 }),
    rmsprop: () => keras.rmsprop(),
    'rmsprop/options': () => keras.rmsprop(0.1, { ...wd, rho: 0.8, epsilon: 0.01 }),
    'rmsprop/momentum': () => keras.rmsprop(falling, { rho: 0.8, momentum: 0.9, epsilon: 0.01 }),
    'rmsprop/centered': () => keras.rmsprop(0.1, { momentum: 0.5, epsilon: 0.1, centered: true }),
    lion: () => keras.lion(),
    'lion/options': () => keras.lion(0.1, { ...wd, beta1: 0.8, beta2: 0.7 }),
    lamb: () => keras.lamb(),
    'lamb/options': () => keras.lamb(0.1, { beta1: 0.8, beta2: 0.95, epsilon: 0.01 }),
    'lamb/weight_decay': () => keras.lamb(0.1, { weightDecay: 0.5 }),
    muon: () => keras.muon(),
    'muon/options': () =>
      keras.muon(0.1, {
        adamBeta1: 0.8,
        adamBeta2: 0.95,
        adamWeightDecay: 0.2,
        epsilon: 0.01,
        weightDecay: 0.1,
        momentum: 0.8,
        nsSteps: 3,
        nesterov: false,
        rmsRate: null,
        adamLrRatio: 0.5
      }),
    adafactor: () => keras.adafactor(),
    'adafactor/options': () => keras.adafactor(0.6, { beta2Decay: -0.6, epsilon2: 0.1, clipThreshold: 0.5 }),
    'adafactor/weight_decay': () => keras.adafactor(0.3, { weightDecay: 0.5 }),
    'adafactor/relative_step': () => keras.adafactor(0.6),
    'adafactor/accumulation': () => keras.adafactor(0.6, { ...wd, gradientAccumulationSteps: 3 }),
    ftrl: () => keras.ftrl(),
    'ftrl/options': () =>
      keras.ftrl(0.1, {
        learningRatePower: -0.4,
        initialAccumulatorValue: 0.2,
        l1RegularizationStrength: 0.05,
        l2RegularizationStrength: 0.3,
        l2ShrinkageRegularizationStrength: 0.2,
        beta: 0.1
      }),
    'ftrl/schedule': () => keras.ftrl(falling, wd),
    scheduleFreeAdamw: () => keras.scheduleFreeAdamw(),
    'scheduleFreeAdamw/options': () =>
      keras.scheduleFreeAdamw(0.1, { beta1: 0.8, beta2: 0.95, epsilon: 0.01, warmupSteps: 4 }),
    'scheduleFreeAdamw/weight_decay': () => keras.scheduleFreeAdamw(falling, wd),
    'sgd/accumulation': () =>
      keras.sgd(falling, { ...wd, momentum: 0.9, clipvalue: 0.3, gradientAccumulationSteps: 3 }),
    'sgd/loss_scale_factor': () => keras.sgd(0.1, { clipvalue: 0.3, lossScaleFactor: 4 }),
    'adam/accumulation': () => keras.adam(falling, { gradientAccumulationSteps: 2 }),
    'adam/ema': () => keras.adam(0.1, { useEma: true }),
    'adam/ema_momentum': () => keras.adam(0.1, { useEma: true, emaMomentum: 0.7, gradientAccumulationSteps: 2 }),
    'adam/ema_overwrite': () =>
      unaveraged(keras.adam(0.1, { useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 3 })),
    'adam/ema_overwrite_accumulation': () =>
      unaveraged(
        keras.adam(0.1, { useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 2, gradientAccumulationSteps: 3 })
      ),
    'adamw/exclude': () => keras.adamw(0.1, { weightDecay: 0.2, excludeFromWeightDecay: ['bias', 'sc.le'] }),
    'muon/exclude': () =>
      keras.muon(0.1, { weightDecay: 0.2, adamWeightDecay: 0.3, excludeFromWeightDecay: ['bias', 'kernel'] })
  },
  schedules: {
    exponentialDecay: () => schedules.exponentialDecay(0.3, { decaySteps: 7, decayRate: 0.8 }),
    'exponentialDecay/staircase': () =>
      schedules.exponentialDecay(0.3, { decaySteps: 7, decayRate: 0.8, staircase: true }),
    inverseTimeDecay: () => schedules.inverseTimeDecay(0.3, { decaySteps: 7, decayRate: 0.8 }),
    'inverseTimeDecay/staircase': () =>
      schedules.inverseTimeDecay(0.3, { decaySteps: 7, decayRate: 0.8, staircase: true }),
    piecewiseConstantDecay: () =>
      schedules.piecewiseConstantDecay({ boundaries: [3, 8, 20], values: [0.3, 0.2, 0.5, 0.1] }),
    polynomialDecay: () => schedules.polynomialDecay(0.3, { decaySteps: 20 }),
    'polynomialDecay/power': () => schedules.polynomialDecay(0.3, { decaySteps: 20, endLearningRate: 0.02, power: 2 }),
    'polynomialDecay/cycle': () =>
      schedules.polynomialDecay(0.3, { decaySteps: 8, endLearningRate: 0.02, power: 1.5, cycle: true }),
    cosineDecay: () => schedules.cosineDecay(0.3, { decaySteps: 20 }),
    'cosineDecay/warmup': () =>
      schedules.cosineDecay(0, { decaySteps: 15, alpha: 0.1, warmupTarget: 0.3, warmupSteps: 6 }),
    'cosineDecay/no_target': () => schedules.cosineDecay(0.3, { decaySteps: 15, alpha: 0.1, warmupSteps: 6 }),
    cosineDecayRestarts: () => schedules.cosineDecayRestarts(0.3, { firstDecaySteps: 4 }),
    'cosineDecayRestarts/options': () =>
      schedules.cosineDecayRestarts(0.3, { firstDecaySteps: 5, tMul: 1.3, mMul: 0.7, alpha: 0.1 }),
    'cosineDecayRestarts/same': () => schedules.cosineDecayRestarts(0.3, { firstDecaySteps: 7, tMul: 1, mMul: 0.9 })
  },
  deviations: {
    'sgd/clipnorm': inFloat32,
    'sgd/global_clipnorm': inFloat32,
    'muon/exclude': inFloat32,
    'adafactor/accumulation': inFloat32,
    muon: inFloat32,
    ftrl: ofSmall,
    'muon/options': inFloat32,
    adafactor: inFloat32,
    'adafactor/options': inFloat32,
    'adafactor/weight_decay': inFloat32,
    'adafactor/relative_step': inFloat32
  }
}
