import { aliases } from '../catalogue/aliases.js'
import { checkRows } from './checkRows.js'
import { partOf } from './partOf.js'

checkRows(partOf(aliases, import.meta.url))
