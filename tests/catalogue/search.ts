import type { CatalogueRow } from './row.js'

/** What `@gradchain/search` exports. */
export const search: readonly CatalogueRow[] = [
  { name: 'nelderMead', kind: 'function', optax: null },
  { name: 'search', kind: 'function', optax: null }
]
