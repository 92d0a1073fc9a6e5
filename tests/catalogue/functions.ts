import type { FunctionRow } from './row.js'

/** Functions that are no part of a chain. */
export const functions: readonly FunctionRow[] = [
  { name: 'createOptimizer', kind: 'function', optax: null },
  { name: 'fromDescription', kind: 'function', optax: null },
  { name: 'hungarianAlgorithm', kind: 'function', optax: 'optax.assignment.hungarian_algorithm' },
  { name: 'inversePthRoot', kind: 'function', optax: 'optax.matrix_inverse_pth_root' },
  { name: 'largestBatch', kind: 'function', optax: null },
  { name: 'lookaheadParams', kind: 'function', optax: null },
  { name: 'makePerturbedFun', kind: 'function', optax: 'optax.perturbations.make_perturbed_fun' },
  { name: 'microbatch', kind: 'function', optax: 'optax.microbatching.microbatch' },
  { name: 'noiseMultiplierFor', kind: 'function', optax: null },
  { name: 'nnls', kind: 'function', optax: 'optax.nnls' },
  { name: 'perExampleGlobalNormClip', kind: 'function', optax: 'optax.per_example_global_norm_clip' },
  { name: 'perExampleLayerNormClip', kind: 'function', optax: 'optax.per_example_layer_norm_clip' },
  { name: 'powerIteration', kind: 'function', optax: 'optax.power_iteration' },
  { name: 'privacySpent', kind: 'function', optax: null },
  { name: 'scheduleFreeEvalParams', kind: 'function', optax: 'optax.contrib.schedule_free_eval_params' },
  { name: 'stateBytes', kind: 'function', optax: null }
]
