import { constraints } from '../catalogue/constraints.js'
import { checkRows } from './checkRows.js'
import { partOf } from './partOf.js'

checkRows(partOf(constraints, import.meta.url))
