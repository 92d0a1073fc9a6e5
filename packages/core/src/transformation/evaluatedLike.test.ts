import { expect, test } from 'vitest'
import * as tree from '../algebra/index.js'
import { ndarray } from '../array/ndarray.js'
import { grad } from '../derivatives/grad.js'
import { InvalidTree } from '../errors.js'
import { Expr, type Operand } from '../expression/expr.js'
import { mul, sum, sumSquares } from '../expression/operations.js'
import { evaluatedLike } from './evaluatedLike.js'
import { force } from './force.js'

const halved = <P>(params: P) => evaluatedLike('halved', params, (p) => tree.scale(0.5, p))

test('arrays and numbers give arrays and numbers of the same form and dtype, which are nobody else’s', () => {
  const params = { w: Float32Array.of(1, 2), n: 3, m: ndarray([2, 4], [1, 2], 'bfloat16'), none: null }
  const found = halved(params)
  expect(found).toStrictEqual({
    w: Float32Array.of(0.5, 1),
    n: 1.5,
    m: ndarray([1, 2], [1, 2], 'bfloat16'),
    none: null
  })
  const same = evaluatedLike('same', params, (p) => p)
  expect(same).toStrictEqual(params)
  expect(same.w).not.toBe(params.w)
  expect(same.m.data).not.toBe(params.m.data)
})

test('expressions give expressions, and so do arrays within a function that is being differentiated', () => {
  const lazy = halved({ w: mul(1, Float32Array.of(4)) })
  expect(lazy.w).toBeInstanceOf(Expr)
  expect(force(lazy as never)).toStrictEqual({ w: Float32Array.of(2) })
  expect(grad((x: Operand) => sumSquares(halved(x)))(Float32Array.of(4, 2))).toStrictEqual(Float32Array.of(2, 1))
  const scaleOf = (s: Operand) => sum(evaluatedLike('scaled', Float64Array.of(3, 4), (x) => mul(s, x as Expr)))
  expect(grad(scaleOf)(2)).toBe(7)
})

test('what is no tree of arrays is refused by the name of the function', () => {
  expect(() => halved({ w: 'x' } as never)).toThrow(InvalidTree)
  expect(() => halved({ w: 'x' } as never)).toThrow('halved: params.w is "x"; a leaf must be')
})
