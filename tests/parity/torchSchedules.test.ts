import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { compareFlat, scaleOf, TOLERANCE } from './compare.js'
import type { ScheduleRun, Source } from './load.js'
import { type Row, rowOf, writeReport } from './report.js'
import { torchSchedules } from './torchSchedules.js'

const fail = (what: string): never => {
  throw new Error(`parity data: torch_schedules.json: ${what}`)
}

const fieldsOf = (value: unknown, place: string): ReadonlyMap<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? new Map<string, unknown>(Object.entries(value))
    : fail(`${place} must be an object`)

const textOf = (value: unknown, place: string): string =>
  typeof value === 'string' && value !== '' ? value : fail(`${place} must be text`)

const listOf = (value: unknown, place: string): readonly unknown[] =>
  Array.isArray(value) && value.length > 0 ? value : fail(`${place} must be a list of something`)

const numberOf = (value: unknown, place: string): number =>
  typeof value === 'number' ? value : fail(`${place} must hold numbers, has ${value}`)

/** Reads what PyTorch's schedulers did. */
const load = (): { readonly source: Source; readonly runs: readonly ScheduleRun[] } => {
  const path = new URL('./data/torch_schedules.json', import.meta.url)
  const file = fieldsOf(JSON.parse(readFileSync(path, 'utf8')), 'the file')
  const versions = [...fieldsOf(file.get('versions'), 'versions')]
  return {
    source: {
      command: textOf(file.get('command'), 'command'),
      versions: Object.fromEntries(versions.map(([name, version]) => [name, textOf(version, name)]))
    },
    runs: listOf(file.get('schedules'), 'schedules').map((value, i) => {
      const run = fieldsOf(value, `schedules[${i}]`)
      const name = textOf(run.get('name'), `the name of schedules[${i}]`)
      const values = listOf(run.get('values'), name).map((x) => numberOf(x, name))
      return { name, expression: textOf(run.get('expression'), name), values }
    })
  }
}

const { source, runs } = load()
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
