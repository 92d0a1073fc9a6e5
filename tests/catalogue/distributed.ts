import {
  allReduceMean,
  clipByShardedGlobalNorm,
  diloco,
  errorFeedback,
  gossip,
  localSgd,
  onebitAdam,
  postLocalSgd,
  powerSgd,
  quantize8,
  randomK,
  scaleByOnebitAdam,
  scaleByStaleness,
  shardedState,
  signWithNorm,
  solo,
  staleGradients,
  topK
} from '@gradchain/distributed'
import type { CatalogueRow } from './row.js'
import { functionsOf, given, linear, linearInBoth, norm, notInHalves, upToRounding } from './shared.js'

/** What `@gradchain/distributed` exports. */
export const distributed: readonly CatalogueRow[] = [
  // All ranks together.
  {
    name: 'allReduceMean',
    kind: 'transformation',
    make: () => allReduceMean(solo()),
    laws: ['elementwise', 'odd', 'linear', 'idempotent', 'stateless'],
    optax: null
  },
  {
    name: 'allReduceMean',
    variant: 'compressed',
    kind: 'transformation',
    make: () => allReduceMean(solo(), { compressor: topK(0.25) }),
    laws: ['odd'],
    optax: null
  },
  {
    name: 'clipByShardedGlobalNorm',
    kind: 'transformation',
    make: () => clipByShardedGlobalNorm(solo(), 0.5),
    laws: [
      'odd',
      'stateless',
      ['idempotent', upToRounding],
      ['bounded', 0.5, norm],
      'shrinking',
      ['groupingBlind', upToRounding]
    ],
    optax: null
  },
  {
    name: 'shardedState',
    kind: 'wrapper',
    make: () => (inner) => shardedState(inner, solo()),
    laws: ['elementwise', 'odd', 'linear', 'idempotent'],
    optax: null
  },
  ...functionsOf('broadcastParams', 'gatherState', 'isFiniteOnAllRanks', 'shardState', 'shardedGlobalNorm'),
  {
    name: 'localSgd',
    kind: 'wrapper',
    make: () => (inner) => localSgd(inner, solo(), { every: 2 }),
    notInHalves,
    laws: linearInBoth,
    optax: null
  },
  {
    name: 'postLocalSgd',
    kind: 'wrapper',
    make: () => (inner) => postLocalSgd(inner, solo(), { warmup: 1, period: 2 }),
    notInHalves,
    laws: linearInBoth,
    optax: null
  },
  {
    name: 'diloco',
    kind: 'wrapper',
    make: () => (inner) => diloco(inner, solo(), { every: 2 }),
    notInHalves,
    laws: linearInBoth,
    optax: null
  },
  {
    name: 'gossip',
    kind: 'wrapper',
    make: () => (inner) => gossip(inner, solo()),
    laws: linear,
    optax: null
  },
  // Less to send.
  {
    name: 'topK',
    kind: 'transformation',
    make: () => topK(0.25),
    laws: ['odd', 'idempotent', 'stateless'],
    optax: null
  },
  {
    name: 'randomK',
    kind: 'transformation',
    make: () => randomK(0.25, { key: 7 }),
    laws: ['odd', 'linear'],
    optax: null
  },
  {
    name: 'signWithNorm',
    kind: 'transformation',
    make: signWithNorm,
    laws: ['stateless'],
    optax: null
  },
  {
    name: 'quantize8',
    kind: 'transformation',
    make: quantize8,
    laws: ['stateless'],
    optax: null
  },
  {
    name: 'errorFeedback',
    kind: 'wrapper',
    make: () => errorFeedback,
    laws: ['elementwise', 'odd', 'linear'],
    optax: null
  },
  {
    name: 'powerSgd',
    kind: 'transformation',
    make: () => powerSgd(solo(), { rank: 2, minCompressionRate: 0.1 }),
    laws: [['odd', upToRounding]],
    optax: null
  },
  {
    name: 'scaleByOnebitAdam',
    kind: 'transformation',
    make: () => scaleByOnebitAdam(solo(), { warmup: 2 }),
    laws: [],
    optax: null
  },
  {
    name: 'onebitAdam',
    kind: 'alias',
    make: () => onebitAdam(0.1, solo(), { warmup: 2 }),
    laws: [],
    optax: null
  },
  // Late gradients.
  {
    name: 'scaleByStaleness',
    kind: 'transformation',
    make: () => given(scaleByStaleness(), { staleness: 4 }),
    laws: linear,
    optax: null
  },
  {
    name: 'staleGradients',
    kind: 'wrapper',
    make: () => (inner) => staleGradients(inner, { delay: 1 }),
    laws: linear,
    optax: null
  },
  {
    name: 'staleGradients',
    variant: 'delays at random',
    kind: 'wrapper',
    make: () => (inner) => staleGradients(inner, { delay: 2, distribution: 'uniform', key: 3 }),
    laws: linear,
    optax: null
  },
  ...functionsOf('simulateAsync'),
  // Communicators.
  ...functionsOf('joinLocal', 'local', 'localGroup', 'mpi', 'solo')
]
