import type { CatalogueRow } from './row.js'

/** What `@gradchain/curvature` exports. */
export const curvature: readonly CatalogueRow[] = []
