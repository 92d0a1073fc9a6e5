import { Expr, hvp, InvalidOption, type Leaf, show, type Tree, type Value } from '@gradchain/core'
import type { MinimizePoint, MinimizeProblem } from '../minimize/method.js'
import { layoutOf } from './layout.js'
import { objectiveOf } from './objective.js'
import { powerOfTwo } from './powerOfTwo.js'
import { largestOf } from './vectors.js'

/** A function that is minimized, which counts how often it is asked, and knows where it was lowest. */
export interface CountedProblem extends MinimizeProblem {
  /** What there is at the start, finite or not. */
  readonly start: { readonly params: Tree<Leaf>; readonly value: number; readonly gradient: Tree<Leaf> }
  /** The start as a point; `null` where something is NaN or infinite. */
  readonly first: MinimizePoint | null
  /** The lowest of all points so far. */
  readonly best: () => MinimizePoint | null
  /** Whether there may be no more evaluations. */
  readonly isSpent: () => boolean
  /** How often it was asked. */
  readonly calls: () => { readonly values: number; readonly gradients: number; readonly products: number }
}

type Loss = (params: Tree) => unknown
type Product = ((params: Tree<Leaf>, v: Tree<Leaf>) => Tree) | undefined

/** What `minimize` is given as a problem. */
export const countedProblem = (f: Loss, x0: Tree, product: Product, most: number): CountedProblem => {
  const layout = layoutOf(x0)
  const params = layout.write(layout.read(x0))
  const given = f(layout.write(layout.read(x0)))
  const isPair = Array.isArray(given)
  const objective = objectiveOf('minimize', isPair ? { valueAndGradFn: afterFirst(f, given) } : { valueFn: lazily(f) })
  let best: MinimizePoint | null = null
  let products = 0

  let scale = 1

  const evaluated = (x: Float64Array) => {
    const there = layout.write(x)
    const { value, grad, hasFailed } = objective.at(there)
    const gradient = layout.read(grad)
    // The first evaluation says how large numbers are.
    if (objective.calls().values === 1 && !hasFailed) scale = scaleOf(value, gradient)
    const point = hasFailed
      ? null
      : { x: layout.read(there), value: value / scale, gradient: gradient.map((g) => g / scale) }
    if (point !== null && (best === null || point.value < best.value)) best = point
    return { point, value, grad }
  }
  const isSpent = (): boolean => objective.calls().values >= most
  const start = evaluated(layout.read(x0))
  const asked = product ?? (isPair ? null : (p: Tree<Leaf>, v: Tree<Leaf>) => hvp(f as (params: Tree) => Value)(p, v))

  return {
    size: layout.size,
    precision: layout.precision,
    scale,
    start: { params, value: start.value, gradient: start.grad },
    first: start.point,
    best: () => best,
    isSpent,
    calls: () => ({ ...objective.calls(), products }),
    at: (x) => (isSpent() || !(largestOf(x) < Infinity) ? null : evaluated(x).point),
    product: ({ x }, v) => {
      if (asked === null) {
        throw new InvalidOption(
          'minimize: hvp must be given, where f is a function of arrays and the method asks for its Hessian'
        )
      }
      products += 1
      const image = asked(layout.write(x), layout.write(v))
      return layout.read(image, 'minimize: hvp(params, v)').map((h) => h / scale)
    },
    paramsOf: layout.write,
    vectorOf: layout.read
  }
}

/** The power of two that brings the largest element of a gradient to 1 … 2; 1 where f itself would overflow. */
const scaleOf = (value: number, gradient: Float64Array): number => {
  const largest = largestOf(gradient)
  const scale = largest === 0 ? 1 : powerOfTwo(largest)
  return Number.isFinite(value / scale) ? scale : 1
}

/** A function of arrays whose first result is there already. */
const afterFirst = (f: Loss, first: unknown): ((params: Tree<Leaf>) => readonly [Value, Tree]) => {
  let isFirst = true
  return (params) => {
    const given = isFirst ? first : f(params)
    isFirst = false
    return given as readonly [Value, Tree]
  }
}

const lazily =
  (f: Loss) =>
  (params: Tree): Value => {
    const value = f(params)
    if (value instanceof Expr && value.isScalar) return value
    const found = typeof value === 'number' ? `the number ${show(value)}, which depends on no param` : show(value)
    throw new InvalidOption(
      `minimize: f must give a lazy scalar, such as sum(x), or a pair [value, gradient], got ${found}`
    )
  }
