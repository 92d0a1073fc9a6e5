import { orthogonal } from '../catalogue/orthogonal.js'
import { checkRows } from './checkRows.js'
import { partOf } from './partOf.js'

checkRows(partOf(orthogonal, import.meta.url))
