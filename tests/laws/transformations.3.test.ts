import { transformations } from '../catalogue/transformations.js'
import { checkRows } from './checkRows.js'
import { partOf } from './partOf.js'

checkRows(partOf(transformations, import.meta.url))
