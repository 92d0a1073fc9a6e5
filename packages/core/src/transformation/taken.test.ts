import { expect, test } from 'vitest'
import { ndarray } from '../array/ndarray.js'
import type { Expr } from '../expression/expr.js'
import { lift } from '../expression/operations.js'
import { takeAlike, takeWide, takingOf } from './taken.js'

const of = {
  float32: lift(new Float32Array(1)) as Expr,
  float64: lift(new Float64Array(1)) as Expr,
  bfloat16: lift(ndarray([1], [1], 'bfloat16')) as Expr,
  float16: lift(ndarray([1], [1], 'float16')) as Expr
}
type Name = keyof typeof of
const names = Object.keys(of) as Name[]

test.each(names.flatMap((given) => names.map((other) => [given, other] as const)))('%s beside %s', (given, other) => {
  const [g, p] = [of[given], of[other]]
  expect(takeAlike(g, p)).toBe(given === other ? g : null)
  const isWide = given === 'float32' && (other === 'bfloat16' || other === 'float16')
  expect(takeWide(g, p)).toBe(given === other || isWide ? g : null)
  expect(takingOf(undefined)).toBe(takeAlike)
  const dtypeAs = (gradients: Name | 'params') => (takingOf(gradients)(g, p) as Expr).dtype
  expect(dtypeAs('params')).toBe(other === 'float64' ? 'float64' : 'float32')
  for (const wanted of names) expect(dtypeAs(wanted)).toBe(wanted)
})
