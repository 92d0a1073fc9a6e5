import { transformations } from '../catalogue/transformations.js'
import { checkRows } from './checkRows.js'

// Those called scaleBy… are in a file of their own, so that the two run side by side.
checkRows(transformations.filter(({ name }) => !name.startsWith('scaleBy')))
