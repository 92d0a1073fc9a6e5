import { type AnyGradientTransformation, chain, type Key, random, step } from '@gradchain/core'
import { adam, sgd } from '@gradchain/optimizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scaleByStaleness } from './scaleByStaleness.js'
import { type SimulateAsyncOptions, simulateAsync } from './simulateAsync.js'
import { staleGradients } from './staleGradients.js'

const take = <T>(some: Iterable<T>, count: number): readonly T[] => {
  const taken: T[] = []
  for (const one of some) if (taken.push(one) === count) break
  return taken
}

/** f = x² / 2, with a gradient that depends on the batch. */
const noisy: SimulateAsyncOptions<{ readonly x: number }> = {
  params: { x: 4 },
  gradient: ({ x }, { worker, turn }) => ({ x: x + (worker - turn) / 8 }),
  workers: 4
}

describe('simulateAsync', () => {
  test('with one worker is training as usual', () => {
    const [tx, seen] = [adam(0.1), take(simulateAsync(adam(0.1), { ...noisy, workers: 1 }), 9)]
    let [params, state] = [noisy.params, tx.init(noisy.params)]
    seen.forEach((update, turn) => {
      ;[params, state] = step(tx, { x: params.x - turn / 8 }, state, params)
      expect(update).toMatchObject({ params, state, worker: 0, staleness: 0 })
    })
  })

  test('with workers of one speed is staleGradients after the first round, where these have the first gradient again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), (workers) => {
        const gradient = ({ x }: { readonly x: number }) => ({ x })
        const seen = take(simulateAsync(sgd(0.1), { params: { x: 1 }, gradient, workers, duration: () => 1 }), 20)
        const tx = staleGradients(sgd(0.1), { delay: workers - 1 })
        let params = { x: 1 }
        let state = tx.init(params)
        for (const [t, update] of seen.entries()) {
          ;[params, state] = step(tx, params, state, params)
          expect(update.params).toStrictEqual(params)
          expect(update.staleness).toBe(Math.min(t, workers - 1))
          expect(update.worker).toBe(t % workers)
        }
      })
    )
  })

  test('counts the updates of others in between, and time never goes back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(1000), (workers, key) => {
        const seen = take(simulateAsync(sgd(0.1), { ...noisy, workers, key }), 60)
        const last = new Map<number, number>()
        seen.forEach(({ worker, staleness, time }, t) => {
          // Read right after the worker's last update, which was not one of others.
          expect(staleness).toBe(t - (last.get(worker) ?? -1) - 1)
          expect(time).toBeGreaterThanOrEqual(t === 0 ? 0 : (seen[t - 1]?.time ?? 0))
          last.set(worker, t)
        })
      })
    )
  })

  test('gives gradients the params that the worker read, and the batches in order', () => {
    const asked: (readonly [number, number, number])[] = []
    const gradient: typeof noisy.gradient = ({ x }, { worker, turn }) => {
      asked.push([x, worker, turn])
      return { x: 1 }
    }
    const durations = [1, 2.5]
    const seen = simulateAsync(sgd(1), { ...noisy, gradient, workers: 2, duration: (worker) => durations[worker] ?? 0 })
    const times = take(seen, 5).map(({ time }) => time)
    expect(times).toStrictEqual([1, 2, 2.5, 3, 4])
    expect(asked).toStrictEqual([
      [4, 0, 0],
      [3, 0, 1],
      [4, 1, 0],
      [2, 0, 2],
      [0, 0, 3]
    ])
  })

  test('always goes the same way, by the key', () => {
    const made = simulateAsync(adam(0.1), { ...noisy, key: 3 })
    expect(take(made, 30)).toStrictEqual(take(made, 30))
    const order = (key: number) => take(simulateAsync(adam(0.1), { ...noisy, key }), 30).map(({ worker }) => worker)
    expect(order(3)).not.toStrictEqual(order(4))
  })

  test('has durations of mean 1 and of any size when none are given', () => {
    const durations = take(simulateAsync(sgd(0), { ...noisy, workers: 1 }), 4000).map(({ time }) => time)
    const mean = (durations.at(-1) as number) / durations.length
    // Four standard deviations of the mean.
    expect(Math.abs(mean - 1)).toBeLessThan(4 / Math.sqrt(durations.length))
    const longerThanTwo = durations.filter((time, t) => time - (durations[t - 1] ?? 0) > 2).length / durations.length
    expect(Math.abs(longerThanTwo - 0.1353)).toBeLessThan(0.025)
  })

  test('rates for stale gradients make converge what many workers make diverge', () => {
    const after = (tx: AnyGradientTransformation): number => {
      const gradient = ({ x }: { readonly x: number }) => ({ x })
      const duration = (_: number, key: Key): number => 1 + (random.uniform(key, [1]).data[0] as number) / 8
      const seen = simulateAsync(tx, { params: { x: 1 }, gradient, workers: 8, duration })
      return Math.abs(take(seen, 400).at(-1)?.params.x ?? NaN)
    }
    expect(after(sgd(0.6))).toBeGreaterThan(1e3)
    expect(after(chain(scaleByStaleness(), sgd(0.6)))).toBeLessThan(1e-9)
  })

  test.each([
    [{ workers: 0 }, 'simulateAsync: workers must be a whole number ≥ 1, got 0'],
    [{ workers: undefined }, 'simulateAsync: workers must be a whole number ≥ 1, got undefined'],
    [{ gradient: null }, 'simulateAsync: gradient must be a function, got null'],
    [{ duration: 1 }, 'simulateAsync: duration must be a function, got 1'],
    [{ key: 0.5 }, 'simulateAsync: key must be'],
    [{ params: undefined }, 'init: params is undefined'],
    [{ steps: 3 }, 'simulateAsync: ']
  ])('refuses %o', (wrong, message) => {
    expect(() => simulateAsync(sgd(1), { ...noisy, ...wrong } as never)).toThrow(message)
  })

  test.each([0, -1, NaN, Infinity, '1'])('refuses a duration of %s on the way', (wrong) => {
    const made = simulateAsync(sgd(1), { ...noisy, duration: () => wrong as number })
    expect(() => take(made, 1)).toThrow('simulateAsync: duration must give a finite number > 0, got')
  })

  test('refuses what is no transformation', () => {
    expect(() => simulateAsync({} as never, noisy)).toThrow('simulateAsync: a transformation must be')
  })
})
