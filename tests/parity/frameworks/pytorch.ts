// The functions of `pytorch` for each PyTorch expression of `generate_torch.py`, `generate_torch_schedules.py` and
// `generate_frameworks.py`.
import { pytorch } from '@gradchain/frameworks'
import {
  chain,
  type GradientTransformation,
  type Leaf,
  labelByPath,
  partition,
  type SwaState,
  setToZero,
  type Tree,
  tree
} from 'gradchain'
import { byValues } from './byValues.js'
import type { Rows } from './rows.js'

const { schedules } = pytorch
const falling = schedules.lambdaLR(0.5, (t) => 1 / (1 + t))
const lr = 0.3
const cycle = { maxLr: 0.5 }
const one = { totalSteps: 48 }
const first = { weightDecay: 0.1 }
const sgd = () => pytorch.sgd(0.1)

/** Matrices alone are moved. */
const onMatrices = <State>(tx: GradientTransformation<State>) =>
  partition({ matrix: tx, other: setToZero() }, (params: Tree<Leaf>) =>
    tree.map(
      (leaf) => (typeof leaf !== 'number' && 'shape' in leaf && leaf.shape.length === 2 ? 'matrix' : 'other'),
      params
    )
  )

/** Without what tells the test that an average is to be compared. */
const unaveraged = <Inner>(tx: GradientTransformation<SwaState<Inner>>) => chain(tx)

export const rows: Rows = {
  cases: {
    'defaults/SGD': () => pytorch.sgd(),
    'defaults/Adam': () => pytorch.adam(),
    'defaults/AdamW': () => pytorch.adamw(),
    'defaults/NAdam': () => pytorch.nadam(),
    'defaults/RAdam': () => pytorch.radam(),
    'defaults/Adamax': () => pytorch.adamax(),
    'defaults/Adagrad': () => pytorch.adagrad(),
    'defaults/Adadelta': () => pytorch.adadelta(),
    'defaults/RMSprop': () => pytorch.rmsprop(),
    'defaults/Rprop': () => pytorch.rprop(),
    'defaults/ASGD': () => pytorch.asgd(),
    'defaults/Adafactor': () => pytorch.adafactor(),
    SGD: sgd,
    'SGD/momentum': () => pytorch.sgd(0.1, { momentum: 0.9 }),
    'SGD/nesterov': () => pytorch.sgd(0.1, { momentum: 0.9, nesterov: true }),
    'SGD/dampening': () => pytorch.sgd(0.1, { momentum: 0.9, dampening: 0.4 }),
    'SGD/weight_decay': () => pytorch.sgd(0.1, { momentum: 0.9, weightDecay: 0.1 }),
    'SGD/maximize': () => pytorch.sgd(0.1, { momentum: 0.9, maximize: true }),
    'SGD/maximize_weight_decay': () => pytorch.sgd(0.1, { weightDecay: 0.1, maximize: true }),
    'SGD/scheduler': () => pytorch.sgd(falling, { momentum: 0.9 }),
    'SGD/all': () => pytorch.sgd(falling, { momentum: 0.8, dampening: 0.3, weightDecay: 0.05, maximize: true }),
    'SGD/param_groups': () =>
      partition(
        { first: pytorch.sgd(0.1), second: pytorch.sgd(0.01, { momentum: 0.5 }) },
        labelByPath({ kernel: 'first' }, { otherwise: 'second' })
      ),
    Adam: () => pytorch.adam(0.1),
    'Adam/eps': () => pytorch.adam(0.1, { betas: [0.8, 0.95], eps: 0.01 }),
    'Adam/weight_decay': () => pytorch.adam(0.1, first),
    'Adam/decoupled_weight_decay': () => pytorch.adam(0.1, { ...first, decoupledWeightDecay: true }),
    'Adam/maximize': () => pytorch.adam(0.1, { ...first, maximize: true }),
    'Adam/scheduler': () => pytorch.adam(falling),
    'Adam/amsgrad': () => pytorch.adam(0.1, { amsgrad: true }),
    'Adam/amsgrad_eps': () => pytorch.adam(0.1, { betas: [0.7, 0.8], eps: 0.01, amsgrad: true }),
    AdamW: () => pytorch.adamw(0.1),
    'AdamW/weight_decay': () => pytorch.adamw(0.1, { betas: [0.8, 0.95], eps: 0.01, weightDecay: 0.2 }),
    'AdamW/amsgrad': () => pytorch.adamw(0.1, { amsgrad: true }),
    'AdamW/maximize': () => pytorch.adamw(0.1, { weightDecay: 0.1, maximize: true }),
    'AdamW/scheduler': () => pytorch.adamw(falling, { weightDecay: 0.1 }),
    'AdamW/param_groups': () =>
      partition(
        { first: pytorch.adamw(0.1, { weightDecay: 0.1 }), second: pytorch.adamw(0.1, { weightDecay: 0 }) },
        labelByPath({ kernel: 'first' }, { otherwise: 'second' })
      ),
    NAdam: () => pytorch.nadam(0.1),
    'NAdam/momentum_decay': () => pytorch.nadam(0.1, { betas: [0.7, 0.8], eps: 0.01, momentumDecay: 0.3 }),
    'NAdam/weight_decay': () => pytorch.nadam(0.1, first),
    'NAdam/decoupled_weight_decay': () => pytorch.nadam(0.1, { ...first, decoupledWeightDecay: true }),
    RAdam: () => pytorch.radam(0.1),
    'RAdam/eps': () => pytorch.radam(0.1, { betas: [0.8, 0.9], eps: 0.01 }),
    'RAdam/weight_decay': () => pytorch.radam(0.1, first),
    'RAdam/decoupled_weight_decay': () => pytorch.radam(0.1, { ...first, decoupledWeightDecay: true }),
    Adamax: () => pytorch.adamax(0.1),
    'Adamax/eps': () => pytorch.adamax(0.1, { betas: [0.8, 0.9], eps: 0.01 }),
    'Adamax/weight_decay': () => pytorch.adamax(0.1, first),
    Adagrad: () => pytorch.adagrad(0.1),
    'Adagrad/eps': () => pytorch.adagrad(0.1, { eps: 0.01 }),
    'Adagrad/lr_decay': () => pytorch.adagrad(0.1, { lrDecay: 0.3 }),
    'Adagrad/initial_accumulator_value': () => pytorch.adagrad(0.1, { initialAccumulatorValue: 0.5 }),
    'Adagrad/weight_decay': () => pytorch.adagrad(0.1, first),
    Adadelta: () => pytorch.adadelta(),
    'Adadelta/eps': () => pytorch.adadelta(0.5, { rho: 0.8, eps: 0.01 }),
    'Adadelta/weight_decay': () => pytorch.adadelta(undefined, { eps: 0.01, weightDecay: 0.1 }),
    RMSprop: () => pytorch.rmsprop(0.1),
    'RMSprop/eps': () => pytorch.rmsprop(0.1, { alpha: 0.8, eps: 0.01 }),
    'RMSprop/centered': () => pytorch.rmsprop(0.1, { centered: true }),
    'RMSprop/momentum': () => pytorch.rmsprop(0.1, { momentum: 0.9 }),
    'RMSprop/scheduler': () => pytorch.rmsprop(falling, { momentum: 0.9 }),
    'RMSprop/weight_decay': () => pytorch.rmsprop(0.1, first),
    'RMSprop/maximize': () => pytorch.rmsprop(0.1, { ...first, maximize: true }),
    'RMSprop/all': () =>
      pytorch.rmsprop(
        schedules.lambdaLR(0.1, (t) => 1 / (1 + t)),
        { alpha: 0.9, eps: 0.01, weightDecay: 0.1, momentum: 0.8, centered: true }
      ),
    Rprop: () => pytorch.rprop(0.1),
    'Rprop/all': () => pytorch.rprop(0.1, { etas: [0.6, 1.5], stepSizes: [0.05, 0.2] }),
    'Rprop/maximize': () => pytorch.rprop(0.1, { maximize: true }),
    ASGD: () => unaveraged(pytorch.asgd(0.1, { lambd: 0.1, t0: 3 })),
    'ASGD/average': () => pytorch.asgd(0.1, { lambd: 0.1, t0: 3 }),
    'ASGD/weight_decay': () => unaveraged(pytorch.asgd(0.1, { lambd: 0.1, alpha: 0.5, t0: 3, weightDecay: 0.2 })),
    'ASGD/all': () =>
      unaveraged(pytorch.asgd(0.1, { lambd: 0.2, alpha: 0.6, t0: 2, weightDecay: 0.1, maximize: true })),
    Muon: () => onMatrices(pytorch.muon()),
    'Muon/options': () =>
      onMatrices(
        pytorch.muon(0.1, {
          weightDecay: 0.2,
          momentum: 0.8,
          nesterov: false,
          nsCoefficients: [2, -1.5, 0.5],
          nsSteps: 3,
          adjustLrFn: 'match_rms_adamw'
        })
      ),
    Adafactor: () => pytorch.adafactor(0.05, { eps: [1e-15, 1e-3] }),
    'Adafactor/cap': () => pytorch.adafactor(0.7, { eps: [1e-15, 1e-3], d: 2 }),
    'Adafactor/weight_decay': () =>
      pytorch.adafactor(0.3, { beta2Decay: -0.6, eps: [null, 0.1], weightDecay: 0.5, maximize: true }),
    clip_grad_value_: () => chain(pytorch.clipGradValue(0.5), sgd()),
    clip_grad_norm_: () => chain(pytorch.clipGradNorm(1), sgd()),
    'clip_grad_norm_/inactive': () => chain(pytorch.clipGradNorm(1e6), sgd()),
    'clip_grad_norm_/l1': () => chain(pytorch.clipGradNorm(1, { normType: 1 }), sgd()),
    'clip_grad_norm_/l3': () => chain(pytorch.clipGradNorm(1, { normType: 3 }), sgd()),
    'clip_grad_norm_/inf': () => chain(pytorch.clipGradNorm(1, { normType: 'inf' }), sgd())
  },
  schedules: {
    StepLR: () => schedules.stepLR(lr, { stepSize: 10 }),
    'StepLR/gamma': () => schedules.stepLR(lr, { stepSize: 7, gamma: 0.5 }),
    'StepLR/growth': () => schedules.stepLR(lr, { stepSize: 9, gamma: 1.5 }),
    MultiStepLR: () => schedules.multiStepLR(lr, { milestones: [5, 30] }),
    'MultiStepLR/gamma': () => schedules.multiStepLR(lr, { milestones: [3, 8, 21, 40], gamma: 0.6 }),
    'MultiStepLR/twice': () => schedules.multiStepLR(lr, { milestones: [6, 11, 11], gamma: 0.5 }),
    'MultiStepLR/none': () => schedules.multiStepLR(lr, { milestones: [] }),
    ExponentialLR: () => schedules.exponentialLR(lr, { gamma: 0.95 }),
    'ExponentialLR/fast': () => schedules.exponentialLR(lr, { gamma: 0.5 }),
    'LambdaLR/inverse_time': () => schedules.lambdaLR(lr, (t) => 1 / (1 + (0.5 * t) / 4)),
    LinearLR: () => schedules.linearLR(lr),
    'LinearLR/all': () => schedules.linearLR(lr, { startFactor: 0.1, endFactor: 0.8, totalIters: 12 }),
    ConstantLR: () => schedules.constantLR(lr, { factor: 0.25, totalIters: 6 }),
    PolynomialLR: () => schedules.polynomialLR(lr, { totalIters: 20, power: 2 }),
    CosineAnnealingLR: () => schedules.cosineAnnealingLR(lr, { tMax: 47, etaMin: 0.02 }),
    'CosineAnnealingLR/past_the_end': () => schedules.cosineAnnealingLR(lr, { tMax: 10, etaMin: 0.02 }),
    CosineAnnealingWarmRestarts: () => schedules.cosineAnnealingWarmRestarts(lr, { t0: 10 }),
    'CosineAnnealingWarmRestarts/eta_min': () => schedules.cosineAnnealingWarmRestarts(lr, { t0: 7, etaMin: 0.02 }),
    'CosineAnnealingWarmRestarts/double': () =>
      schedules.cosineAnnealingWarmRestarts(lr, { t0: 5, tMult: 2, etaMin: 0.01 }),
    'CosineAnnealingWarmRestarts/triple': () => schedules.cosineAnnealingWarmRestarts(lr, { t0: 1, tMult: 3 }),
    CyclicLR: () => schedules.cyclicLR(0.01, { ...cycle, stepSizeUp: 6 }),
    'CyclicLR/momentum': () => schedules.cyclicLR(0.9, { maxLr: 0.8, stepSizeUp: 6 }),
    'CyclicLR/up_down': () => schedules.cyclicLR(0.01, { ...cycle, stepSizeUp: 4, stepSizeDown: 9 }),
    'CyclicLR/triangular2': () => schedules.cyclicLR(0.01, { ...cycle, stepSizeUp: 5, mode: 'triangular2' }),
    'CyclicLR/exp_range': () => schedules.cyclicLR(0.01, { ...cycle, stepSizeUp: 5, mode: 'exp_range', gamma: 0.97 }),
    'CyclicLR/exp_range_one': () => schedules.cyclicLR(0.01, { ...cycle, stepSizeUp: 5, mode: 'exp_range' }),
    'CyclicLR/default': () => schedules.cyclicLR(0.01, cycle),
    OneCycleLR: () => schedules.oneCycleLR(0.5, one),
    'OneCycleLR/momentum': () => schedules.oneCycleMomentum(one),
    'OneCycleLR/beta1': () => schedules.oneCycleMomentum({ ...one, baseMomentum: 0.7, maxMomentum: 0.9 }),
    'OneCycleLR/factors': () =>
      schedules.oneCycleLR(0.5, { ...one, pctStart: 0.45, divFactor: 10, finalDivFactor: 50 }),
    'OneCycleLR/linear': () =>
      schedules.oneCycleLR(0.5, { ...one, pctStart: 0.25, annealStrategy: 'linear', finalDivFactor: 7 }),
    'OneCycleLR/linear_momentum': () =>
      schedules.oneCycleMomentum({ ...one, pctStart: 0.25, annealStrategy: 'linear' }),
    'OneCycleLR/three_phase': () => schedules.oneCycleLR(0.5, { ...one, threePhase: true }),
    'OneCycleLR/three_phase_momentum': () => schedules.oneCycleMomentum({ ...one, threePhase: true }),
    MultiplicativeLR: () => schedules.multiplicativeLR(lr, (t) => 1 - 0.02 * t),
    SequentialLR: () =>
      schedules.sequentialLR(
        [
          schedules.linearLR(lr, { startFactor: 0.2, totalIters: 4 }),
          schedules.cosineAnnealingLR(lr, { tMax: 20 }),
          schedules.exponentialLR(lr, { gamma: 0.9 })
        ],
        { milestones: [4, 18] }
      ),
    ChainedScheduler: () =>
      schedules.chainedScheduler(lr, [
        schedules.linearLR(1, { startFactor: 0.2, totalIters: 4 }),
        schedules.stepLR(1, { stepSize: 7, gamma: 0.5 }),
        schedules.exponentialLR(1, { gamma: 0.9 })
      ]),
    ReduceLROnPlateau: () => byValues(lr, pytorch.reduceLROnPlateau(lr, { patience: 2 })),
    'ReduceLROnPlateau/default': () => byValues(lr, pytorch.reduceLROnPlateau(lr)),
    'ReduceLROnPlateau/options': () =>
      byValues(
        lr,
        pytorch.reduceLROnPlateau(lr, {
          mode: 'max',
          factor: 0.5,
          patience: 1,
          threshold: 0.01,
          thresholdMode: 'abs',
          cooldown: 2,
          minLr: 0.02,
          eps: 0.001
        })
      ),
    swalr: () => schedules.swalr(lr, { swaLr: 0.05 }),
    'swalr/linear': () => schedules.swalr(lr, { swaLr: 0.05, annealEpochs: 7, annealStrategy: 'linear' })
  },
  deviations: {}
}
