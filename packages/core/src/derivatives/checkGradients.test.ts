import { describe, expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import type { Operand } from '../expression/expr.js'
import { dot, mul, pow, sum, type Value } from '../expression/operations.js'
import { checkGradients } from './checkGradients.js'

const cubes = ({ x, s }: { x: Operand; s: Operand }): Value => mul(s, sum(pow(x, 3)))
const at = { x: Float32Array.of(1, -2), s: 3 }

test('a gradient that is right agrees, of params in every dtype', () => {
  expect(checkGradients(cubes, at)).toStrictEqual({ agrees: true, checked: 3, mismatches: [] })
  const half = { x: ndarray([1, -2], [2, 1], 'bfloat16'), s: 3 }
  expect(checkGradients(cubes, half).agrees).toBe(true)
})

test('one that is wrong is told where, the worst first', () => {
  const gradient = () => ({ x: Float32Array.of(9, 30), s: -6 })
  const { agrees, checked, mismatches } = checkGradients(cubes, at, { gradient })
  expect([agrees, checked]).toStrictEqual([false, 3])
  expect(mismatches.map(({ path, given }) => [path, given])).toStrictEqual([
    ['.x[1]', 30],
    ['.s', -6]
  ])
  expect(mismatches.map(({ numeric }) => numeric)).toStrictEqual([expect.closeTo(36, 8), expect.closeTo(-7, 8)])
})

test('NaN is wrong, and the worst', () => {
  const gradient = () => ({ x: Float32Array.of(Number.NaN, 0), s: -7 })
  const { mismatches } = checkGradients(cubes, at, { gradient })
  expect(mismatches.map(({ path }) => path)).toEqual(['.x[0]', '.x[1]'])
})

test('the loss may be ordinary code on arrays; its params are left alone', () => {
  const x = Float32Array.of(1, 2, 3)
  const loss = ({ x }: { x: Float32Array | Float64Array }) => Array.from(x).reduce((total, v) => total + v * v, 0)
  const gradient = (p: { x: Float32Array }) => ({ x: p.x.map((v) => 2 * v) })
  expect(checkGradients(loss, { x }, { gradient })).toStrictEqual({ agrees: true, checked: 3, mismatches: [] })
  expect(x).toStrictEqual(Float32Array.of(1, 2, 3))
})

test('of large leaves some elements are checked, spread over them', () => {
  const x = new Float64Array(10_000).fill(1)
  const right = new Float64Array(10_000).fill(2)
  const wrong = right.map((v, i) => (i < 1000 ? v : 0))
  const loss = (v: Operand) => dot(v, v)
  expect(checkGradients(loss, x, { gradient: () => right })).toStrictEqual({
    agrees: true,
    checked: 64,
    mismatches: []
  })
  const found = checkGradients(loss, x, { gradient: () => wrong, maxElements: 10 })
  expect([found.checked, found.mismatches.length]).toStrictEqual([10, 9])
})

describe('misuse is refused', () => {
  test.each<readonly [string, () => unknown, Error]>([
    [
      'a loss that is no number',
      () => checkGradients((() => 'low') as never, at, { gradient: () => at }),
      new InvalidOption('checkGradients: f must give a number or a lazy scalar, got "low"')
    ],
    [
      'a gradient that does not fit',
      () => checkGradients(cubes, at, { gradient: () => ({ x: Float32Array.of(1), s: 1 }) }),
      new InvalidTree('checkGradients: gradient.x has shape [1], params has [2]')
    ],
    [
      'step',
      () => checkGradients(cubes, at, { step: 0 }),
      new InvalidOption('checkGradients: step must be a finite number > 0, got 0')
    ],
    [
      'rtol',
      () => checkGradients(cubes, at, { rtol: -1 }),
      new InvalidOption('checkGradients: rtol must be a finite number ≥ 0, got -1')
    ],
    [
      'maxElements',
      () => checkGradients(cubes, at, { maxElements: 0 }),
      new InvalidOption('checkGradients: maxElements must be a whole number ≥ 1, got 0')
    ],
    [
      'gradient',
      () => checkGradients(cubes, at, { gradient: 3 as never }),
      new InvalidOption('checkGradients: gradient must be a function, got 3')
    ]
  ])('%s', (_name, use, error) => {
    expect(use).toThrow(error)
  })
})
