import { expect, test } from 'vitest'
import { Kind } from '../array/dtype.js'
import { ndarray } from '../array/ndarray.js'
import { Expr } from '../expression/expr.js'
import { Op } from '../expression/op.js'
import { add, cast, dot, lift, mul, sum, where } from '../expression/operations.js'
import type { Pass } from './plan.js'
import { Code, instructionsOf, programOf, scalarOf } from './program.js'

const passOf = (outputs: readonly unknown[], reductions: readonly unknown[] = []): Pass => ({
  size: 3,
  domain: null,
  outputs: outputs as Expr[],
  reductions: reductions as Expr[]
})
const x = (): Float32Array => Float32Array.of(1, 2, 3)
const written = (pass: Pass): readonly (readonly unknown[])[] =>
  instructionsOf(programOf(pass).code).map(({ op, kind, operands }) => [op, kind, ...operands])

test('what computes an array, operands before what uses them, then its store', () => {
  const [a, b] = [lift(x()), lift(x())]
  expect(written(passOf([mul(add(a, b), 0.5)]))).toStrictEqual([
    [Code.Input, Kind.F32],
    [Code.Input, Kind.F32],
    [Op.Add, Kind.F32, 0, 1],
    [Code.Scalar, Kind.F32],
    [Op.Mul, Kind.F32, 2, 3],
    [Code.Output, Kind.F32, 4]
  ])
})

test('what is used twice is computed once, and one array is one input', () => {
  const data = x()
  const [a, again] = [lift(data) as Expr, lift(data) as Expr]
  const square = mul(a, again)
  const program = programOf(passOf([add(square, square), square]))
  expect(instructionsOf(program.code).map(({ op, operands }) => [op, ...operands])).toStrictEqual([
    [Code.Input],
    [Op.Mul, 0, 0],
    [Op.Add, 1, 1],
    [Code.Output, 2],
    [Code.Output, 1]
  ])
  expect(program.inputs).toHaveLength(1)
  expect(program.inputs[0]).toBe(a)
  // Leaves over the same array are known, so that either may be exchanged.
  expect(program.twins).toHaveLength(a === again ? 0 : 1)
  expect(program.twinOf).toHaveLength(program.twins.length)
})

test('the same bits under another dtype are another input', () => {
  const bits = new Uint16Array(3)
  const half = { dtype: 'float16', shape: [3], data: bits } as const
  const brain = { dtype: 'bfloat16', shape: [3], data: bits } as const
  const { inputs } = programOf(passOf([add(half, brain)]))
  expect(inputs.map(({ kind }) => kind)).toStrictEqual([Kind.F16, Kind.BF16])
})

test('reductions come first, and are no registers', () => {
  const [a, b] = [lift(x()), lift(x())]
  expect(written(passOf([add(a, 1)], [dot(a, b), sum(a)]))).toStrictEqual([
    [Code.Input, Kind.F32],
    [Code.Input, Kind.F32],
    [Op.Dot, Kind.Scalar, 0, 1],
    [Op.Sum, Kind.Scalar, 0],
    [Code.Scalar, Kind.F32],
    [Op.Add, Kind.F32, 0, 2],
    [Code.Output, Kind.F32, 3]
  ])
})

test('a scalar is known by its user and its place, and is no part of the code', () => {
  const a = lift(x()) as Expr
  const programs = [0.1, 7].map((value) => programOf(passOf([where(a, value, mul(a, value))])))
  expect(programs[0]?.code).toStrictEqual(programs[1]?.code)
  const scalars = programs.map(({ users, places }) => users.map((user, i) => scalarOf(user, places[i] as number)))
  expect(scalars).toStrictEqual([
    [0.1, 0.1],
    [7, 7]
  ])
})

test.each([
  [Kind.F64, 0.1, 0.1],
  [Kind.F32, 0.1, 0.1],
  [Kind.BF16, 1.001, 1],
  [Kind.F16, 65520, Infinity]
])('a scalar beside kind %i: %d is %d', (kind, given, expected) => {
  const user = new Expr(Op.Where, kind, null, 3, 1, 2, given)
  expect(scalarOf(user, 2)).toBe(expected)
})

test('one program does not hold on to the arrays of the one before', () => {
  const first = programOf(passOf([add(x(), 1)]))
  const second = programOf(passOf([cast(ndarray([1, 2, 3], [3], 'bfloat16'), 'float32')]))
  expect([first.inputs, second.inputs].map((inputs) => inputs.length)).toStrictEqual([1, 1])
  expect(first.inputs[0]).not.toBe(second.inputs[0])
})
