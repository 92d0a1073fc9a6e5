import { wrappers } from '../catalogue/wrappers.js'
import { checkRows } from './checkRows.js'

checkRows(wrappers)
