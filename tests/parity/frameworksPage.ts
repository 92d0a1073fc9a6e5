// What docs/frameworks.md is made of: the defaults of each framework side by side.
import { keras, pytorch, tensorflowjs, timm, transformers } from '@gradchain/frameworks'
import { muon, scaleByMuon, scaleByShape } from '@gradchain/matrix'
import {
  type AnyGradientTransformation,
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamp,
  adamw,
  addDecayedWeights,
  applyUpdates,
  chain,
  clipByNorm,
  ftrl,
  lion,
  lookahead,
  nadam,
  ndarray,
  rmsprop,
  scaleByLearningRate,
  sgd,
  sgdp
} from 'gradchain'
import { oursOf } from './ours.js'

type Table = Readonly<Record<string, () => AnyGradientTransformation>>

/** The call of a framework's function, with its defaults as far as it has them. */
export const calls: Table = {
  'SGD/PyTorch': () => pytorch.sgd(1e-3, { momentum: 0.9 }),
  'SGD/Keras': () => keras.sgd(1e-3, { momentum: 0.9 }),
  'SGD/TensorFlow.js': () => tensorflowjs.momentum(1e-3, 0.9),
  'SGD/Optax': () => sgd(1e-3, { momentum: 0.9 }),
  'Adam/PyTorch': () => pytorch.adam(),
  'Adam/Keras': () => keras.adam(),
  'Adam/TensorFlow.js': () => tensorflowjs.adam(),
  'Adam/Optax': () => adam(1e-3),
  'AdamW/PyTorch': () => pytorch.adamw(),
  'AdamW/Keras': () => keras.adamw(),
  'AdamW/timm': () => timm.adamw(),
  'AdamW/Optax': () => adamw(1e-3),
  'Nadam/PyTorch': () => pytorch.nadam(),
  'Nadam/Keras': () => keras.nadam(),
  'Nadam/timm': () => timm.nadam(),
  'Nadam/Optax': () => nadam(1e-3),
  'Adamax/PyTorch': () => pytorch.adamax(),
  'Adamax/Keras': () => keras.adamax(),
  'Adamax/TensorFlow.js': () => tensorflowjs.adamax(),
  'Adamax/Optax': () => adamax(1e-3),
  'Adagrad/PyTorch': () => pytorch.adagrad(),
  'Adagrad/Keras': () => keras.adagrad(),
  'Adagrad/TensorFlow.js': () => tensorflowjs.adagrad(1e-3),
  'Adagrad/Optax': () => adagrad(1e-3),
  'Adadelta/PyTorch': () => pytorch.adadelta(),
  'Adadelta/Keras': () => keras.adadelta(),
  'Adadelta/TensorFlow.js': () => tensorflowjs.adadelta(),
  'Adadelta/Optax': () => adadelta(1e-3),
  'RMSprop/PyTorch': () => pytorch.rmsprop(),
  'RMSprop/Keras': () => keras.rmsprop(),
  'RMSprop/TensorFlow.js': () => tensorflowjs.rmsprop(1e-3),
  'RMSprop/timm': () => timm.rmsproptf(),
  'RMSprop/Optax': () => rmsprop(1e-3),
  'Lion/Keras': () => keras.lion(),
  'Lion/timm': () => timm.lion(),
  'Lion/Optax': () => lion(1e-3),
  'Adafactor/PyTorch': () => pytorch.adafactor(),
  'Adafactor/Keras': () => keras.adafactor(),
  'Adafactor/transformers': () => transformers.adafactor(),
  'Adafactor/timm': () => timm.adafactor(),
  'Adafactor/Optax': () => adafactor(1e-3),
  'Muon/PyTorch': () => pytorch.muon(),
  'Muon/Keras': () => keras.muon(),
  'Muon/timm': () => timm.muon(undefined, { useMuon: () => true }),
  'Muon/Optax': () => muon(1e-3),
  'AdamP/timm': () => timm.adamp(),
  'SGDP/timm': () => timm.sgdp(1e-3, { momentum: 0.9 }),
  'Ftrl/Keras': () => keras.ftrl(),
  'Ftrl/the paper': () => ftrl(1e-3)
}

/** The chain that it is. */
export const chains: Table = {
  'SGD/PyTorch': () => sgd(1e-3, { momentum: 0.9 }),
  'SGD/Keras': () => sgd(1e-3, { momentum: 0.9, lrPlacement: 'inside' }),
  'SGD/TensorFlow.js': () => sgd(1e-3, { momentum: 0.9 }),
  'SGD/Optax': () => sgd(1e-3, { momentum: 0.9 }),
  'Adam/PyTorch': () => adam(1e-3),
  'Adam/Keras': () => adam(1e-3, { eps: 1e-7, epsPlacement: 'hat' }),
  'Adam/TensorFlow.js': () => adam(1e-3, { eps: 1e-7 }),
  'Adam/Optax': () => adam(1e-3),
  'AdamW/PyTorch': () => adamw(1e-3, { weightDecay: 0.01 }),
  'AdamW/Keras': () => adamw(1e-3, { weightDecay: 0.004, eps: 1e-7, epsPlacement: 'hat' }),
  'AdamW/timm': () => adamw(1e-3, { weightDecay: 0.01 }),
  'AdamW/Optax': () => adamw(1e-3),
  'Nadam/PyTorch': () => nadam(2e-3, { momentumDecay: 4e-3 }),
  'Nadam/Keras': () => nadam(1e-3, { momentumDecay: 1, eps: 1e-7 }),
  'Nadam/timm': () => nadam(2e-3, { momentumDecay: 4e-3 }),
  'Nadam/Optax': () => nadam(1e-3),
  'Adamax/PyTorch': () => adamax(2e-3),
  'Adamax/Keras': () => adamax(1e-3, { eps: 1e-7, epsInMax: false }),
  'Adamax/TensorFlow.js': () => adamax(2e-3, { eps: 1e-7, epsInMax: false }),
  'Adamax/Optax': () => adamax(1e-3),
  'Adagrad/PyTorch': () => adagrad(1e-2, { initialAccumulatorValue: 0, eps: 1e-10, epsInSqrt: false }),
  'Adagrad/Keras': () => adagrad(1e-3),
  'Adagrad/TensorFlow.js': () => adagrad(1e-3),
  'Adagrad/Optax': () => adagrad(1e-3),
  'Adadelta/PyTorch': () => adadelta(),
  'Adadelta/Keras': () => adadelta(1e-3, { rho: 0.95, eps: 1e-7 }),
  'Adadelta/TensorFlow.js': () => sgd(1e-3),
  'Adadelta/Optax': () => adadelta(1e-3),
  'RMSprop/PyTorch': () => rmsprop(1e-2, { decay: 0.99, epsInSqrt: false, lrPlacement: 'outside' }),
  'RMSprop/Keras': () => rmsprop(1e-3, { eps: 1e-7 }),
  'RMSprop/TensorFlow.js': () => rmsprop(1e-3, { eps: 1e-7 }),
  'RMSprop/timm': () => rmsprop(1e-2, { eps: 1e-10, initialScale: 1 }),
  'RMSprop/Optax': () => rmsprop(1e-3),
  'Lion/Keras': () => lion(1e-3, { weightDecay: 0 }),
  'Lion/timm': () => lion(1e-4, { weightDecay: 0 }),
  'Lion/Optax': () => lion(1e-3),
  'Adafactor/PyTorch': () => adafactor((t) => Math.min(1e-2, 1 / Math.sqrt(t + 1)), { minDimSizeToFactor: 1 }),
  'Adafactor/Keras': () => adafactor((t) => Math.min(1e-3, 1 / Math.sqrt(t + 1)), { minDimSizeToFactor: 1 }),
  'Adafactor/transformers': () => adafactor((t) => Math.min(1e-2, 1 / Math.sqrt(t + 1)), { minDimSizeToFactor: 1 }),
  'Adafactor/timm': () => adafactor((t) => Math.min(1e-2, 1 / Math.sqrt(t + 1)), { minDimSizeToFactor: 17 }),
  'Adafactor/Optax': () => adafactor(1e-3),
  'Muon/PyTorch': () =>
    chain(
      scaleByMuon({ debias: false, eps: 1e-30 }),
      scaleByShape({ weightDimensionNumbers: { reductionAxis: 1, outputAxis: 0 } }),
      addDecayedWeights(0.1),
      scaleByLearningRate(1e-3)
    ),
  'Muon/Keras': () =>
    chain(
      scaleByMuon({ debias: false, eps: 5e-9 }),
      scaleByShape({ consistentRms: 0.2 }),
      addDecayedWeights(0.004),
      scaleByLearningRate(1e-3)
    ),
  'Muon/timm': () =>
    chain(
      scaleByMuon({ nesterov: false, debias: false, coefficients: 'dion', eps: 1e-30 }),
      scaleByShape({ adjustLr: 'matchRmsAdamw' }),
      scaleByLearningRate(0.02)
    ),
  'Muon/Optax': () => muon(1e-3),
  'AdamP/timm': () => adamp(1e-3),
  'SGDP/timm': () => sgdp(1e-3),
  'Ftrl/Keras': () => ftrl(1e-3, { initialAccumulatorValue: 0.1, beta: 0, pastRate: 'current' }),
  'Ftrl/the paper': () => ftrl(1e-3)
}

/** What differs, rule by rule. */
const words: Readonly<Record<string, readonly string[]>> = {
  SGD: [
    'With a number for a learning rate all are the same. A schedule acts on all of the momentum in PyTorch, Optax and TensorFlow.js; in Keras a step keeps the rate it was taken with.',
    'A weight decay goes through the momentum in PyTorch; in Keras it acts on the params.',
    'Default learning rates: 1e-3 in PyTorch, 1e-2 in Keras, none in the others.'
  ],
  Adam: [
    'epsilon is 1e-8 in PyTorch and Optax, 1e-7 in Keras and TensorFlow.js.',
    'Keras adds it before the correction of the second moment, where it weighs up to 32 times as much; the others after.',
    '`amsgrad` takes the largest moment before its correction in PyTorch and Keras, after it in Optax.',
    'A weight decay is an L2 penalty in PyTorch; in Keras it is decoupled, also in Adam.'
  ],
  AdamW: [
    'The default decay is 0.01 in PyTorch and timm, 0.004 in Keras, 1e-4 in Optax; in all it is times the learning rate.',
    'What else differs is what differs in Adam.'
  ],
  Nadam: [
    'The momentum warms up: with ψ = 0.004 in PyTorch and timm, with 1 in Keras, not at all in Optax.',
    "PyTorch's learning rate, which timm's NAdamLegacy has, is twice that of the others; PyTorch's product of momenta is a float32.",
    "timm's NAdamW is another rule, `timm.nadamw`: its first step is 1.9 learning rates."
  ],
  Adamax: [
    'The learning rate is 2e-3, that of the paper, in PyTorch and TensorFlow.js.',
    'epsilon is added to the gradient inside the maximum in PyTorch and Optax, to the maximum in Keras and TensorFlow.js.'
  ],
  Adagrad: [
    'The sum of squares begins at 0 in PyTorch and at 0.1 elsewhere, so that only there the first step is the learning rate.',
    'epsilon is 1e-10 outside the root in PyTorch, 1e-7 inside it elsewhere.'
  ],
  Adadelta: [
    'The learning rate is 1, that of the paper, in PyTorch, and 1e-3 in Keras and TensorFlow.js; ρ is 0.9 or, in Keras, 0.95.',
    'That of TensorFlow.js divides by the mean square before the gradient came in, by which it is plain descent.'
  ],
  RMSprop: [
    'The mean reaches back 100 steps in PyTorch, 10 elsewhere; none corrects it, so that the first step is 10 or 3.2 learning rates.',
    "epsilon is outside the root in PyTorch, inside elsewhere; timm's mean square begins at 1.",
    'The learning rate acts on the momentum in PyTorch and goes into it elsewhere.'
  ],
  Lion: [
    'The updates are equal. Optax decays by 1e-3, the others not at all; the learning rate of Keras is ten times that of the paper.'
  ],
  Adafactor: [
    'On a matrix of 4 × 3, all of it 1, whose gradient is that of the others times 1, 2, …, 12.',
    'Optax factors only from 128 rows and columns, timm with more than 16, the others every matrix; but for Optax they cap the learning rate by 1 / √t.',
    'With a learning rate of its own transformers still multiplies it by the size of the params, and timm does not.',
    'The default learning rates: 1e-2 in PyTorch, 1e-3 in Keras, none in Optax; in transformers and timm 1e-2 that they find themselves.'
  ],
  Muon: [
    'On the same matrix as Adafactor.',
    'A matrix is [out, in] in PyTorch and [in, out] in Optax and Keras. The update is multiplied by √max(1, out / in) in PyTorch and Optax, by 0.2 √max(in, out) in Keras and timm.',
    'The default decay is 0.1 in PyTorch, 0.004 in Keras, 0 in Optax and timm; the learning rate of timm is 0.02.',
    "timm's coefficients are five triples, and it has no Nesterov momentum unless it is told to; a matrix with fewer than 4 rows or columns, as this one, goes to AdamW there.",
    'The momentum is corrected for its start in Optax alone. Iterations are in bfloat16 in PyTorch and timm, whatever the dtype, and here in that of the params.',
    'What is no matrix is refused in PyTorch and goes to Adam in the others: to that of Keras, with its own decay of 0.004, or to NAdam in Optax, whose `nesterov` is that of both.'
  ],
  AdamP: [
    'A number is never projected, and this is Adam; matrices are, where their gradient is nearly across them. With `nesterov` timm corrects the mean of the next step as that of this one.',
    "timm's factory has that for `adamp`, and a `wd_ratio` of 0.01. Its `caution` takes the radial part out once more; it is not here. No other of these frameworks has it."
  ],
  SGDP: [
    "The decay is over 1 − β, ten times as much as in `sgdw`. The momentum is 0 by default in timm, 0.9 here; timm's factory has 0.9, with Nesterov's. No other of these frameworks has it."
  ],
  Ftrl: [
    'The params go to where the sum of gradients alone would have them: what they began as is forgotten at the first step, and they should begin at 0.',
    "Keras's sum of squares begins at 0.1 and its β is 0, in the paper 0 and 1. Keras has penalties of λ p², the paper of λ p² / 2.",
    'No other of these frameworks has it.'
  ]
}

/** Rules of other libraries, as chains. */
export const others: Table = {
  'thinc 8.3.13/SGD(0.1)': () => chain(clipByNorm(1), sgd(0.1)),
  'thinc 8.3.13/Adam(0.001)': () => chain(clipByNorm(1), adam(1e-3, { epsPlacement: 'hat' })),
  "scikit-learn 1.9.1/MLP, solver='sgd'": () => sgd(0.1, { momentum: 0.9, nesterov: true }),
  'scikit-learn 1.9.1/the same, nesterovs_momentum=False': () => sgd(0.1, { momentum: 0.9 }),
  "scikit-learn 1.9.1/MLP, solver='adam'": () => adam(1e-3, { epsPlacement: 'hat' }),
  'autograd 1.9.1/sgd(step_size=0.1, mass=0.9)': () => sgd(0.01, { momentum: 0.9 }),
  'autograd 1.9.1/rmsprop(step_size=0.1)': () => rmsprop(0.1, { initialScale: 1, eps: 1e-8, epsInSqrt: false }),
  'autograd 1.9.1/adam(step_size=0.001)': () => adam(1e-3),
  'brain.js 1.6.1/weights': () => sgd(0.3, { momentum: 0.1 }),
  'brain.js 1.6.1/biases': () => sgd(0.3),
  "brain.js 1.6.1/weights, praxis 'adam'": () => adam(1e-3),
  'ConvNetJS 0.3.0/sgd': () => sgd(0.01, { momentum: 0.9 }),
  'ConvNetJS 0.3.0/sgd, l2_decay 0.1': () => chain(addDecayedWeights(0.1), sgd(0.01, { momentum: 0.9 })),
  'ConvNetJS 0.3.0/adagrad': () => adagrad(0.01, { initialAccumulatorValue: 0, eps: 1e-6 }),
  'ConvNetJS 0.3.0/adadelta': () => adadelta(1, { rho: 0.95, eps: 1e-6 }),
  'ConvNetJS 0.3.0/windowgrad': () => rmsprop(0.01, { decay: 0.95, eps: 1e-6 }),
  'timm 1.0.29/Lookahead(SGD(0.1))': () =>
    lookahead(sgd(0.1), { syncPeriod: 6, slowStepSize: 0.5, slowStart: 'firstSync' })
}

/** Where w was after steps 1, 2 and 10 when these libraries were run, or, where they compute in float32 alone, their formula in float64. */
export const observed: Readonly<Record<string, readonly [one: number, two: number, ten: number]>> = {
  'thinc 8.3.13/SGD(0.1)': [0.97298488470659, 0.99379222653395, 1.0708723873228],
  'thinc 8.3.13/Adam(0.001)': [0.99900000117056, 0.99892346130667, 1.0004697368182],
  "scikit-learn 1.9.1/MLP, solver='sgd'": [0.94867128094253, 0.96632298702685, 1.2143896270721],
  'scikit-learn 1.9.1/the same, nesterovs_momentum=False': [0.97298488470659, 0.96947862276988, 1.1594635997214],
  "scikit-learn 1.9.1/MLP, solver='adam'": [0.99900000117056, 0.99892346130667, 1.0004697368182],
  'autograd 1.9.1/sgd(step_size=0.1, mass=0.9)': [0.99729848847066, 0.99694786227699, 1.0159463599721],
  'autograd 1.9.1/rmsprop(step_size=0.1)': [0.97163832966655, 0.99460362582894, 1.0999791567769],
  'autograd 1.9.1/adam(step_size=0.001)': [0.99900000003702, 0.9989234601053, 1.0004697362937],
  'brain.js 1.6.1/weights': [0.91895465411978, 0.97327214501383, 1.2207281651433],
  'brain.js 1.6.1/biases': [0.91895465411978, 0.98137667960185, 1.2126171619684],
  "brain.js 1.6.1/weights, praxis 'adam'": [0.99900000003702, 0.9989234601053, 1.0004697362937],
  'ConvNetJS 0.3.0/sgd': [0.99729848847066, 0.99694786227699, 1.0159463599721],
  'ConvNetJS 0.3.0/sgd, l2_decay 0.1': [0.99629848847066, 0.99405156378852, 0.97474881952127],
  'ConvNetJS 0.3.0/adagrad': [0.99000006850967, 0.99610202817657, 1.0062896266629],
  'ConvNetJS 0.3.0/adadelta': [0.99552847669452, 0.99944911538892, 1.0094528306305],
  'ConvNetJS 0.3.0/windowgrad': [0.9552847669452, 0.983009768014, 1.0305608107061],
  'timm 1.0.29/Lookahead(SGD(0.1))': [0.97298488470659, 0.99379222653395, 1.0708723873228]
}

/** What surprises in these libraries, and belongs to no table. */
const surprises: Readonly<Record<string, readonly string[]>> = {
  'Schedules and clocks': [
    'Keras asks a schedule with the number of the mini-batch, not of the step, where gradients are accumulated; its optimizers count steps. `multiSteps` counts steps for both, `keras.*` do as Keras.',
    "Keras's CosineDecay ignores `warmup_steps` without a `warmup_target`, and `decay_steps` does not include the warmup.",
    "PyTorch's CosineAnnealingLR, and the cosines of transformers, climb again past their end; those of timm and Keras stay down.",
    'OneCycleLR of PyTorch overwrites the momentum, or β₁, that the optimizer was given, and switches on a momentum that it had not.',
    "SWALR begins at the rate the optimizer has when it takes over. PyTorch's SequentialLR begins each schedule at its own.",
    "timm's cosine begins together with its warmup, unless `warmup_prefix`; its milestones come one step early; the `noise_std` of its noise is read by nobody.",
    '`warmup_stable_decay` of transformers falls by a cosine by default, and its `min_lr_ratio` lifts the start of the warmup too; its `inverse_sqrt` without warmup has a time scale of 10000.',
    'A scheduler of accelerate moves once a step, and as often as there are processes, unless `split_batches`.'
  ],
  Plateaus: [
    'With a patience of 2 a constant value lowers the learning rate at the third call in Optax and Keras, at the fourth in PyTorch, transformers and timm.',
    'With a cooldown of 2 besides, it goes on at 6 and 9 in Keras, at 7 and 11 in Optax, at 9 and 14 in PyTorch.',
    "The threshold is relative in PyTorch and Optax, absolute in Keras; a patience of 0 is one of 1 in Keras. timm's values are to rise by default."
  ],
  'Clipping, accumulation, scaled losses': [
    "PyTorch's clip_grad_norm_ divides by the norm + 1e-6: `pytorch.clipGradNorm` does, `clipByGlobalNorm` does not. Of an infinity it makes NaN, of the rest 0.",
    'accelerate and Lightning step at the end of a loader with what there is, divided by the number of a full window; the Trainer of transformers divides by what there was.',
    'All of them clip once, what was accumulated; `on_before_optimizer_step` of Lightning sees it before that.',
    "At a gradient that is not finite PyTorch's GradScaler and Keras's LossScaleOptimizer skip the step and halve the scale, and a learning rate of PyTorch moves on all the same. They begin at 65536 and 32768, and double after 2000 steps.",
    'DistributedDataParallel takes the mean over processes, for uneven inputs too, where the last one alone has its gradient divided by all.'
  ],
  Averages: [
    "PyTorch's AveragedModel copies buffers and does not average them; its EMA, Keras's and Lightning's begin at the params after the first step: `emaParams(…, { start: 'firstUpdate' })`.",
    "Lightning's StochasticWeightAveraging takes the weights at the beginning of each epoch, so that those of the last one are not in it.",
    "timm's ModelEmaV3 copies at its first two steps when it is told the step; its Lookahead makes the slow weights at the first synchronisation, which does nothing."
  ],
  'Names and defaults': [
    "timm's factory gives every optimizer a decay of 0 and a momentum of 0.9 where it is told none: `lamb` has no trust ratio then, `lars` is SGD, Muon has 0.9 for 0.95. `sgd`, `sgdw` and `sgdp` have Nesterov's momentum there, `rmsprop` an alpha of 0.9, `adagrad` an eps of 1e-8; `betas` for `adafactor`, `adafactorbv` and `adopt` are dropped in silence.",
    "timm's `corrected_weight_decay` is by the learning rate of the constructor, not the largest there was: here it is `correctedDecay`, as the `weightDecay` of what has one in timm.",
    "timm's NvNovoGrad, Lamb where it clips, Lars with a decay, MADGRAD with L2 and Muon with `nesterov` change `p.grad` itself.",
    "RAdam's ε stands before the correction of the second moment in PyTorch and timm, Adam's after it.",
    "SparseAdam of PyTorch leaves rows alone that have no gradient; Keras's Adam moves them.",
    "peft's create_loraplus_optimizer has four groups: A at the learning rate, B and vectors at that times the ratio, these without decay, and embeddings at a fixed 1e-6; `weight_decay` is ignored, its name is `loraplus_weight_decay`.",
    "thinc clips each gradient to norm 1 by default; its RAdam counts from 2 and ignores the schedule. `'optimal'` of scikit-learn's SGDRegressor begins at α^(−1/4), 10 by default.",
    'ConvNetJS has no Adam in its npm build, and takes any method it does not know for SGD. brain.js has momentum for weights alone. neataptic sums the gradients of a batch, and trains at 0.3 where a rate policy gives 0.'
  ]
}

/** Whether a rule is shown on a matrix, as it is nothing special on a number. */
export const onMatrix = (rule: string): boolean => rule.startsWith('Adafactor') || rule.startsWith('Muon')

/** w after each of ten steps: w = 1 at first, and gₜ = ½ cos t. */
export const course = (tx: AnyGradientTransformation, isMatrix: boolean): readonly number[] => {
  const { init, update } = tx as unknown as Driven
  const filled = (at: (i: number) => number) =>
    ndarray(
      Float64Array.from({ length: 12 }, (_, i) => at(i)),
      [4, 3]
    )
  let params: unknown = { w: isMatrix ? filled(() => 1) : 1 }
  let state = init(params)
  return Array.from({ length: 10 }, (_, i) => {
    const g = 0.5 * Math.cos(i + 1)
    const [updates, next] = update({ w: isMatrix ? filled((k) => (k + 1) * g) : g }, state, params)
    params = apply(params, updates)
    state = next
    const { w } = params as { readonly w: number | { readonly data: Float64Array } }
    return typeof w === 'number' ? w : (w.data[0] ?? Number.NaN)
  })
}

interface Driven {
  readonly init: (params: unknown) => unknown
  readonly update: (updates: unknown, state: unknown, params: unknown) => readonly [unknown, unknown]
}
const apply = applyUpdates as (params: unknown, updates: unknown) => unknown

const code = (text: string): string => `\`${text}\``

/** The lines of a table whose first row is its head, in columns, as the formatter leaves them. */
const aligned = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const [head = '', ...body] = rows.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))))
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body]
}

/** The page. */
export const page = (): string => {
  const [ofCalls, ofChains, ofOthers] = ['calls', 'chains', 'others'].map((table) =>
    oursOf('./frameworksPage.ts', table)
  )
  const shown = (steps: readonly number[]): readonly string[] =>
    [1, 2, 10].map((step) => (steps[step - 1] ?? Number.NaN).toFixed(11))
  const sections = Object.entries(words).map(([rule, sentences]) => {
    const rows = Object.entries(calls)
      .filter(([name]) => name.startsWith(`${rule}/`))
      .map(([name, make]) => {
        const steps = course(make(), onMatrix(rule))
        const [, framework = ''] = name.split('/')
        const cells = [framework, code(ofCalls?.get(name)?.text ?? ''), ...shown(steps)]
        return [...cells, code(ofChains?.get(name)?.text ?? '')]
      })
    return [
      `## ${rule}`,
      '',
      ...aligned([['', '', 'step 1', 'step 2', 'step 10', 'the chain'], ...rows]),
      '',
      ...sentences.map((sentence) => `- ${sentence}`)
    ].join('\n')
  })
  const elsewhere = Object.entries(others).map(([name, make]) => {
    const [library = '', rule = ''] = name.split('/')
    return [library, rule, ...shown(course(make(), false)), code(ofOthers?.get(name)?.text ?? '')]
  })
  const lists = Object.entries(surprises).map(([about, sentences]) =>
    [`### ${about}`, '', ...sentences.map((sentence) => `- ${sentence}`)].join('\n')
  )
  return `# One name, many optimizers

What the defaults of each framework do: w after steps 1, 2 and 10, from w = 1, with the gradient ½ cos t at step t = 1, 2, …, in float64.
Where a framework has no default for the learning rate it is 1e-3. \`pytorch\`, \`keras\`, \`tensorflowjs\`,
\`transformers\` and \`timm\` are those of
[\`@gradchain/frameworks\`](../packages/frameworks), which are compared with the real ones, PyTorch 2.13, Keras 3.15, TensorFlow.js 4.22,
transformers 5.18 and timm 1.0.29; the chains and the rows of Optax, our own defaults, are Gradchain's. This page is written by
\`npm run frameworks:page\`.

${sections.join('\n\n')}

## Others, by chain

Their own values at these steps, as observed, are these to twelve digits; those of thinc and brain.js, which have float32 alone, are of their formula.

${aligned([['', '', 'step 1', 'step 2', 'step 10', 'the chain'], ...elsewhere]).join('\n')}

## What else surprises

${lists.join('\n\n')}
`
}
