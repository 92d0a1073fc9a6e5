import * as random from '@gradchain/core/random'
import { describe, expect, test } from 'vitest'
import { searchLaws } from '../internal/testing/laws.js'
import { search } from '../loop/search.js'
import { type GeneticAlgorithmOptions, geneticAlgorithm } from './geneticAlgorithm.js'

describe('geneticAlgorithm obeys', () => {
  searchLaws({
    make: (bounds) => geneticAlgorithm({ populationSize: 10, patience: 12, bounds }),
    makeAny: (bounds) => geneticAlgorithm({ populationSize: 10, bounds }),
    isRankBased: true,
    isTranslated: true,
    isRandom: true
  })
})

type Point = readonly number[]

test('finds a minimum of real numbers', () => {
  const bowl = (x: Point): number => x.reduce((total, t, i) => total + (t - i) * (t - i), 0)
  const strategy = geneticAlgorithm<Point>({ bounds: { lower: -10, upper: 10 } })
  for (const key of [0, 1, 2]) {
    const found = search(bowl, [0, 0, 0], strategy, { key, maxEvaluations: 20000 })
    expect(found.loss).toBeLessThan(1e-4)
  }
})

test('what is discrete is tried at whole numbers inside its bounds, the rest at all', () => {
  const tried: number[] = []
  const f = ({ count, x }: { count: number; x: number }): number => {
    tried.push(count)
    return Math.abs(count - 3) + (x - 0.5) * (x - 0.5)
  }
  const strategy = geneticAlgorithm<{ count: number; x: number }>({
    discrete: { count: true, x: false },
    bounds: { lower: { count: 0.5, x: -1 }, upper: { count: 9.5, x: 1 } }
  })
  const found = search(f, { count: 8.2, x: 0 }, strategy, { key: 0 })
  expect(tried.every((count) => Number.isInteger(count) && count >= 1 && count <= 9)).toBe(true)
  expect(found.candidate.count).toBe(3)
  expect(found.loss).toBeLessThan(1e-6)
})

test('all bits are found, without a hint where', () => {
  const wanted = [1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0]
  const f = (x: Point): number => x.reduce((wrong, bit, i) => wrong + (bit === wanted[i] ? 0 : 1), 0)
  const strategy = geneticAlgorithm<Point>({ discrete: true, bounds: { lower: 0, upper: 1 } })
  const found = search(f, new Array<number>(20).fill(0), strategy, { key: 0, target: 0, maxEvaluations: 10000 })
  expect(found.candidate).toStrictEqual(wanted)
})

test('the elites live on and are not asked for again', () => {
  const strategy = geneticAlgorithm<Point>({ populationSize: 8, elites: 3 })
  let state = strategy.init([1, 1])
  const bowl = ([x = 0, y = 0]: Point): number => x * x + y * y
  let kept: readonly unknown[] = []
  for (let t = 0; t < 6; t++) {
    const [candidates, waiting] = strategy.ask(state, random.key(t))
    expect(candidates).toHaveLength(t === 0 ? 8 : 5)
    state = strategy.tell(waiting, candidates, candidates.map(bowl))
    expect(state.inner.members).toHaveLength(8)
    for (const member of kept) expect(state.inner.members).toContain(member)
    kept = state.inner.members.slice(0, 3)
  }
})

test('losses that are all as good end it with a decrease, none better with stagnation', () => {
  const discrete = geneticAlgorithm<Point>({
    populationSize: 4,
    discrete: true,
    patience: 3,
    mutation: 0,
    bounds: { lower: 0, upper: 3 }
  })
  expect(search(([x = 0]) => x, [3], discrete, { key: 0 }).reason).toBe('decrease')
  const real = geneticAlgorithm<Point>({ populationSize: 4, patience: 3 })
  let count = 0
  expect(search(() => count++, [3], real, { key: 0 }).reason).toBe('stagnation')
})

test.each<readonly [GeneticAlgorithmOptions, string]>([
  [{ populationSize: 1 }, 'geneticAlgorithm: populationSize must be a whole number ≥ 2, got 1'],
  [{ tournament: 0 }, 'geneticAlgorithm: tournament must be a whole number ≥ 1, got 0'],
  [{ patience: 0 }, 'geneticAlgorithm: patience must be a whole number ≥ 1, got 0'],
  [{ crossover: -0.1 }, 'geneticAlgorithm: crossover must be in [0, 1], got -0.1'],
  [{ mutation: 2 }, 'geneticAlgorithm: mutation must be in [0, 1], got 2'],
  [{ blend: -1 }, 'geneticAlgorithm: blend must be a finite number ≥ 0, got -1'],
  [{ elites: -1 }, 'geneticAlgorithm: elites must be a whole number ≥ 0, got -1'],
  [{ elites: 50 }, 'geneticAlgorithm: elites must be below populationSize, got 50 of 50'],
  [{ spread: 0 }, 'geneticAlgorithm: spread must be a finite number > 0, got 0']
])('refuses %o', (options, message) => {
  expect(() => geneticAlgorithm(options)).toThrow(message)
})

test('bounds without a whole number between them are refused for what is discrete', () => {
  const bounds = { lower: 0.2, upper: 0.8 }
  expect(() => geneticAlgorithm<Point>({ discrete: [false, true], bounds }).init([0.5, 0.5])).toThrow(
    'geneticAlgorithm: bounds of a discrete param must have a whole number between them, got 0.2 and 0.8'
  )
})

test('what is discrete must be said for each param', () => {
  expect(() => geneticAlgorithm<Point>({ discrete: [true, 1 as never] }).init([1, 2])).toThrow(
    'geneticAlgorithm: discrete must be true or false for each param, got 1'
  )
})
