import { chain } from '@gradchain/core'
import * as random from '@gradchain/core/random'
import { adam, sgd } from '@gradchain/optimizers'
import { describe, expect, test } from 'vitest'
import { searchLaws } from '../internal/testing/laws.js'
import { search } from '../loop/search.js'
import { type OpenaiEsOptions, openaiEs } from './openaiEs.js'

describe('openaiEs obeys', () => {
  searchLaws({
    make: (bounds) => openaiEs({ populationSize: 8, bounds }),
    makeAny: (bounds) => openaiEs({ bounds, optimizer: adam(0.2) }),
    isRankBased: true,
    isTranslated: true,
    isRandom: true
  })
})

test('steps along the estimate from centred ranks', () => {
  const strategy = openaiEs<number>({ optimizer: sgd(1), sigma: 0.5, populationSize: 4 })
  const [candidates, waiting] = strategy.ask(strategy.init(3), random.key(0))
  const [start, a, b, c, d] = candidates as [number, number, number, number, number]
  expect(start).toBe(3)
  expect((a + b) / 2).toBeCloseTo(3, 14)
  expect((c + d) / 2).toBeCloseTo(3, 14)
  // The ranks of 7, 1, 1 and NaN: 1/6, −1/3, −1/3, 1/2.
  const state = strategy.tell(waiting, candidates, [5, 7, 1, 1, NaN])
  const [first, second] = [(a - 3) / 0.5, (c - 3) / 0.5]
  const gradient = ((1 / 6 + 1 / 3) * first + (-1 / 3 - 1 / 2) * second) / (4 * 0.5)
  expect(state.inner.mean[0]).toBeCloseTo(3 - gradient, 12)
})

test('equal losses move nothing', () => {
  const strategy = openaiEs<number>({ optimizer: sgd(1) })
  const [candidates, waiting] = strategy.ask(strategy.init(3), random.key(0))
  expect(
    strategy.tell(
      waiting,
      candidates,
      candidates.map(() => 2)
    ).inner.mean
  ).toStrictEqual([3])
})

test('a hundred params come near their minimum, with any optimizer', () => {
  const f = ({ w }: { readonly w: Float32Array }): number => w.reduce((total, x) => total + (x - 1) * (x - 1), 0)
  const start = { w: new Float32Array(100) }
  for (const optimizer of [adam(0.1), chain(sgd(0.1, { momentum: 0.9 }))]) {
    const strategy = openaiEs<typeof start>({ optimizer, populationSize: 100 })
    const found = search(f, start, strategy, { key: 0, maxEvaluations: 8000 })
    expect(found.loss).toBeLessThan(12)
  }
})

test.each<readonly [OpenaiEsOptions, string]>([
  [{ optimizer: 3 as never }, 'openaiEs: optimizer must be a gradient transformation, got 3'],
  [{ sigma: 0 }, 'openaiEs: sigma must be a finite number > 0, got 0'],
  [{ populationSize: 3 }, 'openaiEs: populationSize must be an even whole number ≥ 2, got 3']
])('refuses %o', (options, message) => {
  expect(() => openaiEs(options)).toThrow(message)
})
