import type { CatalogueRow, LawfulRow } from '../catalogue/row.js'
import { search } from '../catalogue/search.js'
import { checkRows } from './checkRows.js'
import { partOf } from './partOf.js'

const isLawful = (row: CatalogueRow): row is LawfulRow => row.kind !== 'function'

checkRows(partOf(search.filter(isLawful), import.meta.url))
