import { readFileSync } from 'node:fs'
import { cosPi } from '@gradchain/core/numbers'
import * as random from '@gradchain/core/random'
import { describe, expect, test } from 'vitest'
import { constantsOf, limitsOf } from '../internal/cma/constants.js'
import { searchLaws } from '../internal/testing/laws.js'
import { search } from '../loop/search.js'
import { type CmaEsOptions, cmaEs } from './cmaEs.js'
import { sepCmaEs } from './sepCmaEs.js'

interface Constants {
  readonly n: number
  readonly popsize: number
  readonly mu: number
  readonly mueff: number
  readonly c1: number
  readonly cmu: number
  readonly cc: number
  readonly chi: number
  readonly cs: number
  readonly damps: number
  readonly weights: readonly number[]
  readonly maxiter: number
  readonly tolstagnation: number
}

type Name =
  | 'sphere'
  | 'ellipsoid'
  | 'cigar'
  | 'tablet'
  | 'evenPowers'
  | 'rosenbrock'
  | 'boundedSphere'
  | 'rastriginIpop'
  | 'rastriginBipop'

/** Written by golden.py, with pycma 4.5.0. */
interface Golden {
  readonly constants: readonly Constants[]
  readonly larger: readonly {
    readonly n: number
    readonly popsize: number
    readonly damps: number
    readonly last: number
  }[]
  readonly separable: {
    readonly n: number
    readonly popsize: number
    readonly c1: number
    readonly cmu: number
    readonly cc: number
  }
  readonly evaluations: Readonly<Record<Name | 'separableEllipsoid', readonly number[]>>
}

const golden = JSON.parse(readFileSync(new URL('./golden.json', import.meta.url), 'utf8')) as Golden

describe('cmaEs obeys', () => {
  searchLaws({
    make: (bounds) => cmaEs({ bounds }),
    makeAny: (bounds) => cmaEs({ bounds, sigma: 0.3 }),
    isRankBased: true,
    isTranslated: true,
    isRandom: true
  })
})

describe('sepCmaEs obeys', () => {
  searchLaws({
    make: (bounds) => sepCmaEs({ bounds }),
    makeAny: (bounds) => sepCmaEs({ bounds, sigma: 0.3 }),
    isRankBased: true,
    isTranslated: true,
    isRandom: true
  })
})

test.each(golden.constants)('the constants for $n elements are those of pycma', (wanted) => {
  const found = constantsOf(wanted.n, wanted.popsize, false, true)
  const limits = limitsOf(wanted.n, null)
  const near = (a: number, b: number): void =>
    expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-14 * Math.max(1, Math.abs(b)))
  expect(found.mu).toBe(wanted.mu)
  near(found.muEff, wanted.mueff)
  near(found.c1, wanted.c1)
  near(found.cMu, wanted.cmu)
  near(found.cc, wanted.cc)
  near(found.cs, wanted.cs)
  near(found.damping, wanted.damps)
  near(found.chi, wanted.chi)
  expect(found.weights).toHaveLength(wanted.weights.length)
  found.weights.forEach((w, i) => near(w, wanted.weights[i] as number))
  expect(limits.maxIterations).toBe(wanted.maxiter)
  expect(limits.stagnation).toBe(wanted.tolstagnation)
})

test.each(golden.larger)('the damping of a population of $popsize for $n elements is that of pycma', (wanted) => {
  const found = constantsOf(wanted.n, wanted.popsize, false, true)
  expect(found.damping).toBeCloseTo(wanted.damps, 12)
  expect(found.weights[wanted.popsize - 1]).toBeCloseTo(wanted.last, 12)
})

test('the constants of a diagonal covariance are those of pycma', () => {
  const { n, popsize, c1, cmu, cc } = golden.separable
  const found = constantsOf(n, popsize, true, true)
  expect(found.c1).toBeCloseTo(c1, 14)
  expect(found.cMu).toBeCloseTo(cmu, 14)
  expect(found.cc).toBeCloseTo(cc, 14)
})

type Point = readonly number[]

const sum = (x: Point, f: (t: number, i: number) => number): number => x.reduce((total, t, i) => total + f(t, i), 0)
const scale = (i: number): number =>
  [
    1, 4.641588833612779, 21.544346900318832, 100, 464.1588833612777, 2154.4346900318824, 1e4, 46415.88833612773,
    215443.46900318822, 1e6
  ][i] as number
const power = (x: number, p: number): number => {
  let value = 1
  for (let i = 0; i < p; i++) value *= x
  return value
}

const ellipsoid = (x: Point): number => sum(x, (t, i) => scale(i) * t * t)
const rastrigin = (x: Point): number => sum(x, (t) => 10 + t * t - 10 * cosPi(2 * t))

interface Case {
  readonly f: (x: Point) => number
  readonly start: Point
  readonly target: number
  readonly options: CmaEsOptions
}

const tens = (x: number): Point => new Array<number>(10).fill(x)
const fives = (x: number): Point => new Array<number>(5).fill(x)

const cases: Readonly<Record<Name, Case>> = {
  sphere: { f: (x) => sum(x, (t) => t * t), start: tens(1), target: 1e-9, options: {} },
  ellipsoid: { f: ellipsoid, start: tens(1), target: 1e-9, options: {} },
  cigar: { f: (x) => sum(x, (t, i) => (i === 0 ? 1 : 1e6) * t * t), start: tens(1), target: 1e-9, options: {} },
  tablet: { f: (x) => sum(x, (t, i) => (i === 0 ? 1e6 : 1) * t * t), start: tens(1), target: 1e-9, options: {} },
  evenPowers: { f: (x) => sum(x, (t, i) => power(t, i < 5 ? 2 : 6)), start: tens(1), target: 1e-9, options: {} },
  rosenbrock: {
    f: (x) =>
      sum(x.slice(1), (t, i) => {
        const before = x[i] as number
        return 100 * (t - before * before) * (t - before * before) + (1 - before) * (1 - before)
      }),
    start: fives(0),
    target: 1e-9,
    options: {}
  },
  boundedSphere: {
    f: (x) => sum(x, (t) => (t - 1) * (t - 1)),
    start: fives(0.5),
    target: 1e-9,
    options: { sigma: 0.3, bounds: { lower: 0, upper: 1 } }
  },
  rastriginIpop: { f: rastrigin, start: fives(3), target: 1e-6, options: { sigma: 2, restarts: 9 } },
  rastriginBipop: {
    f: rastrigin,
    start: fives(3),
    target: 1e-6,
    options: { sigma: 2, restarts: 9, restartWith: 'bipop' }
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number

test.each(Object.keys(cases) as Name[])('takes about as many evaluations as pycma on %s, over seeds', (name) => {
  const { f, start, target, options } = cases[name]
  const seeds = name.startsWith('rastrigin') ? 2 : 5
  const ours = Array.from({ length: seeds }, (_, seed) => {
    const found = search(f, start, cmaEs(options), { key: seed, maxEvaluations: 200000, target })
    expect(found.reason).toBe('target')
    return found.evaluations
  })
  const theirs = golden.evaluations[name]
  if (seeds === 5) expect(median(ours)).toBeLessThanOrEqual(1.15 * median(theirs))
  else expect(Math.max(...ours)).toBeLessThanOrEqual(1.5 * Math.max(...theirs))
})

test('sepCmaEs takes about as many evaluations as pycma with a diagonal covariance, a third of those with a full one', () => {
  const ours = Array.from(
    { length: 3 },
    (_, seed) => search(ellipsoid, tens(1), sepCmaEs(), { key: seed, target: 1e-9, maxEvaluations: 20000 }).evaluations
  )
  expect(median(ours)).toBeLessThanOrEqual(1.15 * median(golden.evaluations.separableEllipsoid))
})

test('a step without information halves σ, and trials that fail have no part in the mean', () => {
  const strategy = cmaEs<Point>()
  const [candidates, waiting] = strategy.ask(strategy.init([1, 1]), random.key(0))
  const state = strategy.tell(
    waiting,
    candidates,
    candidates.map(() => NaN)
  )
  expect(state.inner.distribution.sigma).toBe(0.25)
  expect(state.inner.distribution.mean).toStrictEqual([1, 1])

  const one = strategy.tell(
    waiting,
    candidates,
    candidates.map((_, i) => (i === 3 ? 1 : NaN))
  )
  const [x, y] = candidates[3] as readonly [number, number]
  expect(one.inner.distribution.mean[0]).toBeCloseTo(x, 12)
  expect(one.inner.distribution.mean[1]).toBeCloseTo(y, 12)
})

test.each<readonly [string, (x: Point) => number, CmaEsOptions, string]>([
  ['a sphere', (x) => sum(x, (t) => t * t), {}, 'decrease'],
  ['a constant', () => 3, {}, 'flat'],
  ['a slope', ([x = 0, y = 0]) => x + 2 * y, {}, 'diverged'],
  [
    'a sphere, without looking at losses',
    (x) => sum(x, (t) => t * t),
    { tolFun: 0, tolFunHist: 0, tolX: 1e-5 },
    'step'
  ],
  [
    'a valley too thin to be drawn from',
    ([x = 0, y = 0]) => 1e18 * x * x + y * y,
    { tolFun: 0, tolFunHist: 0, tolX: 0 },
    'condition'
  ]
])('says why it stops on %s', (_, f, options, reason) => {
  const found = search(f, [1, 1], cmaEs(options), { key: 2, maxEvaluations: 50000 })
  expect(found.reason).toBe(reason)
})

test('NaN past a line is no flat loss: it comes close to the line', () => {
  const f = ([x = 0, y = 0]: Point) => (x > 1.5 || y > 1.5 ? NaN : (x - 3) * (x - 3) + (y - 3) * (y - 3))
  expect(search(f, [1, 1], cmaEs(), { key: 0 }).loss).toBeLessThan(4.51)
})

test('restarts: the population doubles with IPOP; with BIPOP the small runs take about what the large ones do', () => {
  // Any run stops at once, but never at the target.
  const flat = (): number => 1
  const populations = (options: CmaEsOptions): number[] => {
    const strategy = cmaEs<Point>({ ...options, restarts: 3 })
    let state = strategy.init([1, 1])
    const sizes: number[] = []
    for (let t = 0; strategy.stopped(state) === null; t++) {
      const [candidates, waiting] = strategy.ask(state, random.foldIn(random.key(0), t))
      sizes.push(waiting.inner.population)
      state = strategy.tell(waiting, candidates, candidates.map(flat))
    }
    return sizes
  }
  expect(populations({})).toStrictEqual([6, 12, 24, 48])
  expect(populations({ populationGrowth: 3, populationSize: 4 })).toStrictEqual([4, 12, 36, 108])
  const sizes = populations({ restartWith: 'bipop' })
  expect(sizes.filter((size) => size >= 12).slice(0, 1)).toStrictEqual([12])
  expect(sizes.length).toBeGreaterThan(4)
})

test.each([
  [{ sigma: 0 }, 'cmaEs: sigma must be a finite number > 0, got 0'],
  [{ populationSize: 1 }, 'cmaEs: populationSize must be a whole number ≥ 2 or null, got 1'],
  [{ active: 'no' as never }, 'cmaEs: active must be true or false, got "no"'],
  [{ restarts: -1 }, 'cmaEs: restarts must be a whole number ≥ 0, got -1'],
  [{ restartWith: 'more' as never }, 'cmaEs: restartWith must be one of "ipop", "bipop", got "more"'],
  [{ populationGrowth: 1 }, 'cmaEs: populationGrowth must be a finite number > 1, got 1'],
  [{ tolX: -1 }, 'cmaEs: tolX must be a finite number ≥ 0, got -1'],
  [{ bounds: 3 as never }, 'cmaEs: bounds must be an object of lower and upper or null, got 3']
])('refuses %o', (options, message) => {
  expect(() => cmaEs(options)).toThrow(message)
})

test.each([
  [{ sigma: -1 }, 'sepCmaEs: sigma must be a finite number > 0, got -1'],
  [{ restarts: 0.5 }, 'sepCmaEs: restarts must be a whole number ≥ 0, got 0.5']
])('sepCmaEs refuses %o', (options, message) => {
  expect(() => sepCmaEs(options)).toThrow(message)
})
