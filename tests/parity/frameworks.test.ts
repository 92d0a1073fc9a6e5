// The functions of @gradchain/frameworks against what the frameworks computed.

import { readFileSync } from 'node:fs'
import { keras, pytorch, tensorflowjs, timm, transformers } from '@gradchain/frameworks'
import { afterAll, describe, expect, test } from 'vitest'
import { compareFlat, scaleOf, TOLERANCE } from './compare.js'
import { follow } from './follow.js'
import { rows as kerasRows } from './frameworks/keras.js'
import { rows as pytorchRows } from './frameworks/pytorch.js'
import type { Rows } from './frameworks/rows.js'
import { rows as tensorflowjsRows } from './frameworks/tensorflowjs.js'
import { rows as timmRows } from './frameworks/timm.js'
import { rows as transformersRows } from './frameworks/transformers.js'
import { type FrameworkRun, loadFramework, loadTorch, loadTorchSchedules } from './load.js'
import { type Row, rowOf, writeReport } from './report.js'

const tables: readonly (readonly [framework: string, functions: Namespace, rows: Rows])[] = [
  ['keras', keras, kerasRows],
  ['pytorch', pytorch, pytorchRows],
  ['tensorflowjs', tensorflowjs, tensorflowjsRows],
  ['timm', timm, timmRows],
  ['transformers', transformers, transformersRows]
]

/** PyTorch's runs are those of `torch.test.ts`, and more; averages of models have no function of their own. */
const torchRuns = (): readonly FrameworkRun[] =>
  loadTorch()
    .cases.filter(({ name }) => !name.startsWith('AveragedModel'))
    .flatMap((run) => (['float64', 'float32'] as const).map((dtype) => ({ ...run, dtype, params: run.params[dtype] })))

describe.each(tables)('%s', (framework, functions, { cases, schedules, deviations }) => {
  const own = loadFramework(framework)
  const isPytorch = framework === 'pytorch'
  const runs = isPytorch ? [...own.cases, ...torchRuns()] : own.cases
  const scheduleRuns = isPytorch
    ? [...own.schedules, ...loadTorchSchedules().schedules.filter(({ name }) => name in schedules)]
    : own.schedules
  const rows: Row[] = []
  afterAll(() => writeReport(framework, own.source, rows))

  test('every row has data, and all data a row', () => {
    expect(Object.keys(cases).sort()).toEqual([...new Set(runs.map(({ name }) => name))].sort())
    expect(Object.keys(schedules).sort()).toEqual(scheduleRuns.map(({ name }) => name).sort())
    expect(Object.keys(deviations).filter((name) => !(name in cases || name in schedules))).toEqual([])
  })

  test('every function has a row', () => {
    const text = readFileSync(new URL(`./frameworks/${framework}.ts`, import.meta.url), 'utf8')
    const { schedules: ofSteps = {}, ...optimizers } = functions
    const named = [
      ...Object.keys(optimizers).map((name) => `${framework}.${name}(`),
      ...Object.keys(ofSteps).map((name) => `schedules.${name}(`)
    ]
    expect(named.filter((call) => !text.includes(call))).toEqual([])
  })

  test.each(runs)('$name on $tree.name in $dtype: the params after every step', (run) => {
    const make = cases[run.name]
    if (make === undefined) throw new Error(`frameworks/${framework}.ts has no row '${run.name}'`)
    const difference = follow(run, make(), run.dtype)
    const deviation = deviations[run.name]
    rows.push(rowOf({ ...run, tree: run.tree.name }, difference, deviation?.because))
    expect(difference.relative, difference.where.replace('Optax', framework)).toBeLessThanOrEqual(
      deviation?.tolerance ?? TOLERANCE[run.dtype]
    )
  })

  if (scheduleRuns.length > 0) {
    test.each(scheduleRuns)('$name: the values at every step', (run) => {
      const schedule = schedules[run.name]?.()
      if (schedule === undefined) throw new Error(`frameworks/${framework}.ts has no row '${run.name}'`)
      const values = [run.values.map((_, step) => schedule(step))]
      const difference = compareFlat([run.values], values, [scaleOf(run.values)], 'float64', () => 'value')
      const deviation = deviations[run.name]
      rows.push(rowOf({ ...run, dtype: 'float64' }, difference, deviation?.because))
      expect(difference.relative, difference.where.replace('Optax', framework)).toBeLessThanOrEqual(
        deviation?.tolerance ?? TOLERANCE.float64
      )
    })
  }
})

/** What a framework's namespace holds at run time: functions, and those of its schedules. */
interface Namespace {
  readonly schedules?: object
  readonly [name: string]: unknown
}
