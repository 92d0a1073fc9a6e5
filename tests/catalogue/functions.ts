import type { FunctionRow } from './row.js'

/** Functions that are no part of a chain. */
export const functions: readonly FunctionRow[] = [
  { name: 'lookaheadParams', kind: 'function', optax: null },
  { name: 'perExampleGlobalNormClip', kind: 'function', optax: 'optax.per_example_global_norm_clip' },
  { name: 'perExampleLayerNormClip', kind: 'function', optax: 'optax.per_example_layer_norm_clip' },
  { name: 'scheduleFreeEvalParams', kind: 'function', optax: 'optax.contrib.schedule_free_eval_params' }
]
