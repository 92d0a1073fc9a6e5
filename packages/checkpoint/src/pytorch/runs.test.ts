import type { NdArray, TreeOf } from '@gradchain/core'
import * as tree from '@gradchain/core/tree'
import { describe, expect, test } from 'vitest'
import {
  NAMES,
  numbersOf,
  paramsAt0,
  RUNS,
  type Run,
  STEPS,
  savedOf,
  stepOf,
  train
} from '../../fixtures/pytorchRuns.js'
import { fixture, fixtureJson, rightOf } from '../foreign/fixtureTesting.js'
import type { TensorTree } from '../tensor.js'
import { decodePytorch } from './decodePytorch.js'
import { encodePytorch } from './encodePytorch.js'
import { fromPytorch } from './fromPytorch.js'

interface Results {
  readonly runs: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>
}

// PyTorch rounds more often than we do: some units in the last place of what has the size of 1. Its product of the momenta of NAdam is
// a float32, and its bfloat16 is rounded at each operation, ours once a step.
const TOLERANCE = { float32: 1e-6, float64: 1e-14, bfloat16: 2 ** -7 }

const expectNear = (
  own: Readonly<Record<string, readonly number[]>>,
  wanted: Results['runs'][string],
  dtype: Run['dtype']
) => {
  expect(Object.keys(own)).toStrictEqual(Object.keys(wanted))
  for (const [name, values] of Object.entries(wanted)) {
    values.forEach((value, i) => {
      const off = Math.abs(value - (own[name]?.[i] ?? Number.NaN))
      expect.soft(off, `${name}[${i}]`).toBeLessThanOrEqual(TOLERANCE[dtype])
    })
  }
}

describe.each(Object.entries(RUNS))('%s', (name, run) => {
  const saved = rightOf(decodePytorch(fixture(`pytorch/${name}.pt`))) as Readonly<
    Record<'model' | 'optimizer', TensorTree>
  >
  const params = paramsAt0(run.dtype)

  const resumed = () =>
    rightOf(
      fromPytorch(saved.optimizer, {
        optimizer: run.optimizer,
        params,
        names: name === 'adamw_named' ? undefined : run.groups.flatMap(({ names }) => names),
        step: stepOf(run.algorithm)
      })
    )

  test('a run that PyTorch began goes on as in PyTorch', () => {
    const { optimizer, state, algorithm } = resumed()
    expect(algorithm).toBe(run.algorithm)
    const model = rightOf(fromPytorch(saved.model, { like: params }))
    const [after] = train(run, optimizer, state, model, STEPS)
    expectNear(numbersOf(after), fixtureJson<Results>('pytorch/runs.json').runs[name] ?? {}, run.dtype)
  })

  test('a run that began here goes on in PyTorch', () => {
    const written = savedOf(name) as Readonly<Record<'model' | 'optimizer', TensorTree>>
    expect(encodePytorch(written)).toStrictEqual(fixture(`pytorch/back/${name}.pt`))
    const optimizer = run.optimizer(run.groups)
    const [before, state] = train(run, optimizer, optimizer.init(params), params, 0)
    const [after] = train(run, optimizer, state, before, STEPS)
    expectNear(numbersOf(after), fixtureJson<Results>('pytorch/back.json').runs[name] ?? {}, run.dtype)
  })

  test('there and back is where it was', () => {
    const written = savedOf(name) as Readonly<Record<'model' | 'optimizer', TensorTree>>
    const optimizer = run.optimizer(run.groups)
    const [before, state] = train(run, optimizer, optimizer.init(params), params, 0)
    const back = rightOf(
      fromPytorch(written.optimizer, {
        optimizer,
        params,
        names: run.groups.flatMap(({ names }) => names),
        step: stepOf(run.algorithm)
      })
    )
    // PyTorch keeps this product in float32.
    const kept =
      name === 'nadam' ? tree.set(state, { momentumProduct: tree.get(back.state, 'momentumProduct') }) : state
    expect(back.state).toStrictEqual(kept)
    expect(rightOf(fromPytorch(written.model, { like: params }))).toStrictEqual(before)
  })
})

test('of the gradient that Rprop keeps only the sign is ours', () => {
  const saved = rightOf(decodePytorch(fixture('pytorch/rprop.pt')))
  const run = RUNS['rprop'] as Run
  const { state } = rightOf(
    fromPytorch(saved, { at: ['optimizer'], optimizer: run.optimizer, params: paramsAt0('float32'), names: [...NAMES] })
  )
  const signs = tree.leaves(tree.get(state, 'prevSigns') as TreeOf<NdArray>).flatMap(({ data }) => [...data])
  expect(new Set(signs)).toStrictEqual(new Set([-1, 0, 1]))
})

test('the runs are those of the names', () => {
  expect(Object.keys(fixtureJson<Results>('pytorch/runs.json').runs)).toStrictEqual(Object.keys(RUNS))
  expect(NAMES).toHaveLength(4)
})
