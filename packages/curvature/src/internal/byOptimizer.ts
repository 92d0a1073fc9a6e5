import { type AnyGradientTransformation, applyUpdates, definitionOf, type Leaf, type Tree } from '@gradchain/core'
import type { MinimizeMethod, MinimizePoint, MinimizeProblem } from '../minimize/method.js'
import { largestOf, minus, times } from './vectors.js'

/** An optimizer and its state as a method: a step is an update, with all extra arguments that a search along a line may ask for. */
export const byOptimizer = (tx: AnyGradientTransformation): MinimizeMethod => {
  definitionOf('minimize', tx)
  return {
    name: 'optimizer',
    start: (problem, first) => tx.init(problem.paramsOf(first.x)),
    next: (problem, point, state) => {
      const params = problem.paramsOf(point.x)
      const tried: MinimizePoint[] = []
      const extra = extraOf(problem, point, tried)
      const [updates, next] = tx.update(gradientOf(problem, point), state, params, extra)
      const x = problem.vectorOf(applyUpdates(params, updates as never) as Tree)
      if (largestOf(minus(x, point.x)) === 0) return { point, state: next, stop: 'lineSearch' }
      const there = tried.find((trial) => largestOf(minus(trial.x, x)) === 0) ?? problem.at(x)
      return there === null ? { point, state: next, stop: 'notFinite' } : { point: there, state: next, stop: null }
    }
  }
}

/** Where an optimizer looks is remembered: mostly it goes to one of these places. */
const extraOf = (problem: MinimizeProblem, point: MinimizePoint, tried: MinimizePoint[]): object => {
  const at = (params: Tree): MinimizePoint | null => {
    const there = problem.at(problem.vectorOf(params))
    if (there !== null) tried.push(there)
    return there
  }
  return {
    value: point.value * problem.scale,
    grad: gradientOf(problem, point),
    valueFn: (params: Tree): number => (at(params)?.value ?? Number.NaN) * problem.scale,
    valueAndGradFn: (params: Tree): readonly [number, Tree<Leaf>] => {
      const there = at(params)
      return [(there?.value ?? Number.NaN) * problem.scale, gradientOf(problem, there)]
    },
    gradFn: (params: Tree): Tree<Leaf> => gradientOf(problem, at(params)),
    hvp: (v: Tree): Tree<Leaf> => problem.paramsOf(times(problem.scale, problem.product(point, problem.vectorOf(v))))
  }
}

/** The gradient of f itself, NaN where a trial has failed. */
const gradientOf = (problem: MinimizeProblem, point: MinimizePoint | null): Tree<Leaf> =>
  problem.paramsOf(times(problem.scale, point?.gradient ?? new Float64Array(problem.size).fill(Number.NaN)))
