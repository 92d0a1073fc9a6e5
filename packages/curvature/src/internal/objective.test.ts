import {
  add,
  InvalidOption,
  InvalidTree,
  log,
  mul,
  type NdArray,
  ndarray,
  type Operand,
  square,
  sum,
  sumSquares
} from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { lineOf, type ObjectiveExtra, objectiveOf, startOf, valueAndGradOf } from './objective.js'

const bowl = { valueFn: ({ w, b }: { readonly w: Operand; readonly b: Operand }) => add(sumSquares(w), square(b)) }
const at = () => ({ w: Float64Array.of(1, -2), b: 3 })

describe('objectiveOf', () => {
  test('differentiates a loss on expressions', () => {
    const objective = objectiveOf('mine', bowl)
    expect(objective.at(at())).toStrictEqual({
      value: 14,
      grad: { w: Float64Array.of(2, -4), b: 6 },
      hasFailed: false
    })
    expect(objective.valueAt(at())).toBe(14)
  })

  test('calls a function on arrays with copies, and keeps a copy of what it gives', () => {
    const grad = { w: new Float64Array(2), b: 0 }
    const objective = objectiveOf('mine', {
      valueAndGradFn: ({ w, b }: { readonly w: Float64Array; readonly b: number }) => {
        grad.w.set(w.map((x) => 2 * x))
        const value = w.reduce((total, x) => total + x * x, b * b)
        w.fill(9)
        return [value, { ...grad, b: 2 * b }]
      }
    })
    const params = at()
    const found = objective.at(params)
    grad.w.fill(7)
    expect(params).toStrictEqual(at())
    expect(found).toStrictEqual({ value: 14, grad: { w: Float64Array.of(2, -4), b: 6 }, hasFailed: false })
  })

  test('of no params the loss is a constant', () => {
    expect(objectiveOf('mine', { valueFn: () => 3 }).at({ w: [] })).toStrictEqual({
      value: 3,
      grad: { w: [] },
      hasFailed: false
    })
  })

  test('counts what is asked', () => {
    const objective = objectiveOf('mine', bowl)
    objective.at(at())
    objective.valueAt(at())
    objective.valueAt(at())
    expect(objective.calls()).toStrictEqual({ values: 3, gradients: 1 })
    const both = objectiveOf('mine', { valueAndGradFn: () => [1, at()] })
    both.valueAt(at())
    expect(both.calls()).toStrictEqual({ values: 1, gradients: 1 })
  })

  test('asks the loss alone of valueFn, where it stands beside the other', () => {
    const objective = objectiveOf('mine', { valueFn: () => 1, valueAndGradFn: () => [2, at()] })
    expect(objective.valueAt(at())).toBe(1)
    expect(objective.at(at()).value).toBe(2)
  })

  test.each([Number.NaN, Infinity, -Infinity])('a loss of %s has failed', (value) => {
    const objective = objectiveOf('mine', { valueAndGradFn: () => [value, at()] })
    expect(objective.at(at())).toMatchObject({ value, hasFailed: true })
    expect(lineOf(objective, at(), at())(1)).toMatchObject({ value: Infinity, hasFailed: true })
    expect(objective.valueAt(at())).toBe(Infinity)
  })

  test.each([Number.NaN, Infinity, -Infinity])('a gradient with %s has failed', (x) => {
    const objective = objectiveOf('mine', { valueAndGradFn: () => [1, { w: Float64Array.of(0, x), b: 1 }] })
    expect(objective.at(at())).toMatchObject({ value: 1, hasFailed: true })
    expect(lineOf(objective, at(), at())(1)).toMatchObject({ value: Infinity, hasFailed: true })
  })

  test('a gradient whose squares overflow has not', () => {
    const objective = objectiveOf('mine', { valueAndGradFn: () => [1, { w: Float64Array.of(0, 1e300), b: 1 }] })
    expect(objective.at(at())).toMatchObject({ value: 1, hasFailed: false })
  })

  test.each<[string, unknown]>([
    ['mine: valueFn must be a function, or valueAndGradFn, got neither', undefined],
    ['mine: valueFn must be a function, or valueAndGradFn, got neither', {}],
    ['mine: valueFn must be a function, got 3', { valueFn: 3 }],
    ['mine: valueAndGradFn must be a function, got null', { valueAndGradFn: null }]
  ])('refuses: %s', (message, extra) => {
    const misuse = () => objectiveOf('mine', extra as ObjectiveExtra)
    expect(misuse).toThrow(InvalidOption)
    expect(misuse).toThrow(message)
  })

  test.each<[string, ObjectiveExtra]>([
    [
      'mine: valueFn must give a lazy scalar, such as sum(x), or stand beside valueAndGradFn, got 3',
      { valueFn: () => 3 }
    ],
    ['mine: valueAndGradFn(params) must be a pair [value, grad], got 3', { valueAndGradFn: () => 3 as never }],
    [
      'mine: the value of valueAndGradFn(params) must be a number, got "1"',
      { valueAndGradFn: () => ['1' as never, at()] }
    ],
    [
      'mine: the value of valueAndGradFn(params) must be a number, got an Expr',
      { valueAndGradFn: () => [mul(2, Float32Array.of(1, 2)), at()] }
    ]
  ])('refuses what functions give: %s', (message, extra) => {
    const misuse = () => objectiveOf('mine', extra).at(at())
    expect(misuse).toThrow(InvalidOption)
    expect(misuse).toThrow(message)
  })

  test.each<[string, unknown]>([
    ['mine: the gradient of valueAndGradFn(params): it has no "w", params has it', { v: 1 }],
    [
      'mine: the gradient of valueAndGradFn(params) at .w has shape [3], params has [2]',
      { w: new Float64Array(3), b: 1 }
    ],
    ['mine: the gradient of valueAndGradFn(params) at .b must be a number or an array, got "2"', { ...at(), b: '2' }]
  ])('refuses gradients that do not fit: %s', (message, grad) => {
    const misuse = () => objectiveOf('mine', { valueAndGradFn: () => [1, grad as never] }).at(at())
    expect(misuse).toThrow(InvalidTree)
    expect(misuse).toThrow(message)
  })
})

test('valueAndGradOf gives numbers and arrays, finite or not', () => {
  expect(valueAndGradOf('mine', bowl)(at())).toStrictEqual([14, { w: Float64Array.of(2, -4), b: 6 }])
  const nowhere = valueAndGradOf('mine', { valueAndGradFn: () => [Number.NaN, at()] })
  expect(nowhere(at())).toStrictEqual([Number.NaN, at()])
})

test('startOf has a copy of the gradient', () => {
  const grad = at()
  const start = startOf('mine', { value: 3, grad }, at())
  grad.w.fill(0)
  expect(start).toStrictEqual({ value: 3, grad: at() })
})

describe('lineOf', () => {
  test('gives the loss, its gradient and its slope on a line', () => {
    const point = lineOf(objectiveOf('mine', bowl), at(), { w: Float64Array.of(0, 4), b: -2 })(0.5)
    expect(point).toStrictEqual({
      ...{ rate: 0.5, value: 5, grad: { w: Float64Array.of(2, 0), b: 4 }, slope: -8, hasFailed: false },
      params: { w: Float64Array.of(1, 0), b: 2 }
    })
  })

  test('goes where updates lead that are rounded to the dtype of the params', () => {
    const params = { w: ndarray([1], [1], 'bfloat16') }
    const seen: unknown[] = []
    const valueAndGradFn = (there: { readonly w: NdArray }) => {
      seen.push(there)
      return [1, params] as const
    }
    const there = lineOf(objectiveOf('mine', { valueAndGradFn }), params, params)(1 + 2 ** -9).params
    expect(there).toStrictEqual({ w: ndarray([2], [1], 'bfloat16') })
    expect(seen).toStrictEqual([there])
  })

  test('outside its domain a loss has failed, its slope is NaN', () => {
    const objective = objectiveOf('mine', { valueFn: ({ w }: { readonly w: Operand }) => sum(log(w)) })
    const point = lineOf(objective, { w: Float64Array.of(1) }, { w: Float64Array.of(-1) })(2)
    expect(point).toMatchObject({ value: Infinity, slope: Number.NaN, hasFailed: true })
  })
})
