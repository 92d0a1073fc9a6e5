import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { catalogue } from '../catalogue/index.js'
import { TOLERANCE } from './compare.js'
import { follow } from './follow.js'
import { loadTorch } from './load.js'
import { oursOf } from './ours.js'
import { type Row, rowOf, writeReport, writeSymbols } from './report.js'
import { cases, deviations } from './torch.js'

const { source, cases: runs } = loadTorch()
const ours = oursOf('./torch.ts', 'cases')
const schedules = oursOf('./torchSchedules.ts', 'torchSchedules')

const rows: Row[] = []
afterAll(() => {
  writeReport('torch', source, rows)
  writeSymbols(symbols(), Object.fromEntries([...schedules].map(([name, { text }]) => [name, text])))
})

test('every case in the data has a row, and every row has data', () => {
  expect(Object.keys(cases).sort()).toEqual([...new Set(runs.map(({ name }) => name))].sort())
})

test('every row has its expression, made of what the catalogue has', () => {
  expect([...ours.keys()].sort()).toEqual(Object.keys(cases).sort())
  const known = new Set<string>(catalogue.map(({ name }) => name))
  expect([...ours].filter(([, { names }]) => [...names].every((name) => !known.has(name)))).toEqual([])
})

test('every expression in the table for those who come from PyTorch is run by its page', () => {
  const page = readFileSync(new URL('../../docs/coming-from/pytorch.md', import.meta.url), 'utf8')
  const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ')
  const [, run = ''] = page.split('const table = [')
  const shown = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
  const expressions = shown.flatMap((line) => line.split(' | ')[1]?.match(/(?<=`)[^`]*\([^`]*(?=`)/g) ?? [])
  expect(expressions.length).toBeGreaterThan(20)
  expect(
    expressions.filter(
      (expression) => !oneLine(run).includes(`${expression},`) && !oneLine(run).includes(`${expression} ]`)
    )
  ).toEqual([])
})

test('every deviation is of a case', () => {
  expect(Object.keys(deviations).filter((name) => !(name in cases))).toEqual([])
})

describe.each(['float64', 'float32'] as const)('%s', (dtype) => {
  test.each(runs)('$name on $tree.name: the params of PyTorch after every step', (run) => {
    const make = cases[run.name]
    if (make === undefined) throw new Error(`torch.ts has no row '${run.name}'`)
    const difference = follow({ tree: run.tree, params: run.params[dtype] }, make(), dtype)
    const deviation = deviations[run.name]
    const expression = { ...run, ours: ours.get(run.name)?.text ?? '' }
    rows.push(rowOf({ ...expression, tree: run.tree.name, dtype }, difference, deviation?.because))
    expect(difference.relative, difference.where.replace('Optax', 'PyTorch')).toBeLessThanOrEqual(
      deviation?.tolerance ?? TOLERANCE[dtype]
    )
  })
})

/** Every symbol of the catalogue, once. */
const symbols = () =>
  [...new Map(catalogue.map((row) => [row.name as string, row])).values()].map(({ name, kind, optax }) => ({
    name,
    kind,
    optax,
    torch: using(ours, name),
    torchSchedules: using(schedules, name)
  }))

const using = (table: typeof ours, symbol: string) =>
  [...table].flatMap(([name, { names }]) => (names.has(symbol) ? [name] : []))
