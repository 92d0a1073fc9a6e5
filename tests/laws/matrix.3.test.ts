import { matrix } from '../catalogue/matrix.js'
import { checkRows } from './checkRows.js'
import { partOf } from './partOf.js'

checkRows(partOf(matrix, import.meta.url))
