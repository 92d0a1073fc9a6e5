// Our expression for each PyTorch expression of `generate_torch.py`. docs/parity.md shows both: it reads them out of this file.
import {
  type AnyGradientTransformation,
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamw,
  addDecayedWeights,
  amsgrad,
  asgd,
  byPath,
  chain,
  clip,
  clipByGlobalNorm,
  emaParams,
  labelByPath,
  nadam,
  nadamw,
  partition,
  polyakAverage,
  radam,
  rmsprop,
  rprop,
  scale,
  scaleByAdadelta,
  scaleByAdam,
  scaleByAdamax,
  scaleByAmsgrad,
  scaleByLearningRate,
  scaleByNadam,
  scaleByRadam,
  scaleByRms,
  scaleByRprop,
  scaleByRss,
  scaleByStddev,
  sgd,
  swa,
  trace
} from 'gradchain'

/** Our transformation for each name of a case in the data. */
export const cases: Readonly<Record<string, () => AnyGradientTransformation>> = {
  SGD: () => sgd(0.1),
  'SGD/momentum': () => chain(trace(0.9), scaleByLearningRate(0.1)),
  'SGD/nesterov': () => sgd(0.1, { momentum: 0.9, nesterov: true }),
  'SGD/dampening': () => sgd(0.1, { momentum: 0.9, dampening: 0.4 }),
  'SGD/weight_decay': () => chain(addDecayedWeights(0.1), sgd(0.1, { momentum: 0.9 })),
  'SGD/maximize': () => chain(scale(-1), sgd(0.1, { momentum: 0.9 })),
  'SGD/maximize_weight_decay': () => chain(scale(-1), addDecayedWeights(0.1), sgd(0.1)),
  'SGD/scheduler': () => sgd((t) => 0.5 / (1 + t), { momentum: 0.9, lrPlacement: 'outside' }),
  'SGD/all': () =>
    chain(
      scale(-1),
      addDecayedWeights(0.05),
      sgd((t) => 0.5 / (1 + t), { momentum: 0.8, dampening: 0.3 })
    ),
  'SGD/param_groups': () =>
    partition(
      { first: sgd(0.1), second: sgd(0.01, { momentum: 0.5 }) },
      labelByPath({ kernel: 'first' }, { otherwise: 'second' })
    ),

  Adam: () => adam(0.1),
  'Adam/eps': () => chain(scaleByAdam({ b1: 0.8, b2: 0.95, eps: 0.01 }), scaleByLearningRate(0.1)),
  'Adam/weight_decay': () => chain(addDecayedWeights(0.1), adam(0.1)),
  'Adam/decoupled_weight_decay': () => adamw(0.1, { weightDecay: 0.1 }),
  'Adam/maximize': () => chain(scale(-1), addDecayedWeights(0.1), adam(0.1)),
  'Adam/scheduler': () => adam((t) => 0.5 / (1 + t)),
  'Adam/amsgrad': () => amsgrad(0.1, { maxOn: 'raw' }),
  'Adam/amsgrad_eps': () => amsgrad(0.1, { b1: 0.7, b2: 0.8, eps: 0.01, maxOn: 'raw' }),

  AdamW: () => adamw(0.1, { weightDecay: 0.01 }),
  'AdamW/weight_decay': () => adamw(0.1, { b1: 0.8, b2: 0.95, eps: 0.01, weightDecay: 0.2 }),
  'AdamW/amsgrad': () => chain(scaleByAmsgrad({ maxOn: 'raw' }), addDecayedWeights(0.01), scaleByLearningRate(0.1)),
  'AdamW/scheduler': () => adamw((t) => 0.5 / (1 + t), { weightDecay: 0.1 }),
  'AdamW/param_groups': () => adamw(0.1, { weightDecay: 0.1, mask: byPath('kernel') }),

  NAdam: () => nadam(0.1, { momentumDecay: 4e-3 }),
  'NAdam/momentum_decay': () =>
    chain(scaleByNadam({ b1: 0.7, b2: 0.8, eps: 0.01, momentumDecay: 0.3 }), scaleByLearningRate(0.1)),
  'NAdam/weight_decay': () => chain(addDecayedWeights(0.1), nadam(0.1, { momentumDecay: 4e-3 })),
  'NAdam/decoupled_weight_decay': () => nadamw(0.1, { momentumDecay: 4e-3, weightDecay: 0.1 }),

  RAdam: () => radam(0.1, { epsPlacement: 'hat' }),
  'RAdam/eps': () => radam(0.1, { b1: 0.8, b2: 0.9, eps: 0.01, epsPlacement: 'hat' }),
  'RAdam/weight_decay': () => chain(addDecayedWeights(0.1), radam(0.1, { epsPlacement: 'hat' })),
  'RAdam/decoupled_weight_decay': () =>
    chain(scaleByRadam({ epsPlacement: 'hat' }), addDecayedWeights(0.1), scaleByLearningRate(0.1)),

  Adamax: () => adamax(0.1),
  'Adamax/eps': () => chain(scaleByAdamax({ b1: 0.8, b2: 0.9, eps: 0.01 }), scaleByLearningRate(0.1)),
  'Adamax/weight_decay': () => chain(addDecayedWeights(0.1), adamax(0.1)),

  Adagrad: () => adagrad(0.1, { initialAccumulatorValue: 0, eps: 1e-10, epsInSqrt: false }),
  'Adagrad/eps': () =>
    chain(scaleByRss({ initialAccumulatorValue: 0, eps: 0.01, epsInSqrt: false }), scaleByLearningRate(0.1)),
  'Adagrad/lr_decay': () =>
    adagrad((t) => 0.1 / (1 + 0.3 * t), { initialAccumulatorValue: 0, eps: 1e-10, epsInSqrt: false }),
  'Adagrad/initial_accumulator_value': () =>
    adagrad(0.1, { initialAccumulatorValue: 0.5, eps: 1e-10, epsInSqrt: false }),
  'Adagrad/weight_decay': () =>
    chain(addDecayedWeights(0.1), adagrad(0.1, { initialAccumulatorValue: 0, eps: 1e-10, epsInSqrt: false })),

  Adadelta: () => adadelta(),
  'Adadelta/eps': () => chain(scaleByAdadelta({ rho: 0.8, eps: 0.01 }), scaleByLearningRate(0.5)),
  'Adadelta/weight_decay': () => adadelta(1, { eps: 0.01, weightDecay: 0.1 }),

  RMSprop: () => rmsprop(0.1, { decay: 0.99, epsInSqrt: false }),
  'RMSprop/eps': () => chain(scaleByRms({ decay: 0.8, eps: 0.01, epsInSqrt: false }), scaleByLearningRate(0.1)),
  'RMSprop/centered': () => rmsprop(0.1, { decay: 0.99, epsInSqrt: false, centered: true }),
  'RMSprop/momentum': () => rmsprop(0.1, { decay: 0.99, epsInSqrt: false, momentum: 0.9, lrPlacement: 'outside' }),
  'RMSprop/scheduler': () =>
    rmsprop((t) => 0.5 / (1 + t), { decay: 0.99, epsInSqrt: false, momentum: 0.9, lrPlacement: 'outside' }),
  'RMSprop/weight_decay': () => chain(addDecayedWeights(0.1), rmsprop(0.1, { decay: 0.99, epsInSqrt: false })),
  'RMSprop/all': () =>
    chain(
      addDecayedWeights(0.1),
      scaleByStddev({ decay: 0.9, eps: 0.01, epsInSqrt: false }),
      trace(0.8),
      scaleByLearningRate((t) => 0.1 / (1 + t))
    ),

  Rprop: () => rprop(0.1),
  'Rprop/all': () =>
    chain(scaleByRprop(0.1, { etaMinus: 0.6, etaPlus: 1.5, minStepSize: 0.05, maxStepSize: 0.2 }), scale(-1)),

  ASGD: () => asgd(0.1, { lambd: 0.1 }),
  'ASGD/average': () => asgd(0.1, { lambd: 0.1, t0: 3 }),
  'ASGD/weight_decay': () => chain(addDecayedWeights(0.2), asgd(0.1, { lambd: 0.1, alpha: 0.5, t0: 3 })),

  Adafactor: () => adafactor((t) => Math.min(0.05, 1 / Math.sqrt(t + 1)), { minDimSizeToFactor: 1 }),
  'Adafactor/cap': () =>
    adafactor((t) => Math.min(0.7, 1 / Math.sqrt(t + 1)), { minDimSizeToFactor: 1, clippingThreshold: 2 }),

  clip_grad_value_: () => chain(clip(0.5), sgd(0.1)),
  clip_grad_norm_: () => chain(clipByGlobalNorm(1, { eps: 1e-6 }), sgd(0.1)),
  'clip_grad_norm_/inactive': () => chain(clipByGlobalNorm(1e6, { eps: 1e-6 }), sgd(0.1)),
  'clip_grad_norm_/l1': () => chain(clipByGlobalNorm(1, { ord: 1, eps: 1e-6 }), sgd(0.1)),
  'clip_grad_norm_/l3': () => chain(clipByGlobalNorm(1, { ord: 3, eps: 1e-6 }), sgd(0.1)),
  'clip_grad_norm_/inf': () => chain(clipByGlobalNorm(1, { ord: 'inf', eps: 1e-6 }), sgd(0.1)),

  AveragedModel: () => polyakAverage(sgd(0.1)),
  'AveragedModel/swa': () => swa(sgd(0.1, { momentum: 0.9 }), { start: 5, period: 2 }),
  'AveragedModel/ema': () => emaParams(sgd(0.1), { decay: 0.9, start: 'params' }),
  'AveragedModel/ema_after': () => emaParams(sgd(0.1), { decay: 0.9, start: 'firstUpdate' })
}

/** Where another result than PyTorch's is meant: the tolerance that takes its place, and why. */
export const deviations: Readonly<Record<string, { readonly tolerance: number; readonly because: string }>> = {}
