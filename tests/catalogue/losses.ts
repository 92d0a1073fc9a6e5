import type { CatalogueRow } from './row.js'

/** What `@gradchain/losses` exports. */
export const losses: readonly CatalogueRow[] = []
