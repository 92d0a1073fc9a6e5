import {
  adamMini,
  apollo,
  came,
  conda,
  fira,
  galore,
  kfac,
  ldadam,
  onlineNewtonStep,
  psgdKron,
  scaleByAdamMini,
  scaleByApollo,
  scaleByCame,
  scaleByConda,
  scaleByFira,
  scaleByGalore,
  scaleByKfac,
  scaleByKron,
  scaleByLdadam,
  scaleByOnlineNewton,
  scaleByShampoo,
  scaleBySides,
  scaleBySoap,
  scaleBySplus,
  shampoo,
  soap,
  splus
} from '@gradchain/matrix'
import { scaleByRms, sgd } from 'gradchain'
import type { TransformationRow } from './row.js'
import { both, given } from './shared.js'

/** What lives on matrices. */
export const matrix: readonly TransformationRow[] = [
  {
    name: 'scaleByGalore',
    kind: 'transformation',
    make: () => scaleByGalore({ rank: 2, updateProjGap: 2 }),
    laws: [],
    optax: 'optax.contrib.scale_by_galore'
  },
  {
    name: 'scaleByGalore',
    variant: 'both sides of stacks',
    kind: 'transformation',
    make: () =>
      scaleByGalore({
        rank: 1,
        updateProjGap: 2,
        projection: 'full',
        baseOptimizer: scaleByRms(),
        weightDimensionNumbers: { reductionAxis: -1, outputAxis: -2 }
      }),
    laws: [],
    optax: 'optax.contrib.scale_by_galore'
  },
  { name: 'galore', kind: 'alias', make: () => galore(0.1, { rank: 1 }), laws: [], optax: 'optax.contrib.galore' },
  {
    name: 'galore',
    variant: 'the short side, with decay',
    kind: 'alias',
    make: () => galore(0.1, { rank: 3, projection: 'short', baseOptimizer: sgd(1), weightDecay: 0.1 }),
    laws: [],
    optax: 'optax.contrib.galore'
  },
  {
    name: 'scaleBySoap',
    kind: 'transformation',
    make: () => scaleBySoap({ preconditionFrequency: 2 }),
    laws: [],
    optax: null
  },
  {
    name: 'scaleBySoap',
    variant: 'one-sided, vectors too',
    kind: 'transformation',
    make: () =>
      scaleBySoap({ preconditionFrequency: 1, maxPreconditionerDim: 3, precondition1d: true, mergeDims: true }),
    laws: [],
    optax: null
  },
  {
    name: 'scaleByConda',
    kind: 'transformation',
    make: () => scaleByConda({ updateProjGap: 2 }),
    laws: ['odd'],
    optax: null
  },
  { name: 'conda', kind: 'alias', make: () => conda(0.1, { updateProjGap: 2 }), laws: ['odd'], optax: null },
  {
    name: 'scaleByFira',
    kind: 'transformation',
    make: () => scaleByFira({ rank: 1, updateProjGap: 2 }),
    laws: ['odd'],
    optax: null
  },
  { name: 'fira', kind: 'alias', make: () => fira(0.1, { rank: 1, updateProjGap: 2 }), laws: ['odd'], optax: null },
  { name: 'soap', kind: 'alias', make: () => soap(0.1), laws: [], optax: null },
  {
    name: 'scaleBySplus',
    kind: 'transformation',
    make: () => scaleBySplus({ refreshEvery: 2 }),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'scaleBySides',
    kind: 'transformation',
    make: () => scaleBySides(),
    laws: ['stateless', 'odd', 'elementwise'],
    optax: null
  },
  { name: 'splus', kind: 'alias', make: () => splus(0.1, { refreshEvery: 2 }), laws: [], optax: null },
  {
    name: 'scaleByShampoo',
    kind: 'transformation',
    make: () => scaleByShampoo({ refreshEvery: 2 }),
    laws: [],
    optax: null
  },
  {
    name: 'scaleByShampoo',
    variant: 'blocks, grafting',
    kind: 'transformation',
    make: () => scaleByShampoo({ b2: 0.9, blockSize: 2, grafting: 'rmsprop', precondition1d: true }),
    laws: [],
    optax: null
  },
  {
    name: 'shampoo',
    kind: 'alias',
    make: () => shampoo(0.1, { grafting: 'sgd', momentum: 0.9, mergeDims: true, blockSize: 3 }),
    laws: [],
    optax: null
  },
  { name: 'scaleByKron', kind: 'transformation', make: () => scaleByKron({ key: 3 }), laws: [], optax: null },
  {
    name: 'scaleByKron',
    variant: 'one diagonal, balanced, raw gradients',
    kind: 'transformation',
    make: () =>
      scaleByKron({
        key: 4,
        memorySaveMode: 'oneDiag',
        balanceProbability: 1,
        momentumIntoPrecondUpdate: false,
        preconditionerUpdateProbability: 0.5,
        weightDimensionNumbers: { reductionAxis: 0, outputAxis: -1 }
      }),
    laws: [],
    optax: null
  },
  { name: 'psgdKron', kind: 'alias', make: () => psgdKron(0.1, { key: 5 }), laws: [], optax: null },
  { name: 'scaleByCame', kind: 'transformation', make: () => scaleByCame(), laws: [['odd', both]], optax: null },
  { name: 'came', kind: 'alias', make: () => came(2e-4, { weightDecay: 0.1 }), laws: [], optax: null },
  {
    name: 'scaleByAdamMini',
    kind: 'transformation',
    make: () => scaleByAdamMini(),
    laws: [['odd', both]],
    optax: null
  },
  {
    name: 'scaleByAdamMini',
    variant: 'blocks are elements',
    kind: 'transformation',
    make: () => scaleByAdamMini({ blocks: () => 'elements' }),
    laws: [['odd', both]],
    optax: null
  },
  { name: 'adamMini', kind: 'alias', make: () => adamMini(0.1), laws: [], optax: null },
  {
    name: 'scaleByApollo',
    kind: 'transformation',
    make: () => scaleByApollo({ key: 6, rank: 2, updateProjGap: 2 }),
    laws: [],
    optax: null
  },
  {
    name: 'scaleByApollo',
    variant: 'singular vectors, one factor for a matrix',
    kind: 'transformation',
    make: () =>
      scaleByApollo({
        key: 6,
        rank: 1,
        scaleType: 'tensor',
        projection: 'svd',
        weightDimensionNumbers: { outputAxis: -1 }
      }),
    laws: [],
    optax: null
  },
  {
    name: 'apollo',
    kind: 'alias',
    make: () => apollo(0.01, { key: 7, rank: 1, weightDecay: 0.1 }),
    laws: [],
    optax: null
  },
  {
    name: 'scaleByKfac',
    variant: 'without layers',
    kind: 'transformation',
    make: () => given(scaleByKfac({ layers: {} }), { layers: {} }),
    laws: ['elementwise', 'odd', 'linear'],
    optax: null
  },
  {
    name: 'kfac',
    variant: 'without layers',
    kind: 'alias',
    make: () => given(kfac(0.1, { layers: {} }), { layers: {} }),
    laws: ['elementwise', 'odd', 'linear'],
    optax: null
  },
  {
    name: 'scaleByOnlineNewton',
    kind: 'transformation',
    make: () => scaleByOnlineNewton(),
    laws: ['odd'],
    longest: 100,
    optax: null
  },
  {
    name: 'onlineNewtonStep',
    kind: 'alias',
    make: () => onlineNewtonStep(0.1, { eps: 2 }),
    laws: ['odd'],
    longest: 100,
    optax: null
  },
  { name: 'scaleByLdadam', kind: 'transformation', make: () => scaleByLdadam({ rank: 2 }), laws: [], optax: null },
  {
    name: 'scaleByLdadam',
    variant: 'stacks, without error feedback',
    kind: 'transformation',
    make: () =>
      scaleByLdadam({ rank: 1, errorFeedback: false, weightDimensionNumbers: { reductionAxis: -1, outputAxis: -2 } }),
    laws: [],
    optax: null
  },
  { name: 'ldadam', kind: 'alias', make: () => ldadam(0.01, { rank: 1, weightDecay: 0.1 }), laws: [], optax: null }
]
