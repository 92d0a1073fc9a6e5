import * as random from '@gradchain/core/random'
import { describe, expect, test } from 'vitest'
import { searchLaws } from '../internal/testing/laws.js'
import { search } from '../loop/search.js'
import { type DifferentialEvolutionOptions, differentialEvolution } from './differentialEvolution.js'

const wide = { lower: -8, upper: 8 }

describe('differentialEvolution obeys', () => {
  searchLaws({
    make: (bounds) => differentialEvolution({ populationSize: 4, bounds: bounds ?? wide }),
    makeAny: (bounds) => differentialEvolution({ bounds: bounds ?? wide }),
    isRankBased: true,
    isTranslated: true,
    isRandom: true,
    needs: wide
  })
})

type Point = readonly number[]

const squares = (...residuals: readonly number[]): number => residuals.reduce((total, r) => total + r * r, 0)
const rosenbrock = ([x = 0, y = 0]: Point): number => squares(10 * (y - x * x), 1 - x)
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number

// SciPy 1.17.1, defaults, bounds ±10, the median of three seeds.
test.each<readonly [string, Point, (x: Point) => number, number]>([
  ['rosenbrock', [-1.2, 1], rosenbrock, 3783],
  [
    'beale',
    [1, 1],
    ([x = 0, y = 0]) => squares(1.5 - x * (1 - y), 2.25 - x * (1 - y * y), 2.625 - x * (1 - y * y * y)),
    3573
  ],
  ['himmelblau', [0, 0], ([x = 0, y = 0]) => squares(x * x + y - 11, x + y * y - 7), 3033]
])('takes about as many evaluations as SciPy on %s, and finds the minimum', (_, start, f, evaluations) => {
  const strategy = differentialEvolution<Point>({ bounds: { lower: -10, upper: 10 }, updating: 'immediate' })
  const found = [0, 1, 2, 3, 4].map((key) => search(f, start, strategy, { key }))
  for (const { loss, reason } of found) {
    expect(reason).toBe('decrease')
    expect(loss).toBeLessThan(1e-9)
  }
  expect(median(found.map((one) => one.evaluations))).toBeLessThan(1.2 * evaluations)
})

test.each(['best1bin', 'best2bin', 'rand1bin', 'rand2exp', 'randtobest1bin', 'currenttobest1exp'] as const)(
  '%s finds the minimum',
  (strategy) => {
    const bounds = { lower: -5, upper: 5 }
    const found = search(rosenbrock, [0, 0], differentialEvolution<Point>({ bounds, strategy, initial: 'uniform' }), {
      key: 0,
      maxEvaluations: 30000
    })
    expect(found.loss).toBeLessThan(1e-4)
  }
)

test('the first population is the start and a latin hypercube', () => {
  const strategy = differentialEvolution<Point>({ bounds: { lower: [0, 10], upper: [1, 12] } })
  const [candidates] = strategy.ask(strategy.init([0.5, 11]), random.key(3))
  expect(candidates).toHaveLength(30)
  expect(candidates[0]).toStrictEqual([0.5, 11])
  for (const i of [0, 1]) {
    const layers = candidates.slice(1).map((x) => Math.floor((((x[i] as number) - 10 * i) / (1 + i)) * 30))
    // One layer gave its place to the start.
    expect(new Set(layers).size).toBe(29)
  }
})

test('a trial has an element of the mutant at least, and with recombination 0 just one', () => {
  const strategy = differentialEvolution<Point>({ bounds: { lower: 0, upper: 1 }, recombination: 0 })
  const n = 6
  let state = strategy.init(new Array<number>(n).fill(0.5))
  const [first, waiting] = strategy.ask(state, random.key(0))
  state = strategy.tell(
    waiting,
    first,
    first.map((_, i) => i)
  )
  const [trials] = strategy.ask(state, random.key(1))
  trials.forEach((trial, k) => {
    const changed = trial.filter((x, i) => Math.abs(x - (first[k]?.[i] as number)) > 1e-12)
    expect(changed.length).toBeLessThanOrEqual(1)
  })
  expect(trials.some((trial, k) => trial.some((x, i) => x !== first[k]?.[i]))).toBe(true)
})

test('the weight is drawn from its range anew for each generation', () => {
  const strategy = differentialEvolution<Point>({ bounds: wide, mutation: [0.25, 0.75] })
  let state = strategy.init([0, 0])
  const weights = new Set<number>()
  for (let t = 0; t < 8; t++) {
    const [candidates, waiting] = strategy.ask(state, random.key(t))
    state = strategy.tell(waiting, candidates, candidates.map(rosenbrock))
    if (t > 0) weights.add(state.inner.weight)
  }
  expect(weights.size).toBe(7)
  for (const weight of weights) {
    expect(weight).toBeGreaterThanOrEqual(0.25)
    expect(weight).toBeLessThanOrEqual(0.75)
  }
})

test('without finite bounds on both sides it does not begin', () => {
  const message = 'differentialEvolution: bounds must be finite numbers on both sides of each param, got less'
  expect(() => differentialEvolution({ bounds: { lower: 0 } }).init([1])).toThrow(message)
  expect(() => differentialEvolution({ bounds: {} }).init([1])).toThrow(message)
})

test.each<readonly [Partial<DifferentialEvolutionOptions>, string]>([
  [{ bounds: null as never }, 'differentialEvolution: bounds must be an object of lower and upper, got null'],
  [{ strategy: 'best' as never }, 'differentialEvolution: strategy must be one of "best1bin", "best1exp", '],
  [{ populationSize: 0 }, 'differentialEvolution: populationSize must be a whole number ≥ 1, got 0'],
  [{ mutation: 2 }, 'differentialEvolution: mutation must be in [0, 2) or a range in it, got 2'],
  [{ mutation: [1, 0.5] }, 'differentialEvolution: mutation must be in [0, 2) or a range in it, got [1, 0.5]'],
  [{ recombination: 1.1 }, 'differentialEvolution: recombination must be in [0, 1], got 1.1'],
  [{ tol: -1 }, 'differentialEvolution: tol must be a finite number ≥ 0, got -1'],
  [
    { initial: 'sobol' as never },
    'differentialEvolution: initial must be one of "latinHypercube", "uniform", got "sobol"'
  ],
  [{ updating: 'now' as never }, 'differentialEvolution: updating must be one of "deferred", "immediate", got "now"']
])('refuses %o', (options, message) => {
  expect(() => differentialEvolution({ bounds: wide, ...options })).toThrow(message)
})
