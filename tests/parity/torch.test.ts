import { readFileSync } from 'node:fs'
import { type AnyGradientTransformation, applyUpdates, averagedParams, ndarray, type Tree } from 'gradchain'
import { afterAll, describe, expect, test } from 'vitest'
import { catalogue } from '../catalogue/index.js'
import { compareFlat, type Difference, flatten, SAME, scaleOf, TOLERANCE, worse } from './compare.js'
import { build, type DType, loadTorch, type MakeArray, type TorchRun } from './load.js'
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

test('every expression in the table of the guide is run by the guide', () => {
  const [, page = ''] = readFileSync(new URL('../../docs/guide.md', import.meta.url), 'utf8').split(
    '## Coming from PyTorch'
  )
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
    const difference = follow(run, make(), dtype)
    const deviation = deviations[run.name]
    const expression = { ...run, ours: ours.get(run.name)?.text ?? '' }
    rows.push(rowOf({ ...expression, tree: run.tree.name, dtype }, difference, deviation?.because))
    expect(difference.relative, difference.where.replace('Optax', 'PyTorch')).toBeLessThanOrEqual(
      deviation?.tolerance ?? TOLERANCE[dtype]
    )
  })
})

/** What the test calls; which trees and states fit is the matter of other tests. */
interface Driven {
  readonly init: (params: unknown) => unknown
  readonly update: (updates: unknown, state: unknown, params: unknown) => readonly [unknown, unknown]
}
const applyTo = applyUpdates as (params: unknown, updates: unknown) => unknown

/** Whether this is the state of a wrapper that averages params. */
const averages = (state: unknown): state is { readonly average: Tree } =>
  typeof state === 'object' && state !== null && 'average' in state

/**
 * Follows PyTorch with our transformation, and returns the largest difference of params, or of their averages, on the way,
 * relative to the largest param that the leaf ever has.
 */
const follow = (run: TorchRun, tx: AnyGradientTransformation, dtype: DType): Difference => {
  const { init, update } = tx as unknown as Driven
  const expected = run.params[dtype]
  const scales = run.tree.leaves.map((_, leaf) => scaleOf(...expected.map((flat) => flat[leaf] ?? [])))
  let params: unknown = build(run.tree, run.tree.params, dtype, ndarray as MakeArray)
  let state = init(params)
  let worst = SAME
  for (const [step, gradient] of (run.tree.gradients.get('plain') ?? []).entries()) {
    const [updates, next] = update(build(run.tree, gradient, dtype, ndarray as MakeArray), state, params)
    params = applyTo(params, updates)
    state = next
    const found = flatten(run.tree, averages(state) ? averagedParams(state, params) : params, dtype)
    const place = (leaf: number) => `step ${step}: params ${run.tree.leaves[leaf]?.path}`
    worst = worse(worst, compareFlat(expected[step] ?? [], found, scales, dtype, place))
  }
  return worst
}

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
