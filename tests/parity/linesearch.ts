import {
  lbfgs,
  type ScaleByBacktrackingLinesearchState,
  type ScaleByZoomLinesearchState,
  scaleByBacktrackingLinesearch,
  scaleByZoomLinesearch
} from '@gradchain/curvature'
import {
  type AnyGradientTransformation,
  add,
  chain,
  mul,
  type Operand,
  scale,
  square,
  sub,
  sum,
  trace,
  type Value
} from 'gradchain'

/** The params of a problem. */
type Params = Readonly<Record<string, Operand>>

const zoom = () => chain(scale(-1), scaleByZoomLinesearch(30))

/** Ours for each name in `generate_linesearch.py`, and for a problem where there is one name for several of them. */
export const searches: Readonly<Record<string, (expression: string) => AnyGradientTransformation>> = {
  lbfgs: () => lbfgs(),
  'lbfgs/memory': (expression) => lbfgs({ memorySize: expression.includes('memory_size=2') ? 2 : 1 }),
  'lbfgs/unscaled': () => lbfgs({ scaleInitPrecond: false }),
  'lbfgs/rate': () => lbfgs({ learningRate: 0.1 }),
  'lbfgs/backtracking': () => lbfgs({ linesearch: scaleByBacktrackingLinesearch(30, { storeGrad: true }) }),
  zoom,
  'zoom/all': () =>
    chain(
      scale(-0.01),
      scaleByZoomLinesearch(30, {
        maxLearningRate: 2,
        tol: 1e-3,
        increaseFactor: 1.5,
        slopeRtol: 0.01,
        curvRtol: 0.3,
        approxDecRtol: null,
        stepsizePrecision: 1e-4,
        initialGuessStrategy: 'one'
      })
    ),
  backtracking: () => chain(scale(-1), scaleByBacktrackingLinesearch(60)),
  'backtracking/all': () =>
    chain(
      trace(0.5),
      scale(-1),
      scaleByBacktrackingLinesearch(60, {
        slopeRtol: 0.3,
        decreaseFactor: 0.6,
        increaseFactor: 2,
        maxLearningRate: 0.5,
        atol: 1e-3,
        rtol: 1e-3,
        storeGrad: true
      })
    )
}

/** A leaf of some params. */
const leaf = (params: Params, name: string): Operand => {
  const found = params[name]
  if (found === undefined) throw new Error(`the problem has no leaf ${name}`)
  return found
}

const total = (...terms: readonly Value[]): Value => sum(terms.reduce<Value>((all, term) => add(all, term), 0))

const rosenbrock = (params: Params): Value => {
  const [x, y] = [leaf(params, 'x'), leaf(params, 'y')]
  return total(square(sub(1, x)), mul(100, square(sub(y, square(x)))))
}

const powellSingular = (params: Params): Value => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => leaf(params, name)) as [Operand, Operand, Operand, Operand]
  return total(
    square(add(a, mul(10, b))),
    mul(5, square(sub(c, d))),
    square(square(sub(b, mul(2, c)))),
    mul(10, square(square(sub(a, d))))
  )
}

const wood = (params: Params): Value => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => leaf(params, name)) as [Operand, Operand, Operand, Operand]
  return total(
    mul(100, square(sub(b, square(a)))),
    square(sub(1, a)),
    mul(90, square(sub(d, square(c)))),
    square(sub(1, c)),
    mul(10, square(sub(add(b, d), 2))),
    mul(0.1, square(sub(b, d)))
  )
}

const beale = (params: Params): Value => {
  const [x, y] = [leaf(params, 'x'), leaf(params, 'y')]
  return total(
    square(sub(1.5, mul(x, sub(1, y)))),
    square(sub(2.25, mul(x, sub(1, square(y))))),
    square(sub(2.625, mul(x, sub(1, mul(y, square(y))))))
  )
}

const himmelblau = (params: Params): Value => {
  const [x, y] = [leaf(params, 'x'), leaf(params, 'y')]
  return total(square(sub(add(square(x), y), 11)), square(sub(add(x, square(y)), 7)))
}

const variablyDimensioned = (params: Params): Value => {
  const x = leaf(params, 'x')
  // Weights of float64 would make the products so.
  const weights = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
  const isNarrow = x instanceof Float32Array || (typeof x === 'object' && 'dtype' in x && x.dtype === 'float32')
  const s = sum(mul(isNarrow ? Float32Array.from(weights) : Float64Array.from(weights), sub(x, 1)))
  return add(sum(square(sub(x, 1))), add(square(s), square(square(s))))
}

/** The losses of `PROBLEMS`. */
export const problems: Readonly<Record<string, (params: Params) => Value>> = {
  rosenbrock,
  rosenbrock_10: rosenbrock,
  powell_singular: powellSingular,
  powell_singular_12: powellSingular,
  wood,
  beale,
  himmelblau,
  variably_dimensioned: variablyDimensioned
}

/** The state of a search, which comes last in its chain. */
export const searchIn = (state: unknown): ScaleByZoomLinesearchState | ScaleByBacktrackingLinesearchState =>
  (state as readonly ScaleByZoomLinesearchState[]).at(-1) as ScaleByZoomLinesearchState
