import { add, exp, greater, log1p, mul, neg, type Operand, sub, tanh, type Value, where } from '@gradchain/core'
import { lifted } from './operands.js'

/** log(1 + eˣ) and log(1 + e⁻ˣ), elementwise: neither overflows. */
export const softplusPair = (x: Operand): readonly [Value, Value] => {
  const a = lifted(x)
  const isPositive = greater(a, 0)
  // −|x|, but with a slope at 0, where the two branches are one smooth function: all derivatives are right there.
  const bend = log1p(exp(where(isPositive, neg(a), a)))
  return [add(bend, where(isPositive, a, 0)), add(bend, where(isPositive, 0, neg(a)))]
}

/** 1 / (1 + e⁻ˣ), elementwise. */
export const sigmoid = (x: Operand): Value => add(0.5, mul(0.5, tanh(mul(0.5, lifted(x)))))

/** y a + (1 − y) b. */
export const between = (y: Value, a: Value, b: Value): Value => add(mul(y, a), mul(sub(1, y), b))
