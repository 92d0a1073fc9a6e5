import { distributed } from '../catalogue/distributed.js'
import type { CatalogueRow, LawfulRow } from '../catalogue/row.js'
import { checkRows } from './checkRows.js'
import { partOf } from './partOf.js'

const isLawful = (row: CatalogueRow): row is LawfulRow => row.kind !== 'function'

checkRows(partOf(distributed.filter(isLawful), import.meta.url))
