// What differs from param to param, or follows from the groups: Adafactor and ASGD. Their runs are among the others, in runs.test.ts.
import { InvalidState, type NdArray, ndarray, step } from '@gradchain/core'
import { pytorch } from '@gradchain/frameworks'
import { describe, expect, test } from 'vitest'
import { rightOf, sentenceOf } from '../foreign/fixtureTesting.js'
import { fromPytorch } from './fromPytorch.js'
import { toPytorch } from './toPytorch.js'

const filled = (shape: readonly number[]): NdArray =>
  ndarray(
    Float32Array.from({ length: shape.reduce((size, n) => size * n, 1) }, (_, i) => i + 1),
    shape
  )

describe('Adafactor', () => {
  const optimizer = pytorch.adafactor(0.1)
  const groups = [{ names: ['w'], lr: 0.1, options: { floors: [1e-5, 1e-2] as const } }]
  const writtenOf = (shape: readonly number[]) => {
    const params = { w: filled(shape) }
    const [, state] = step(optimizer, params, optimizer.init(params), params)
    return { params, state, written: toPytorch(state, { optimizer, params, algorithm: 'Adafactor', groups }) }
  }

  test.each<[readonly number[], Readonly<Record<string, readonly number[]>>]>([
    [[3], { variance: [3] }],
    [[2, 3], { row_var: [2, 1], col_var: [1, 3] }],
    [[3, 2], { row_var: [3, 1], col_var: [1, 2] }],
    [[2, 2], { row_var: [2, 1], col_var: [1, 2] }],
    [[2, 3, 4], { row_var: [2, 3, 1], col_var: [2, 1, 4] }],
    [[3, 4, 3], { row_var: [3, 4, 1], col_var: [3, 1, 3] }]
  ])('of the shape %j the means have the shapes that PyTorch gives them, and come back', (shape, wanted) => {
    const { params, state, written } = writtenOf(shape)
    const kept = (written.state as Readonly<Record<string, Readonly<Record<string, NdArray>>>>)['0'] ?? {}
    const shapes = Object.fromEntries(Object.entries(kept).map(([slot, means]) => [slot, means.shape]))
    expect(shapes).toStrictEqual({ step: [], ...wanted })
    const back = rightOf(fromPytorch(written, { optimizer, params, names: ['w'] }))
    expect(back.algorithm).toBe('Adafactor')
    expect(back.groups[0].options.floors).toStrictEqual([1e-5, 1e-2])
    expect(back.state).toStrictEqual(state)
  })

  test('the means of a row are those along the last axis', () => {
    const { written } = writtenOf([3, 2])
    expect(written.state).toMatchObject({ 0: { row_var: { data: Float32Array.of(2.5, 12.5, 30.5) } } })
  })

  test('params whose last two axes are not the longest are refused, both ways', () => {
    const params = { w: filled([4, 2, 3]) }
    const [, state] = step(optimizer, params, optimizer.init(params), params)
    const write = () => toPytorch(state, { optimizer, params, algorithm: 'Adafactor', groups })
    expect(write).toThrow(InvalidState)
    expect(write).toThrow('last two axes are their longest, for Adafactor, got one of the shape [4, 2, 3] for "w"')
    const { written } = writtenOf([2, 3])
    expect(sentenceOf(fromPytorch(written, { optimizer, params, names: ['w'] }))).toBe(
      'fromPytorch: "w" must be a param whose last two axes are its longest, as ours keeps the means of those, got one of the shape [4, 2, 3]'
    )
  })

  test('a null in the floors stays one', () => {
    const params = { w: filled([3]) }
    const written = toPytorch(writtenOf([3]).state, {
      optimizer,
      params,
      algorithm: 'Adafactor',
      groups: [{ names: ['w'], lr: 0.1, options: {} }]
    })
    const made = rightOf(
      fromPytorch(written, {
        params,
        names: ['w'],
        optimizer: ([{ lr, options }]) => {
          const { floors = [null, 1e-3], ...rest } = options
          return pytorch.adafactor(lr, { ...rest, eps: floors })
        }
      })
    )
    expect(made.groups[0].options.floors).toStrictEqual([null, 1e-3])
  })
})

describe('ASGD', () => {
  const params = { a: filled([2]), b: filled([2]) }
  const optimizer = pytorch.asgd(0.5, { lambd: 0.1, alpha: 1, t0: 1 })
  const options = { lambd: 0.1, alpha: 1, t0: 1 }
  const stepsOf = (count: number) => {
    let [now, state] = [params, optimizer.init(params)]
    for (let t = 0; t < count; t++) [now, state] = step(optimizer, params, state, now)
    return state
  }

  test.each([
    [1, 1 / 1.05, 1],
    [2, 1 / 1.1, 1],
    [3, 1 / 1.15, 1 / 2],
    [5, 1 / 1.25, 1 / 4]
  ])('after %i steps the rate and the share of the average are what PyTorch has', (count, rate, share) => {
    const state = stepsOf(count)
    const groups = [{ names: ['a', 'b'], lr: 0.5, options }]
    const written = toPytorch(state, { optimizer, params, algorithm: 'ASGD', groups })
    const [first, second] = Object.values(written.state as Record<string, Record<string, NdArray>>)
    for (const kept of [first, second]) {
      expect(kept?.['eta']?.data[0]).toBe(Math.fround(0.5 * rate))
      expect(kept?.['mu']?.data[0]).toBe(Math.fround(share))
    }
    const back = rightOf(fromPytorch(written, { optimizer, params, names: ['a', 'b'] }))
    expect(back.algorithm).toBe('ASGD')
    expect(back.state).toStrictEqual(state)
  })

  test('groups that begin to average at different steps are refused, as ours has one number', () => {
    const groups = [
      { names: ['a'], lr: 0.5, options },
      { names: ['b'], lr: 0.5, options: { ...options, t0: 2 } }
    ]
    const written = toPytorch(stepsOf(5), { optimizer, params, algorithm: 'ASGD', groups })
    expect(sentenceOf(fromPytorch(written, { optimizer, params, names: ['a', 'b'] }))).toBe(
      'fromPytorch: param_groups[1] must be of the hyperparameters of the first, where ours has one number for all, got others'
    )
  })
})
