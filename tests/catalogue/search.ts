import type { CatalogueRow, FunctionRow } from './row.js'

const functionsOf = (...names: readonly FunctionRow['name'][]): readonly FunctionRow[] =>
  names.map((name) => ({ name, kind: 'function', optax: null }))

/** What `@gradchain/search` exports. */
export const search: readonly CatalogueRow[] = [
  { name: 'nelderMead', kind: 'function', optax: null },
  { name: 'search', kind: 'function', optax: null },
  // Hyperparameters: spaces, and searches of whole configurations.
  ...functionsOf('choice', 'integer', 'logUniform', 'space', 'uniform', 'variants'),
  ...functionsOf('bayesianOptimization', 'gridSearch', 'latinHypercube', 'randomSearch', 'tpe'),
  // More for fewer configurations.
  ...functionsOf('asha', 'hyperband', 'medianStopping', 'populationBasedTraining', 'successiveHalving')
]
