import { type AnyGradientTransformation, applyUpdates, ndarray } from 'gradchain'
import { afterAll, describe, expect, test } from 'vitest'
import { catalogue } from '../catalogue/index.js'
import { cases, deviations, functions } from './cases/index.js'
import { compareFlat, type Difference, flatten, SAME, scaleOf, TOLERANCE, worse } from './compare.js'
import {
  build,
  type DType,
  type Flat,
  type FunctionRun,
  loadLosses,
  loadRuns,
  loadSchedules,
  type MakeArray,
  type Trajectory
} from './load.js'
import { type Row, rowOf, writeReport } from './report.js'

const dtypes = ['float64', 'float32'] as const
const data = { float64: loadRuns('float64'), float32: loadRuns('float32') }

const rows: Row[] = []
afterAll(() => writeReport('transformations', data.float64.source, rows))

const namesOf = (kind: 'cases' | 'functions'): readonly string[] =>
  [...new Set(dtypes.flatMap((dtype) => data[dtype][kind].map(({ name }) => name)))].sort()

test('every case in the data has a row, and every row has data', () => {
  expect(Object.keys(cases).sort()).toEqual(namesOf('cases'))
  expect(Object.keys(functions).sort()).toEqual(namesOf('functions'))
})

test('everything in the catalogue that Optax has is compared', () => {
  const runs = [
    ...dtypes.flatMap((dtype) => [...data[dtype].cases, ...data[dtype].functions]),
    ...loadSchedules().schedules,
    ...loadLosses().cases
  ]
  const compared = new Set(runs.flatMap(({ expression }) => expression.split(/[^\w.]/)).map(lastName))
  const names = catalogue.flatMap(({ optax }) => (optax === null ? [] : [optax]))
  expect([...new Set(names)].filter((name) => !compared.has(lastName(name)))).toEqual([])
})

/** `optax.contrib.sam` and `optax.sam` are one: what is public in several places is one thing. */
const lastName = (path: string): string => path.slice(path.lastIndexOf('.') + 1)

test('every deviation is of a case', () => {
  expect(Object.keys(deviations).filter((name) => !(name in cases || name in functions))).toEqual([])
})

describe.each(dtypes)('%s', (dtype) => {
  test.each(data[dtype].cases)('$name on $tree.name: the updates of Optax at every step', (run) => {
    check(run, dtype, follow(run, find(cases, run.name)(), dtype))
  })

  test.each(data[dtype].functions)('$name on $tree.name: the results of Optax', (run) => {
    check(run, dtype, apply(run, find(functions, run.name), dtype))
  })
})

const find = <T>(table: Readonly<Record<string, T>>, name: string): T => {
  const row = table[name]
  if (row === undefined) throw new Error(`cases/ has no row '${name}'`)
  return row
}

const check = (run: Trajectory | FunctionRun, dtype: DType, difference: Difference): void => {
  const meant = deviations[run.name]
  // What is a deviation in float64 may be none in float32.
  const deviation = meant !== undefined && meant.tolerance > TOLERANCE[dtype] ? meant : undefined
  rows.push(rowOf({ ...run, tree: run.tree.name, dtype }, difference, deviation?.because))
  expect(difference.relative, difference.where).toBeLessThanOrEqual(deviation?.tolerance ?? TOLERANCE[dtype])
}

const makeArray = ndarray as MakeArray

/** What the test calls; which trees and states fit is the matter of other tests. */
interface Driven {
  readonly init: (params: unknown) => unknown
  readonly update: (updates: unknown, state: unknown, params: unknown, extra: unknown) => readonly [unknown, unknown]
}
const applyTo = applyUpdates as (params: unknown, updates: unknown) => unknown

/** Follows a trajectory with our transformation, and returns the largest difference met on the way. */
const follow = (run: Trajectory, tx: AnyGradientTransformation, dtype: DType): Difference => {
  const { init, update } = tx as unknown as Driven
  const place = (what: string) => (leaf: number) => `${what}${run.tree.leaves[leaf]?.path ?? leaf}`
  // Params that end near zero have lost digits on the way from where they began.
  const paramScales = run.params.map((leaf, i) => scaleOf(leaf, run.tree.params[i] ?? []))
  let params: unknown = build(run.tree, run.tree.params, dtype, makeArray)
  let state = init(params)
  let worst = SAME
  for (const [step, expected] of run.updates.entries()) {
    const gradients = build(run.tree, run.gradients[step] ?? [], dtype, makeArray)
    const [updates, next] = update(gradients, state, params, run.extra[step])
    const scales = expected.map((leaf, i) => (run.scale === 'params' ? (paramScales[i] ?? 1) : scaleOf(leaf)))
    const found = flatten(run.tree, updates, dtype)
    worst = worse(worst, compareFlat(expected, found, scales, dtype, place(`step ${step}: updates `)))
    params = applyTo(params, updates)
    state = next
    const slow = run.slow?.[step]
    if (slow !== undefined) {
      const ours = flatten(run.tree, (state as { readonly slow: unknown }).slow, dtype)
      worst = worse(worst, compareFlat(slow, ours, paramScales, dtype, place(`step ${step}: slow params `)))
    }
  }
  const final = flatten(run.tree, params, dtype)
  return worse(worst, compareFlat(run.params, final, paramScales, dtype, place('final params ')))
}

/** Applies our function where Optax's was applied. */
const apply = (run: FunctionRun, f: (gradients: never, params: never) => unknown, dtype: DType): Difference => {
  let params: unknown = build(run.tree, run.tree.params, dtype, makeArray)
  let worst = SAME
  for (const [step, expected] of run.results.entries()) {
    const gradients = build(run.tree, run.tree.gradients.get('plain')?.[step] ?? [], dtype, makeArray)
    const result = f(gradients as never, params as never)
    const found: Flat = typeof result === 'number' ? [[result]] : flatten(run.tree, result, dtype)
    const scales = expected.map((leaf) => scaleOf(leaf))
    worst = worse(
      worst,
      compareFlat(expected, found, scales, dtype, (leaf) => `step ${step}: leaf ${leaf}`)
    )
    if (run.fold) params = result
  }
  return worst
}
