import {
  adaptiveGradClip,
  addDecayedWeights,
  addNoise,
  chain,
  clip,
  clipByBlockRms,
  clipByGlobalNorm,
  fullLike,
  keepParamsNonnegative,
  sgd,
  stateless,
  tree,
  type UnitwiseClipOptions,
  unitwiseClip,
  unitwiseNorm,
  zeroNans
} from 'gradchain'
import { type Cases, emit, linear, mask, maskFn, pending, prefixMask } from './shared.js'

/** Shortens each unit to the length of its params. */
const clipToParams = (options: UnitwiseClipOptions = {}) =>
  stateless((updates, params) =>
    tree.map((g, p) => unitwiseClip(unitwiseNorm(g), unitwiseNorm(p), g, options), updates, params)
  )

/** What is added to updates, what shortens and what repairs them. */
export const clipping: Cases = {
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
  add_noise: () => addNoise({ eta: 0.01, gamma: 0.55, key: 7 }),
  'add_noise/large': () => addNoise({ eta: 2, gamma: -0.3, key: 2026 }),
  adaptive_grad_clip: () => adaptiveGradClip(0.1),
  'adaptive_grad_clip/ranks': () => adaptiveGradClip(0.01),
  'adaptive_grad_clip/inactive': () => adaptiveGradClip(1e6),
  'adaptive_grad_clip/eps': () => adaptiveGradClip(0.5, { eps: 1 }),
  'adaptive_grad_clip/axis': () => adaptiveGradClip(0.1, { axis: 1 }),
  'adaptive_grad_clip/axes': () => adaptiveGradClip(0.1, { axis: [0, -1] }),
  unitwise_norm: () => stateless((updates) => tree.map((g) => unitwiseNorm(g), updates)),
  'unitwise_norm/axis': () => stateless((updates) => tree.map((g) => unitwiseNorm(g, { axis: -1 }), updates)),
  unitwise_clip: () => clipToParams(),
  'unitwise_clip/div_eps': () => clipToParams({ divEps: 2 }),
  zero_nans: () => zeroNans(),
  'zero_nans/nonfinite': () => zeroNans(),
  'zero_nans/found_nan': () =>
    emit(zeroNans(), (updates, { foundNan }) => tree.map((g, found) => fullLike(g, pending(found)), updates, foundNan)),
  keep_params_nonnegative: () => keepParamsNonnegative(),
  'keep_params_nonnegative/after_sgd': () => chain(sgd(0.1), keepParamsNonnegative())
}
