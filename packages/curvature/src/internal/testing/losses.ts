import { add, mul, type Operand, square, sub, sum, type Value } from '@gradchain/core'
import type { ObjectiveExtra } from '../objective.js'

/** Two numbers as params of two leaves. */
export type Pair = { readonly x: Float64Array; readonly y: Float64Array }

/** Rosenbrock's banana, on leaves of any length. */
export const rosenbrock = {
  valueFn: ({ x, y }: { readonly x: Operand; readonly y: Operand }): Value =>
    sum(add(square(sub(1, x)), mul(100, square(sub(y, square(x))))))
}

/** From where it is usually begun. */
export const banana = (): Pair => ({ x: Float64Array.of(-1.2), y: Float64Array.of(1) })

/** Σ f(w), with the derivative of f, as a user's own function of arrays. */
export const separable = (f: (w: number) => number, df: (w: number) => number): ObjectiveExtra => ({
  valueAndGradFn: ({ w }: { readonly w: Float64Array }) => [w.reduce((total, x) => total + f(x), 0), { w: w.map(df) }]
})
