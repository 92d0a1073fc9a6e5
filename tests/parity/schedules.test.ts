import { afterAll, expect, test } from 'vitest'
import { compareFlat, scaleOf, TOLERANCE } from './compare.js'
import { loadSchedules } from './load.js'
import { type Row, rowOf, writeReport } from './report.js'
import { schedules } from './schedules.js'

const data = loadSchedules()
const rows: Row[] = []

afterAll(() => writeReport('schedules', data.source, rows))

test('every schedule in the data has a row, and every row has data', () => {
  expect(Object.keys(schedules).sort()).toEqual(data.schedules.map(({ name }) => name).sort())
})

test.each(data.schedules)('$name: the values of Optax at every step', (run) => {
  const schedule = schedules[run.name]?.()
  if (schedule === undefined) throw new Error(`schedules.ts has no row '${run.name}'`)
  const values = [data.steps.map(schedule)]
  const difference = compareFlat([run.values], values, [scaleOf(run.values)], 'float64', () => 'value')
  rows.push(rowOf({ ...run, dtype: 'float64' }, difference))
  expect(difference.relative, difference.where).toBeLessThanOrEqual(TOLERANCE.float64)
})
