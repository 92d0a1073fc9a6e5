import {
  diagonalFisher,
  gaussNewton,
  gaussNewtonBartlettEstimatorDiagHessian,
  hessianFree,
  lbfgs,
  levenbergMarquardt,
  naturalGradient,
  scaleByBacktrackingLinesearch,
  scaleByConjugateGradient,
  scaleByLbfgs,
  scaleByZoomLinesearch
} from '@gradchain/curvature'
import { sub, tree } from 'gradchain'
import type { CatalogueRow } from './row.js'
import { given, unboundedInHalves, withExamples, withLoss } from './shared.js'

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
  {
    name: 'hessianFree',
    kind: 'transformation',
    make: () => given(hessianFree({ maxIterations: 10 }), { valueFn: (params) => tree.squaredNorm(params) }),
    laws: [],
    longest: 100,
    optax: null
  },
  {
    name: 'levenbergMarquardt',
    kind: 'transformation',
    make: () => given(levenbergMarquardt(), { residuals: (params) => tree.map((x) => sub(x, 1), params) }),
    laws: [],
    longest: 40,
    optax: null
  },
  {
    name: 'gaussNewton',
    variant: 'by products',
    kind: 'transformation',
    make: () => given(gaussNewton({ maxDense: 0 }), { residuals: (params) => tree.map((x) => sub(x, 1), params) }),
    laws: [],
    optax: null
  },
  {
    name: 'gaussNewtonBartlettEstimatorDiagHessian',
    kind: 'transformation',
    make: () =>
      given(gaussNewtonBartlettEstimatorDiagHessian({ key: 3 }), {
        sampledLoss: (params) => tree.squaredNorm(params),
        batchSize: 2
      }),
    laws: [],
    optax: null
  },
  { name: 'gnvp', kind: 'function', optax: null },
  { name: 'hutchinsonDiagonal', kind: 'function', optax: null },
  { name: 'finiteDifferenceGradient', kind: 'function', optax: null },
  { name: 'finiteDifferenceHvp', kind: 'function', optax: null },
  { name: 'leastSquares', kind: 'function', optax: null },
  {
    name: 'scaleByConjugateGradient',
    kind: 'transformation',
    make: () => scaleByConjugateGradient(),
    notInHalves: unboundedInHalves,
    laws: ['odd'],
    optax: null
  },
  {
    name: 'scaleByConjugateGradient',
    variant: 'Fletcher and Reeves',
    kind: 'transformation',
    make: () => scaleByConjugateGradient({ beta: 'fletcherReeves' }),
    notInHalves: unboundedInHalves,
    laws: ['odd'],
    optax: null
  },
  {
    name: 'scaleByConjugateGradient',
    variant: 'Hager and Zhang',
    kind: 'transformation',
    make: () => scaleByConjugateGradient({ beta: 'hagerZhang' }),
    notInHalves: unboundedInHalves,
    laws: ['odd'],
    optax: null
  },
  { name: 'cg', kind: 'function', optax: null },
  { name: 'minimize', kind: 'function', optax: null },
  { name: 'bfgs', kind: 'function', optax: null },
  { name: 'sr1', kind: 'function', optax: null },
  { name: 'newton', kind: 'function', optax: null },
  { name: 'conjugateGradient', kind: 'function', optax: null },
  {
    name: 'scaleByLbfgs',
    kind: 'transformation',
    make: () => scaleByLbfgs({ memorySize: 2 }),
    without: { finiteStaysFinite: 'where the gradient hardly changes, the minimum is as good as infinitely far' },
    laws: [],
    optax: 'optax.scale_by_lbfgs'
  },
  {
    name: 'lbfgs',
    kind: 'alias',
    make: () => withLoss(lbfgs({ memorySize: 2 })),
    laws: [],
    optax: 'optax.lbfgs'
  },
  {
    name: 'scaleByBacktrackingLinesearch',
    kind: 'transformation',
    make: () => withLoss(scaleByBacktrackingLinesearch(3)),
    laws: [],
    optax: 'optax.scale_by_backtracking_linesearch'
  },
  {
    name: 'scaleByBacktrackingLinesearch',
    variant: 'keeping gradients',
    kind: 'transformation',
    make: () => withLoss(scaleByBacktrackingLinesearch(3, { storeGrad: true })),
    laws: [],
    optax: 'optax.scale_by_backtracking_linesearch'
  },
  {
    name: 'scaleByZoomLinesearch',
    kind: 'transformation',
    make: () => withLoss(scaleByZoomLinesearch(3, { maxLearningRate: 1 })),
    laws: [],
    optax: 'optax.scale_by_zoom_linesearch'
  },
  { name: 'valueAndGradFromState', kind: 'function', optax: 'optax.value_and_grad_from_state' }
]
