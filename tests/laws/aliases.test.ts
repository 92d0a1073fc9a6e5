import { aliases } from '../catalogue/aliases.js'
import { checkRows } from './checkRows.js'

checkRows(aliases)
