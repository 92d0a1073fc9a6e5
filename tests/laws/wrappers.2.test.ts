import { wrappers } from '../catalogue/wrappers.js'
import { checkRows } from './checkRows.js'
import { partOf } from './partOf.js'

checkRows(partOf(wrappers, import.meta.url))
