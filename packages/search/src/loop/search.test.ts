import { type Key, mul } from '@gradchain/core'
import * as random from '@gradchain/core/random'
import { expect, expectTypeOf, test } from 'vitest'
import { search } from './search.js'
import type { SearchStrategy } from './searchStrategy.js'

interface Drawn {
  readonly told: number
  readonly asked: number
}

/** Draws numbers in [0, 1), four at a time; stops after `last` of them. */
const draws = (last: number): SearchStrategy<number, Drawn, null> => ({
  init: () => ({ told: 0, asked: 0 }),
  ask: (state: Drawn, key: Key) => [
    Array.from(random.uniform(key, [4], { dtype: 'float64' }).data),
    { ...state, asked: state.asked + 4 }
  ],
  tell: (state: Drawn, candidates: readonly number[]) => ({ ...state, told: state.told + candidates.length }),
  best: () => null,
  stopped: ({ told }) => (told >= last ? 'stagnation' : null)
})

const distance = (x: number): number => Math.abs(x - 0.5)

test('asks, evaluates and tells until the strategy stops, and keeps the best', () => {
  const tried: number[] = []
  const found = search(
    (x) => {
      tried.push(x)
      return distance(x)
    },
    null,
    draws(12),
    { key: 0 }
  )
  expect(tried).toHaveLength(12)
  expect(new Set(tried).size).toBe(12)
  expect(found.evaluations).toBe(12)
  expect(found.reason).toBe('stagnation')
  expect(found.success).toBe(false)
  expect(found.loss).toBe(Math.min(...tried.map(distance)))
  expect(distance(found.candidate as number)).toBe(found.loss)
  expect(found.state).toStrictEqual({ told: 12, asked: 12 })
})

test('any seed is a seed, and the same one gives the same bits', () => {
  const run = (key: Key | number) => search(distance, null, draws(40), { key })
  for (const seed of [0, -1, 7]) {
    expect(run(seed)).toStrictEqual(run(seed))
    expect(run(seed)).toStrictEqual(run(random.key(seed)))
  }
  expect(run(0).candidate).not.toBe(run(1).candidate)
})

test.each([1, 4, 5, 7])('a budget of %d is not exceeded, and what it cuts off is not told', (maxEvaluations) => {
  let calls = 0
  const f = (x: number): number => {
    calls++
    return distance(x)
  }
  const found = search(f, null, draws(100), { key: 3, maxEvaluations })
  expect(calls).toBe(maxEvaluations)
  expect(found.evaluations).toBe(maxEvaluations)
  expect(found.reason).toBe('budget')
  expect(found.state.told).toBe(maxEvaluations - (maxEvaluations % 4))
})

test('the target ends it at once', () => {
  const found = search(distance, null, draws(1000), { key: 3, target: 0.05 })
  expect(found.reason).toBe('target')
  expect(found.success).toBe(true)
  expect(found.loss).toBeLessThanOrEqual(0.05)
})

test.each([NaN, Infinity, -Infinity])('a loss that is always %d is no success, and gives the start', (loss) => {
  const found = search(() => loss, null, draws(8), { key: 0, maxEvaluations: 6 })
  expect(found.candidate).toBe(null)
  expect(found.loss).toBe(NaN)
  expect(found.success).toBe(false)
  expect(found.reason).toBe('notFinite')
})

test.each([NaN, -Infinity])('a loss that is %d somewhere is not the best', (odd) => {
  const found = search((x) => (x < 0.5 ? odd : x), null, draws(40), { key: 0, target: -1e300 })
  expect(found.loss).toBeGreaterThanOrEqual(0.5)
  expect(found.reason).toBe('stagnation')
})

test('a loss may be a lazy scalar', () => {
  const one = search((x) => mul(2, x), null, draws(4), { key: 0 })
  const other = search((x) => 2 * x, null, draws(4), { key: 0 })
  expect(one).toStrictEqual(other)
})

test('a strategy that asks for nothing is at its end', () => {
  const empty: SearchStrategy<number, null, null> = {
    init: () => null,
    ask: (state) => [[], state],
    tell: (state) => state,
    best: () => null,
    stopped: () => null
  }
  expect(search(distance, null, empty, { key: 0 }).reason).toBe('exhausted')
})

test('what is no strategy is refused, such as one that was not made yet', () => {
  const refused = /^search: strategy must be a strategy such as cmaEs\(\), got /
  expect(() => search(distance, null, draws as never, { key: 0 })).toThrow(refused)
  expect(() => search(distance, null, { init: () => 1 } as never, { key: 0 })).toThrow(refused)
})

test('candidates take their type from the start', () => {
  const made = <P>(): SearchStrategy<P, { readonly count: number }> => ({
    init: () => ({ count: 0 }),
    ask: (state) => [[], state],
    tell: (state) => state,
    best: () => null,
    stopped: () => null
  })
  const found = search(({ x, y }) => x + y, { x: 1, y: 2 }, made(), { key: 0 })
  expectTypeOf(found.candidate).toEqualTypeOf<{ x: number; y: number }>()
})

test.each([
  [{ key: 0.5 }, 'search: key must be a key made by random.key or a whole number, got 0.5'],
  [{ key: 0, maxEvaluations: 0 }, 'search: maxEvaluations must be a whole number ≥ 1, got 0'],
  [{ key: 0, target: 'low' as never }, 'search: target must be a number, got "low"']
])('refuses %o', (options, message) => {
  expect(() => search(distance, null, draws(4), options)).toThrow(message)
})
