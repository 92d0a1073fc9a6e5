// Losses against those of the real Optax: values, gradients, and products with the Hessian.
import { add, force, grad, hvp, type Leaf, ndarray, type Operand, shapeOf, sum, type Value } from 'gradchain'
import { afterAll, describe, expect, test } from 'vitest'
import { catalogue } from '../catalogue/index.js'
import { compareFlat, type Difference, SAME, scaleOf, TOLERANCE, worse } from './compare.js'
import { type DType, loadLosses } from './load.js'
import { deviations, type Inputs, losses } from './losses.js'
import { oursOf } from './ours.js'
import { type Row, rowOf, writeReport } from './report.js'

const { source, cases } = loadLosses()
const ours = oursOf('./losses.ts', 'losses')

const rows: Row[] = []
afterAll(() => writeReport('losses', source, rows))

const arrayOf = (numbers: readonly number[], shape: readonly number[], dtype: DType): Leaf => {
  if (shape.length === 0) return numbers[0] as number
  const data = dtype === 'float64' ? Float64Array.from(numbers) : Float32Array.from(numbers)
  if (shape.length === 1) return data
  return data instanceof Float64Array ? ndarray(data, shape) : ndarray(data, shape)
}

const elementsOf = (x: Value | Leaf): readonly number[] => {
  const found = force(x) as Leaf
  if (typeof found === 'number') return [found]
  return Array.from('data' in found ? found.data : (found as Float64Array))
}

const find = (name: string): ((inputs: Inputs) => readonly Value[]) => {
  const loss = losses[name]
  if (loss === undefined) throw new Error(`losses.ts has no row '${name}'`)
  return (inputs) => {
    const found = loss(inputs)
    return Array.isArray(found) ? found : [found as Value]
  }
}

test('every case in the data has a row, and every row has data', () => {
  expect(Object.keys(losses).sort()).toEqual(cases.map(({ name }) => name).sort())
  expect([...ours.keys()].sort()).toEqual(Object.keys(losses).sort())
})

test('every loss of the catalogue that Optax has is compared', () => {
  const names = catalogue.flatMap(({ optax }) => (optax?.startsWith('optax.losses.') ? [optax] : []))
  const compared = new Set(cases.flatMap(({ expression }) => expression.split(/[^\w.]/)))
  expect(names.length).toBe(32)
  expect(names.filter((name) => !compared.has(name))).toEqual([])
})

test('every deviation is of a case', () => {
  expect(Object.keys(deviations).filter((name) => !(name in losses))).toEqual([])
})

describe.each(['float64', 'float32'] as const)('%s', (dtype) => {
  test.each(cases)('$name: the results and derivatives of $expression', ({ name, expression, inputs, ...runs }) => {
    const run = runs[dtype]
    const loss = find(name)
    const given = Object.fromEntries(
      Object.entries(inputs).map(([key, { shape, numbers }]) => [key, arrayOf(numbers, shape, dtype)])
    ) as Inputs
    const by =
      (key: string) =>
      (x: Operand): Value =>
        loss({ ...given, [key]: x }).reduce<Value>((total, part) => add(total, sum(part)), 0)

    let worst: Difference = SAME
    const compare = (what: string, expected: readonly number[], found: readonly number[]): void => {
      expect(found.length).toBe(expected.length)
      const difference = compareFlat([expected], [found], [scaleOf(expected)], dtype, () => what)
      worst = worse(worst, difference)
    }
    const results = loss(given)
    expect(results.map(shapeOf)).toStrictEqual(run.results.map(({ shape }) => shape))
    for (const [i, { numbers }] of run.results.entries()) {
      compare(`result ${i} `, numbers, elementsOf(results[i] as Value))
    }
    for (const [key, slopes] of run.gradients) {
      compare(`gradient by ${key} `, slopes, elementsOf(grad(by(key))(given[key] as never) as Leaf))
    }
    if (run.product !== undefined) {
      const [key = ''] = run.gradients.keys()
      const along = arrayOf(run.product.along, inputs[key]?.shape ?? [], dtype)
      compare('product ', run.product.numbers, elementsOf(hvp(by(key))(given[key] as never, along as never) as Leaf))
    }
    const because = deviations[name]
    rows.push(rowOf({ name, expression, ours: ours.get(name)?.text ?? '', dtype }, worst, because))
    if (because === undefined) expect(worst.relative, worst.where).toBeLessThanOrEqual(TOLERANCE[dtype])
    else expect(worst.relative).toBeGreaterThan(TOLERANCE[dtype])
  })
})
