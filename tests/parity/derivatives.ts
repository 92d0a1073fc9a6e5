// Our losses and optimizers for the rows of `generate_derivatives.py`, by their names.
import {
  type AnyGradientTransformation,
  abs,
  add,
  addDecayedWeights,
  atan2,
  broadcast,
  cast,
  chain,
  clipByGlobalNorm,
  cos,
  div,
  dot,
  erf,
  exp,
  floor,
  less,
  log,
  log1p,
  max,
  maxOf,
  mean,
  min,
  minOf,
  mul,
  ndarray,
  neg,
  norm,
  type Operand,
  opaque,
  pow,
  rsqrt,
  scale,
  scaleByAdam,
  scaleByLion,
  scaleByRms,
  scaleBySchedule,
  sign,
  sin,
  sqrt,
  square,
  sub,
  sum,
  sumSquares,
  tanh,
  trace,
  type Value,
  where
} from 'gradchain'

/** A loss of a vector of three. */
export type Loss = (x: Operand) => Value

const summed =
  (f: (x: Operand) => Value): Loss =>
  (x) =>
    sum(f(x))
const powers = (n: number): Loss => summed((x) => pow(x, n))

const SHAPE = [3, 3]
const matrix = ndarray(
  Float64Array.from({ length: 9 }, (_, i) => i - 3.5),
  SHAPE
)
/** The elements in another shape. */
const shaped = (x: Operand, shape: readonly number[], before: readonly number[]): Value =>
  opaque(({ data }) => data.slice(), [x], { dtype: 'float64', shape }, { vjp: (dy) => [shaped(dy, before, shape)] })
const alongRows = (x: Operand): Value => mul(matrix, broadcast(shaped(x, [1, 3], [3]), SHAPE))
const alongColumns = (x: Operand): Value => mul(matrix, broadcast(shaped(x, [3, 1], [3]), SHAPE))
const reversed = (x: Operand): Value =>
  opaque(({ data }) => data.slice().reverse(), [x], { like: x }, { vjp: (dy) => [reversed(dy)] })
const first = (x: Operand): Value => dot(x, Float64Array.of(1, 0, 0))
const positive = (x: Operand): Value => less(0, x)
const shifted = (x: Operand): Value => exp(sub(x, maxOf(x)))

/** The losses. */
export const functions: Readonly<Record<string, Loss>> = {
  'sum of squares': (x) => sumSquares(x),
  'add, sub, mul, div': summed((x) => div(mul(add(x, 2), sub(x, 3)), add(mul(x, x), 1))),
  neg: summed((x) => mul(neg(x), first(x))),
  abs: summed(abs),
  'abs cubed': summed((x) => pow(abs(x), 3)),
  sqrt: summed(sqrt),
  'sqrt at 0': summed(sqrt),
  rsqrt: summed(rsqrt),
  norm: (x) => norm(x),
  exp: summed(exp),
  log: summed(log),
  log1p: summed(log1p),
  tanh: summed(tanh),
  'sin and cos': summed((x) => mul(sin(x), cos(mul(2, x)))),
  erf: summed(erf),
  floor: summed((x) => mul(floor(x), x)),
  comparison: summed((x) => mul(less(x, 1), x)),
  sign: summed((x) => mul(sign(x), x)),
  'max with a number': summed((x) => square(max(x, 1))),
  'min of two': summed((x) => mul(min(x, reversed(x)), x)),
  relu: summed((x) => max(x, 0)),
  clip: summed((x) => mul(min(max(x, -1), 1), x)),
  largest: (x) => square(maxOf(x)),
  smallest: (x) => pow(minOf(x), 3),
  'pow 2': powers(2),
  'pow 3': powers(3),
  'pow 7': powers(7),
  'pow -1': powers(-1),
  'pow -3': powers(-3),
  'pow 70': powers(70),
  'pow 1.5': powers(1.5),
  'pow 2.5 at 0': powers(2.5),
  'pow 0.5 at 0': powers(0.5),
  'pow of a negative base': powers(1.5),
  'power by the exponent': summed((x) => pow(Float64Array.of(2, 0.5, 3), x)),
  'angle by both': summed((x) => atan2(sin(x), add(x, 0.25))),
  'power by both': summed((x) => pow(x, x)),
  'power of 0 by the exponent': summed((x) => pow(new Float64Array(3), x)),
  where: summed((x) => where(less(0.5, x), sin(x), mul(x, x))),
  // Where JAX needs its `where` twice, ours will do with one.
  'double where': summed((x) => where(positive(x), mul(x, log(x)), 0)),
  huber: summed((x) => where(less(abs(x), 1), mul(0.5, mul(x, x)), sub(abs(x), 0.5))),
  rows: (x) => sumSquares(sum(alongRows(x), [1])),
  columns: (x) => sum(pow(mean(alongColumns(x), [0]), 3)),
  'largest of rows': (x) => sumSquares(maxOf(alongRows(x), [1])),
  'smallest of columns': (x) => sumSquares(minOf(alongRows(x), [0])),
  dot: (x) => dot(x, sin(x)),
  softmax: (x) => sum(mul(div(shifted(x), sum(shifted(x))), Float64Array.of(0, 1, 2))),
  'log-sum-exp': (x) => add(maxOf(x), log(sum(shifted(x)))),
  'clipping by norm': (x) => sum(mul(mul(x, min(1, div(1, norm(x)))), Float64Array.of(1, 2, 3))),
  standardised: (x) => {
    const centred = sub(x, mean(x))
    return sum(pow(div(centred, sqrt(add(mean(square(centred)), 1e-5))), 3))
  },
  bfloat16: (x) => sumSquares(cast(cast(x, 'bfloat16'), 'float64')),
  float32: (x) => sum(sin(cast(cast(x, 'float32'), 'float64')))
}

/** The loss whose minimum the optimizers look for. */
export const loss: Loss = (x) => add(sum(mul(Float64Array.of(1, 10, 0.5), mul(x, x))), sum(sin(mul(3, x))))

/** The optimizers, out of a hyperparameter that is an expression. */
export const optimizers: Readonly<Record<string, (h: Value) => AnyGradientTransformation>> = {
  sgd: (h) => scale(neg(h)),
  momentum: (h) => chain(trace(0.9, { nesterov: true }), scale(neg(h))),
  adam: (h) => chain(scaleByAdam(), scale(neg(h))),
  'clipped adam with decay': (h) => chain(clipByGlobalNorm(0.5), scaleByAdam(), addDecayedWeights(0.01), scale(neg(h))),
  rmsprop: (h) => chain(scaleByRms({ decay: 0.5 }), scale(neg(h))),
  lion: (h) => chain(scaleByLion(), scale(neg(h))),
  'a schedule of it': (h) =>
    chain(
      trace(0.5),
      scale(neg(h)),
      scaleBySchedule((t) => 1 / (1 + t))
    )
}
