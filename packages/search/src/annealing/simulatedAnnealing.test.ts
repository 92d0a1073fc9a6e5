import * as random from '@gradchain/core/random'
import { describe, expect, test } from 'vitest'
import { searchLaws } from '../internal/testing/laws.js'
import { search } from '../loop/search.js'
import { type SimulatedAnnealingOptions, simulatedAnnealing } from './simulatedAnnealing.js'

describe('simulatedAnnealing obeys', () => {
  searchLaws({
    make: (bounds) => simulatedAnnealing({ bounds }),
    makeAny: (bounds) => simulatedAnnealing({ bounds }),
    isRankBased: false,
    isTranslated: true,
    isRandom: true
  })
})

test('goes downhill always and uphill as often as the temperature says', () => {
  // Each trial is 1 above where it stands: accepted with probability 1 / e at temperature 1.
  const strategy = simulatedAnnealing<number>({ cooling: 1 - 1e-12, temperature: 1 })
  let state = strategy.init(0)
  let accepted = 0
  const trials = 2000
  for (let t = 0; t <= trials; t++) {
    const [[candidate], waiting] = strategy.ask(state, random.foldIn(random.key(0), t)) as readonly [
      [number],
      typeof state
    ]
    state = strategy.tell(waiting, [candidate], [t])
    if (t > 0 && state.inner.current.x[0] === candidate) accepted++
    // The rise from one trial to the next is 1 where the last one was accepted; else put it back.
    state = { ...state, inner: { ...state.inner, current: { ...state.inner.current, loss: t } } }
  }
  expect(accepted / trials).toBeGreaterThan(0.33)
  expect(accepted / trials).toBeLessThan(0.405)
})

test('finds the best of many minima', () => {
  const f = (x: number): number => x * x + 3 * Math.sin(5 * x) * Math.sin(5 * x)
  for (const key of [0, 1, 2, 3]) {
    const found = search(f, 3, simulatedAnnealing<number>({ temperature: 2, sigma: 2 }), { key })
    expect(found.reason).toBe('step')
    expect(found.loss).toBeLessThan(1e-6)
  }
})

test('takes as many trials as the cooling says', () => {
  const found = search((x: number) => x * x, 1, simulatedAnnealing<number>({ cooling: 0.5, coldest: 0.1 }), { key: 0 })
  // 1, ½, ¼, ⅛, and the start.
  expect(found.evaluations).toBe(5)
})

test.each<readonly [SimulatedAnnealingOptions, string]>([
  [{ temperature: 0 }, 'simulatedAnnealing: temperature must be a finite number > 0, got 0'],
  [{ cooling: 1 }, 'simulatedAnnealing: cooling must be in [0, 1), got 1'],
  [{ sigma: -1 }, 'simulatedAnnealing: sigma must be a finite number > 0, got -1'],
  [{ coldest: 1 }, 'simulatedAnnealing: coldest must be in [0, 1), got 1']
])('refuses %o', (options, message) => {
  expect(() => simulatedAnnealing(options)).toThrow(message)
})
