import { afterAll, expect, test } from 'vitest'
import { compareFlat, scaleOf, TOLERANCE } from './compare.js'
import { loadTorchSchedules } from './load.js'
import { type Row, rowOf, writeReport } from './report.js'
import { torchSchedules } from './torchSchedules.js'

const { source, schedules: runs } = loadTorchSchedules()
const rows: Row[] = []

afterAll(() => writeReport('torchSchedules', source, rows))

test('every scheduler in the data has a row, and every row has data', () => {
  expect(Object.keys(torchSchedules).sort()).toEqual(runs.map(({ name }) => name).sort())
})

test.each(runs)('$name: the values of PyTorch at every step', (run) => {
  const schedule = torchSchedules[run.name]?.()
  if (schedule === undefined) throw new Error(`torchSchedules.ts has no row '${run.name}'`)
  const values = [run.values.map((_, step) => schedule(step))]
  const difference = compareFlat([run.values], values, [scaleOf(run.values)], 'float64', () => 'value')
  rows.push(rowOf({ ...run, dtype: 'float64' }, difference))
  expect(difference.relative, difference.where.replace('Optax', 'PyTorch')).toBeLessThanOrEqual(TOLERANCE.float64)
})
