import { diagonalFisher, naturalGradient } from '@gradchain/curvature'
import type { CatalogueRow } from './row.js'
import { given, withExamples } from './shared.js'

/** What `@gradchain/curvature` exports. */
export const curvature: readonly CatalogueRow[] = [
  {
    name: 'naturalGradient',
    variant: 'of the identity',
    kind: 'transformation',
    make: () => given(naturalGradient({ damping: 1, iterations: 2 }), { fvp: (direction) => direction }),
    laws: [],
    optax: null
  },
  {
    name: 'diagonalFisher',
    kind: 'transformation',
    make: () => withExamples(diagonalFisher({ damping: 1 })),
    laws: [],
    optax: null
  },
  { name: 'leastSquares', kind: 'function', optax: null }
]
