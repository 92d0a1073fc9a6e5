import { expect, test } from 'vitest'
import { type NdArray, ndarray } from '../array/ndarray.js'
import { withEngine } from '../engine/evaluate.js'
import { reference } from '../engine/reference.js'
import { InvalidOption, InvalidTree } from '../errors.js'
import type { Expr } from '../expression/expr.js'
import { add, lift, mul } from '../expression/operations.js'
import { force } from '../transformation/force.js'
import { dequantize } from './dequantize.js'
import { quantize } from './quantize.js'

const x = Float32Array.from({ length: 600 }, (_, i) => Math.fround((i % 37) - 18) / (1 + (i % 11)))

test('quantize gives words for each block, and dequantize an array of the form that it had', () => {
  const words = force(quantize(x, 'dynamic8')) as NdArray
  expect(words).toMatchObject({ dtype: 'bfloat16', shape: [3, 130] })
  expect(force(quantize(x, 'dynamic4'))).toMatchObject({ dtype: 'bfloat16', shape: [3, 66] })
  const back = force(dequantize(words, 'dynamic8', x)) as unknown as Float32Array
  expect(back).toBeInstanceOf(Float32Array)
  const matrix = ndarray(x, [20, 30])
  expect(force(dequantize(quantize(matrix, 'dynamic8'), 'dynamic8', matrix))).toStrictEqual(ndarray(back, [20, 30]))
})

test.each(['dynamic8', 'dynamic4', 'e4m3fn', 'e5m2'] as const)(
  '%s: in the middle of an expression both engines give the same bits',
  (format) => {
    const graph = (): unknown => {
      const y = dequantize(quantize(mul(x, 3), format), format, x)
      return force([add(y, 1), quantize(add(mul(0.9, y), mul(0.1, x)), format)])
    }
    expect(graph()).toStrictEqual(withEngine(reference, graph))
  }
)

test.each([
  [
    () => quantize(x, 'int8' as never),
    InvalidOption,
    'quantize: format must be one of "dynamic8", "dynamic4", "e4m3fn", "e5m2", got "int8"'
  ],
  [
    () => quantize(new Float64Array(3), 'dynamic8'),
    InvalidOption,
    'quantize: x must be an array of float32, got an array of float64'
  ],
  [() => quantize(3, 'dynamic8'), InvalidOption, 'quantize: x must be an array of float32, got 3'],
  [
    () => dequantize(x, 'dynamic8', x),
    InvalidTree,
    'dequantize: words must be bfloat16 of shape [3, 130], got float32 of shape [600]'
  ],
  [() => dequantize(2, 'dynamic8', x), InvalidTree, 'dequantize: words must be bfloat16 of shape [3, 130], got 2'],
  [() => dequantize(quantize(x, 'dynamic4'), 'dynamic8', x), InvalidTree, 'got bfloat16 of shape [3, 66]'],
  [
    () => dequantize(quantize(x, 'dynamic8'), 'dynamic8', 1),
    InvalidOption,
    'dequantize: like must be an array of float32, got 1'
  ],
  [() => dequantize(quantize(x, 'dynamic8'), 'dynamic5' as never, x), InvalidOption, 'dequantize: format must be']
] as const)('what does not fit is refused: %#', (run, kind, message) => {
  expect(run).toThrow(kind)
  expect(run).toThrow(message)
})

test('an expression is asked for its dtype, too', () => {
  const wide = lift(new Float64Array(2)) as Expr
  expect(() => quantize(mul(wide, 2), 'dynamic8')).toThrow('got an array of float64')
})
