import { describe, expect, test } from 'vitest'
import { searchLaws } from '../internal/testing/laws.js'
import { search } from '../loop/search.js'
import { type ParticleSwarmOptions, particleSwarm } from './particleSwarm.js'

describe('particleSwarm obeys', () => {
  searchLaws({
    make: (bounds) => particleSwarm({ populationSize: 8, bounds }),
    makeAny: (bounds) => particleSwarm({ populationSize: 10, bounds }),
    isRankBased: true,
    isTranslated: true,
    isRandom: true
  })
})

type Point = readonly number[]
const rosenbrock = ([x = 0, y = 0]: Point): number => 100 * (y - x * x) * (y - x * x) + (1 - x) * (1 - x)

test('finds the minimum of rosenbrock, for every seed', () => {
  for (const key of [0, 1, 2, 3, 4]) {
    const found = search(rosenbrock, [-1.2, 1], particleSwarm<Point>({ spread: 3 }), { key, maxEvaluations: 20000 })
    expect(found.reason).toBe('decrease')
    expect(found.loss).toBeLessThan(1e-10)
  }
})

test('two particles do not stop at the better of them', () => {
  const strategy = particleSwarm<number>({ populationSize: 2 })
  expect(search((x) => (x - 3) * (x - 3), 0, strategy, { key: 0 }).evaluations).toBeGreaterThan(20)
})

test('a swarm that flies apart stops before it asks for what is no number', () => {
  const tried: number[] = []
  const f = (x: number): number => {
    tried.push(x)
    return x * x
  }
  const found = search(f, 1, particleSwarm<number>({ social: 9, populationSize: 4 }), { key: 0, maxEvaluations: 20000 })
  expect(found.reason).toBe('diverged')
  expect(found.success).toBe(false)
  expect(tried.every(Number.isFinite)).toBe(true)
})

test('losses that never come close end it by the places', () => {
  const strategy = particleSwarm<Point>({ tolFun: 0, tolX: 1e-3 })
  expect(search(rosenbrock, [0.5, 0.5], strategy, { key: 0, maxEvaluations: 40000 }).reason).toBe('step')
})

test('a minimum on a bound is found there', () => {
  const strategy = particleSwarm<Point>({ bounds: { lower: [0, 1], upper: 3 } })
  const found = search(([x = 0, y = 0]) => x + y, [2, 2], strategy, { key: 0 })
  expect(found.candidate).toStrictEqual([0, 1])
})

test('bounds whose distance is no finite number are refused', () => {
  const bounds = { lower: -Number.MAX_VALUE, upper: Number.MAX_VALUE }
  expect(() => search((x) => x, 0, particleSwarm<number>({ bounds }), { key: 0 })).toThrow(
    'particleSwarm: bounds must be a finite number apart, got -1.7976931348623157e+308 and 1.7976931348623157e+308'
  )
})

test.each<readonly [ParticleSwarmOptions, string]>([
  [{ populationSize: 1 }, 'particleSwarm: populationSize must be a whole number ≥ 2, got 1'],
  [{ inertia: 2 }, 'particleSwarm: inertia must be in [0, 1], got 2'],
  [{ cognitive: -1 }, 'particleSwarm: cognitive must be a finite number ≥ 0, got -1'],
  [{ social: NaN }, 'particleSwarm: social must be a finite number ≥ 0, got NaN'],
  [{ spread: 0 }, 'particleSwarm: spread must be a finite number > 0, got 0'],
  [{ tolFun: -1 }, 'particleSwarm: tolFun must be a finite number ≥ 0, got -1'],
  [{ tolX: -1 }, 'particleSwarm: tolX must be a finite number ≥ 0, got -1']
])('refuses %o', (options, message) => {
  expect(() => particleSwarm(options)).toThrow(message)
})
