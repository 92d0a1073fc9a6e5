import type { CatalogueRow } from './row.js'

/** What `@gradchain/search` exports. */
export const search: readonly CatalogueRow[] = [{ name: 'search', kind: 'function', optax: null }]
