import { transformations } from '../catalogue/transformations.js'
import { checkRows } from './checkRows.js'

checkRows(transformations.filter(({ name }) => name.startsWith('scaleBy')))
