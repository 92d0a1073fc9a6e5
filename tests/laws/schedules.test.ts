import { schedules } from '../catalogue/schedules.js'
import { checkRows } from './checkRows.js'

checkRows(schedules)
