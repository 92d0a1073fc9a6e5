import { learnedOptimizer, learnedWeights, progressiveOptimizer } from '@gradchain/search'
import { random, scale, trace } from 'gradchain'
import type { CatalogueRow } from './row.js'
import { functionsOf, withFlatLoss } from './shared.js'

/** What `@gradchain/search` exports. */
export const search: readonly CatalogueRow[] = [
  // Candidates that are trees of params.
  ...functionsOf('cmaEs', 'differentialEvolution', 'geneticAlgorithm', 'nelderMead', 'openaiEs', 'particleSwarm'),
  ...functionsOf('search', 'sepCmaEs', 'simulatedAnnealing'),
  // Hyperparameters: spaces, and searches of whole configurations.
  ...functionsOf('choice', 'integer', 'logUniform', 'space', 'uniform', 'variants'),
  ...functionsOf('bayesianOptimization', 'gridSearch', 'latinHypercube', 'randomSearch', 'tpe'),
  // More for fewer configurations.
  ...functionsOf('asha', 'hyperband', 'medianStopping', 'populationBasedTraining', 'successiveHalving'),
  // Comparing, choosing and learning optimizers.
  ...functionsOf('compareOptimizers', 'curriculum', 'learnedWeights', 'metaTrain', 'selectOptimizer'),
  {
    name: 'learnedOptimizer',
    kind: 'transformation',
    make: () => learnedOptimizer({ weights: learnedWeights(random.key(0), { hidden: 2 }) }),
    laws: ['elementwise'],
    optax: null
  },
  {
    name: 'progressiveOptimizer',
    kind: 'transformation',
    make: () => withFlatLoss(progressiveOptimizer([trace(0.5), scale(-0.5)], { patience: 2 })),
    laws: [],
    optax: null
  }
]
