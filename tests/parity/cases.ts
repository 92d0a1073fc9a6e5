import {
  type AnyGradientTransformation,
  adam,
  adamw,
  add,
  addDecayedWeights,
  applyIfFinite,
  applyUpdates,
  chain,
  clip,
  clipByBlockRms,
  clipByGlobalNorm,
  constantSchedule,
  div,
  type EmptyState,
  ema,
  exponentialDecay,
  freeze,
  identity,
  incrementalUpdate,
  joinSchedules,
  linearSchedule,
  lion,
  lookahead,
  masked,
  mul,
  multiSteps,
  namedChain,
  partition,
  read,
  rmsprop,
  scale,
  scaleByAdam,
  scaleByLearningRate,
  scaleByLion,
  scaleByRms,
  scaleBySchedule,
  scaleBySign,
  scaleByStddev,
  setToZero,
  sgd,
  skipLargeUpdates,
  skipNotFinite,
  stateless,
  trace,
  transformation,
  tree,
  warmupCosineDecaySchedule
} from 'gradchain'

const linear = linearSchedule({ initValue: 0.1, endValue: 0.01, transitionSteps: 8 })
const cosine = warmupCosineDecaySchedule({
  initValue: 0,
  peakValue: 0.2,
  warmupSteps: 3,
  decaySteps: 10,
  endValue: 0.01
})

// Booleans and labels for the tree 'nested': leaf by leaf, and as a prefix of it.
const mask = {
  kernel: true,
  bias: false,
  layers: [
    { w: true, b: false },
    { w: false, b: true }
  ],
  head: { scale: false, inner: { shift: true } }
}
const prefixMask = { kernel: true, bias: false, layers: [true, false], head: true }
const labels = {
  kernel: 'a',
  bias: 'b',
  layers: [
    { w: 'a', b: 'b' },
    { w: 'c', b: 'b' }
  ],
  head: { scale: 'c', inner: { shift: 'a' } }
}
const prefixLabels = { kernel: 'a', bias: 'b', layers: ['a', 'c'], head: 'b' }

/** A function of a tree that tells its top-level keys apart, as `MASK_FN` and `LABELS_FN` do in generate.py. */
const byKey =
  <T>(value: (key: string) => T) =>
  (params: object): { readonly [key: string]: T } =>
    Object.fromEntries(Object.keys(params).map((key) => [key, value(key)]))
const maskFn = byKey((key) => key !== 'bias')
const labelsFn = byKey((key) => (key === 'bias' ? 'b' : 'a'))

/** Our transformation for each name in `data/float64.json` and `data/float32.json`; the Optax expression stands there. */
export const cases: Readonly<Record<string, () => AnyGradientTransformation>> = {
  // Core
  identity: () => identity(),
  set_to_zero: () => setToZero(),
  stateless: () =>
    stateless((updates, params) => tree.map((g, p) => div(mul(3, g), add(1, mul(p, p))), updates, params)),
  stateless_with_tree_map: () => stateless((updates, params) => tree.map(mul, updates, params)),
  chain: () => chain(clipByGlobalNorm(1), scaleByAdam(), addDecayedWeights(0.01), scaleByLearningRate(cosine)),
  'chain/one': () => chain(trace(0.9)),
  'chain/nested': () => chain(chain(clip(1), trace(0.8)), chain(ema(0.5), scale(-0.1))),
  'chain/three_norms': () =>
    chain(clipByGlobalNorm(2), trace(0.9), clipByGlobalNorm(1), scaleByRms(), clipByGlobalNorm(0.5), scale(-1)),
  'chain/extra_args': () => chain(scale(-0.1), scaleByValue(), trace(0.5)),
  named_chain: () => namedChain({ clip: clipByGlobalNorm(1), adam: scaleByAdam(), scale: scale(-0.1) }),

  // Scaling
  scale: () => scale(-0.3),
  scale_by_learning_rate: () => scaleByLearningRate(0.1),
  'scale_by_learning_rate/schedule': () => scaleByLearningRate(linear),
  'scale_by_learning_rate/flip_sign': () => scaleByLearningRate(0.1, { flipSign: false }),
  'scale_by_learning_rate/schedule_flip_sign': () => scaleByLearningRate(linear, { flipSign: false }),
  scale_by_schedule: () => scaleBySchedule(linear),
  'scale_by_schedule/function': () => scaleBySchedule((count) => -1 / (2 + count)),
  'scale_by_schedule/join': () =>
    scaleBySchedule(
      joinSchedules(
        [constantSchedule(-0.5), exponentialDecay({ initValue: -0.5, transitionSteps: 3, decayRate: 0.5 })],
        [4]
      )
    ),
  scale_by_sign: () => scaleBySign(),

  // Moments
  scale_by_adam: () => scaleByAdam(),
  'scale_by_adam/betas': () => scaleByAdam({ b1: 0.8, b2: 0.95 }),
  'scale_by_adam/zero_betas': () => scaleByAdam({ b1: 0, b2: 0 }),
  'scale_by_adam/eps': () => scaleByAdam({ eps: 0.01 }),
  'scale_by_adam/eps_root': () => scaleByAdam({ epsRoot: 0.001 }),
  'scale_by_adam/nesterov': () => scaleByAdam({ nesterov: true }),
  'scale_by_adam/all': () => scaleByAdam({ b1: 0.7, b2: 0.97, eps: 1e-4, epsRoot: 1e-5, nesterov: true }),
  'scale_by_adam/mu_dtype': () => scaleByAdam({ muDtype: 'bfloat16' }),
  scale_by_rms: () => scaleByRms(),
  'scale_by_rms/decay': () => scaleByRms({ decay: 0.99 }),
  'scale_by_rms/eps': () => scaleByRms({ eps: 0.01 }),
  'scale_by_rms/initial_scale': () => scaleByRms({ initialScale: 0.5 }),
  'scale_by_rms/eps_outside': () => scaleByRms({ epsInSqrt: false }),
  'scale_by_rms/bias_correction': () => scaleByRms({ biasCorrection: true }),
  'scale_by_rms/all': () =>
    scaleByRms({ decay: 0.8, eps: 0.001, initialScale: 0.1, epsInSqrt: false, biasCorrection: true }),
  scale_by_stddev: () => scaleByStddev(),
  'scale_by_stddev/all': () =>
    scaleByStddev({ decay: 0.8, eps: 0.001, initialScale: 0.5, epsInSqrt: false, biasCorrection: true }),
  scale_by_lion: () => scaleByLion(),
  'scale_by_lion/betas': () => scaleByLion({ b1: 0.6, b2: 0.8 }),
  'scale_by_lion/smooth': () => scaleByLion({ mode: 'smooth' }),
  'scale_by_lion/smooth_beta': () => scaleByLion({ mode: 'smooth', smoothBeta: 3 }),
  'scale_by_lion/refined': () => scaleByLion({ mode: 'refined' }),

  // Accumulation
  trace: () => trace(0.9),
  'trace/nesterov': () => trace(0.9, { nesterov: true }),
  'trace/zero_decay': () => trace(0),
  'trace/accumulator_float32': () => trace(0.9, { accumulatorDtype: 'float32' }),
  'trace/accumulator_bfloat16': () => trace(0.9, { accumulatorDtype: 'bfloat16' }),
  ema: () => ema(0.9),
  'ema/no_debias': () => ema(0.9, { debias: false }),
  'ema/accumulator_float32': () => ema(0.9, { accumulatorDtype: 'float32' }),
  'ema/accumulator_bfloat16': () => ema(0.9, { accumulatorDtype: 'bfloat16' }),

  // Adding and clipping
  add_decayed_weights: () => addDecayedWeights(0.01),
  'add_decayed_weights/default': () => addDecayedWeights(),
  'add_decayed_weights/schedule': () => addDecayedWeights(linear),
  'add_decayed_weights/mask': () => addDecayedWeights(0.1, { mask }),
  'add_decayed_weights/mask_prefix': () => addDecayedWeights(0.1, { mask: prefixMask }),
  'add_decayed_weights/mask_function': () => addDecayedWeights(0.1, { mask: maskFn }),
  'add_decayed_weights/schedule_mask': () => addDecayedWeights(linear, { mask }),
  clip: () => clip(0.5),
  clip_by_global_norm: () => clipByGlobalNorm(1),
  'clip_by_global_norm/inactive': () => clipByGlobalNorm(1e6),
  'clip_by_global_norm/sometimes': () => clipByGlobalNorm(6),
  clip_by_block_rms: () => clipByBlockRms(0.5),
  'clip_by_block_rms/inactive': () => clipByBlockRms(1e6),

  // Wrappers
  masked: () => masked(scaleByAdam(), true),
  'masked/tree': () => masked(adam(0.1), mask),
  'masked/prefix': () => masked(adam(0.1), prefixMask),
  'masked/function': () => masked(sgd(0.1, { momentum: 0.9 }), maskFn),
  'masked/nothing': () => masked(adam(0.1), false),
  'masked/tuple': () => masked(trace(0.9), [true, false, false, true]),
  'masked/norm': () => masked(clipByGlobalNorm(1), mask),
  freeze: () => freeze(true),
  'freeze/tree': () => chain(adam(0.1), freeze(mask)),
  'freeze/prefix': () => chain(freeze(prefixMask), trace(0.9)),
  partition: () => partition({ a: adam(0.1), b: sgd(0.1, { momentum: 0.9 }), c: setToZero() }, labels),
  'partition/prefix': () => partition({ a: adam(0.1), b: scaleByRms(), c: identity() }, prefixLabels),
  'partition/function': () => partition({ a: sgd(linear), b: lion(0.01) }, labelsFn),
  'partition/norm_per_label': () =>
    partition({ a: clipByGlobalNorm(1), b: clipByGlobalNorm(0.5), c: clipByGlobalNorm(2) }, labels),
  'partition/tuple': () => partition({ a: trace(0.9), b: scale(2) }, ['a', 'b', 'b', 'a']),
  multi_steps: () => multiSteps(sgd(0.1), 3),
  'multi_steps/one': () => multiSteps(adam(0.1), 1),
  'multi_steps/adam': () => multiSteps(adam(linear), 3),
  'multi_steps/schedule': () => multiSteps(sgd(0.1, { momentum: 0.9 }), (step) => (step < 2 ? 2 : 3)),
  'multi_steps/sum': () => multiSteps(sgd(0.1), 3, { useGradMean: false }),
  'multi_steps/skip_not_finite': () => multiSteps(adam(0.1), 2, { shouldSkip: skipNotFinite }),
  'multi_steps/skip_large_updates': () => multiSteps(adam(0.1), 2, { shouldSkip: skipLargeUpdates(40) }),
  'multi_steps/accumulator_float32': () => multiSteps(sgd(0.1), 3, { accumulatorDtype: 'float32' }),
  lookahead: () => lookahead(sgd(0.1), { syncPeriod: 3, slowStepSize: 0.3 }),
  'lookahead/adam': () => lookahead(adam(0.1), { syncPeriod: 3, slowStepSize: 0.3 }),
  'lookahead/reset_state': () => lookahead(adam(0.1), { syncPeriod: 3, slowStepSize: 0.3, resetState: true }),
  'lookahead/every_step': () => lookahead(sgd(0.1, { momentum: 0.9 }), { syncPeriod: 1, slowStepSize: 0.5 }),
  apply_if_finite: () => applyIfFinite(adam(0.1), 2),
  'apply_if_finite/skips': () => applyIfFinite(sgd(0.1, { momentum: 0.9 }), 5),
  'apply_if_finite/gives_in': () => applyIfFinite(adam(0.1), 2),
  'apply_if_finite/at_once': () => applyIfFinite(sgd(linear), 0),

  // Aliases
  sgd: () => sgd(0.1),
  'sgd/momentum': () => sgd(0.1, { momentum: 0.9 }),
  'sgd/zero_momentum': () => sgd(0.1, { momentum: 0 }),
  'sgd/nesterov': () => sgd(0.1, { momentum: 0.9, nesterov: true }),
  'sgd/schedule': () => sgd(cosine),
  'sgd/schedule_momentum': () => sgd(linear, { momentum: 0.9 }),
  adam: () => adam(0.05),
  'adam/schedule': () => adam(cosine),
  'adam/all': () => adam(0.05, { b1: 0.8, b2: 0.95, eps: 1e-3, epsRoot: 1e-4, nesterov: true }),
  adamw: () => adamw(0.05),
  'adamw/schedule': () => adamw(linear),
  'adamw/weight_decay': () => adamw(0.05, { weightDecay: 0.1 }),
  'adamw/mask': () => adamw(0.05, { weightDecay: 0.1, mask }),
  'adamw/mask_function': () => adamw(0.05, { weightDecay: 0.1, mask: maskFn }),
  'adamw/all': () => adamw(0.05, { b1: 0.8, b2: 0.95, eps: 1e-3, epsRoot: 1e-4, weightDecay: 0.02, nesterov: true }),
  lion: () => lion(0.01),
  'lion/schedule': () => lion(linear),
  'lion/all': () => lion(0.01, { b1: 0.7, b2: 0.9, weightDecay: 0.1, mask }),
  rmsprop: () => rmsprop(0.05),
  'rmsprop/schedule': () => rmsprop(cosine),
  'rmsprop/centered': () => rmsprop(0.05, { centered: true }),
  'rmsprop/momentum': () => rmsprop(0.05, { momentum: 0.9 }),
  'rmsprop/schedule_momentum': () => rmsprop(linear, { momentum: 0.9 }),
  'rmsprop/nesterov': () => rmsprop(0.05, { momentum: 0.8, nesterov: true }),
  'rmsprop/initial_scale': () => rmsprop(0.05, { initialScale: 1 }),
  'rmsprop/bias_correction': () => rmsprop(0.05, { biasCorrection: true }),
  'rmsprop/eps_outside': () => rmsprop(0.05, { eps: 0.001, epsInSqrt: false }),
  'rmsprop/all': () =>
    rmsprop(0.05, {
      decay: 0.8,
      eps: 0.001,
      initialScale: 0.5,
      epsInSqrt: false,
      centered: true,
      momentum: 0.8,
      nesterov: true,
      biasCorrection: true
    })
}

/** Multiplies the updates by the extra argument `value`. */
const scaleByValue = () =>
  transformation<EmptyState, { readonly value: number }>({
    init: () => ({}),
    update: (updates, state, _, { value }) => [tree.map((g) => mul(value, g), updates), state]
  })

const narrow = (tolerance: number) => ({
  tolerance,
  because: 'Optax rounds the decay itself to the dtype of the accumulator (0.9 is 0.8984 in bfloat16); we do not.'
})

/**
 * Where another result than Optax's is meant: the tolerance that takes its place, and why.
 *
 * @see DESIGN.md, section 10
 */
export const deviations: Readonly<Record<string, { readonly tolerance: number; readonly because: string }>> = {
  'scale_by_adam/mu_dtype': narrow(8e-2),
  'trace/accumulator_float32': narrow(5e-6),
  'trace/accumulator_bfloat16': narrow(8e-2),
  'ema/accumulator_float32': narrow(5e-6),
  'ema/accumulator_bfloat16': narrow(8e-2),
  'multi_steps/accumulator_float32': {
    tolerance: 1e-7,
    because:
      'Optax rounds each gradient to the accumulator before it adds it; ours adds it whole and rounds what is kept'
  }
}

/** Our function of (gradients, params) for each name of a function in the data. */
export const functions: Readonly<Record<string, (gradients: never, params: never) => unknown>> = {
  apply_updates: (gradients, params) => applyUpdates(params, gradients),
  incremental_update: (gradients, params) => incrementalUpdate(gradients, params, 0.1),
  tree_norm: (gradients) => read(tree.norm(gradients)),
  'tree_norm/squared': (gradients) => read(tree.squaredNorm(gradients))
}
