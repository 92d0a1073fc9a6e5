import { errorFeedback, quantize8, randomK, signWithNorm, topK } from '@gradchain/distributed'
import type { CatalogueRow } from './row.js'
import { functionsOf } from './shared.js'

/** What `@gradchain/distributed` exports. */
export const distributed: readonly CatalogueRow[] = [
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
  // Communicators.
  ...functionsOf('joinLocal', 'local', 'localGroup', 'mpi', 'solo')
]
