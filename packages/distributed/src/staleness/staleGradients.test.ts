import {
  type AnyGradientTransformation,
  chain,
  type EmptyState,
  identity,
  ndarray,
  step,
  transformation,
  transient
} from '@gradchain/core'
import { adam, sgd } from '@gradchain/optimizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scaleByStaleness } from './scaleByStaleness.js'
import { type StaleGradientsOptions, staleGradients } from './staleGradients.js'

/** What is emitted around the identity for the gradients 0, 1, 2, …, each of which says when it came. */
const arrivals = (options: StaleGradientsOptions, steps: number): readonly number[] => {
  const tx = staleGradients(identity(), options)
  let state = tx.init({ w: 0 })
  return Array.from({ length: steps }, (_, w) => {
    const [updates, next] = tx.update({ w }, state, { w: 0 })
    state = next
    return updates.w
  })
}

describe('staleGradients', () => {
  test('gives each gradient later by the delay, and until then the first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), (delay) => {
        const wanted = Array.from({ length: 12 }, (_, t) => Math.max(0, t - delay))
        expect(arrivals({ delay }, 12)).toStrictEqual(wanted)
      })
    )
  })

  test('draws each delay up to the longest one, as often as any other', () => {
    const steps = 4000
    const late = arrivals({ delay: 3, distribution: 'uniform', key: 5 }, steps).map((from, t) => t - from)
    const counts = [0, 1, 2, 3].map((delay) => late.filter((x) => x === delay).length)
    expect(counts.reduce((sum, n) => sum + n)).toBe(steps)
    // Four standard deviations.
    for (const n of counts) expect(Math.abs(n - steps / 4)).toBeLessThan(4 * Math.sqrt((steps * 3) / 16))
  })

  test('draws by the key and the step alone', () => {
    const options = { delay: 4, distribution: 'uniform', key: 1 } as const
    expect(arrivals(options, 40)).toStrictEqual(arrivals(options, 40))
    expect(arrivals(options, 40)).not.toStrictEqual(arrivals({ ...options, key: 2 }, 40))
  })

  test('is the inner transformation when nothing is late', () => {
    const params = { w: new Float32Array([1, -2]), n: 3 }
    const [tx, inner] = [staleGradients(adam(0.1), { delay: 0 }), adam(0.1)]
    let [state, innerState] = [tx.init(params), inner.init(params)]
    for (let t = 1; t < 4; t++) {
      const g = { w: new Float32Array([t, 1 / t]), n: -t }
      const [u, next] = tx.update(g, state, params)
      const [v, after] = inner.update(g, innerState, params)
      expect(u).toStrictEqual(v)
      ;[state, innerState] = [next, after]
    }
  })

  test('tells the inner transformation how late a gradient is, beside what others tell it', () => {
    const told: unknown[] = []
    const listening = transformation<EmptyState, { readonly staleness: number; readonly value: number }>({
      init: () => ({}),
      update: (updates, state, _, extra) => {
        told.push(extra)
        return [updates, state]
      }
    })
    const tx = staleGradients(listening, { delay: 2 })
    let state = tx.init({ w: 0 })
    for (let t = 0; t < 4; t++) [, state] = tx.update({ w: 1 }, state, { w: 0 }, { value: t })
    expect(told).toStrictEqual([0, 1, 2, 2].map((staleness, value) => ({ staleness, value })))
  })

  test('is the same in step and in transient', () => {
    const tx = staleGradients(chain(scaleByStaleness(), sgd(0.1)), { delay: 3, distribution: 'uniform' })
    const start = { a: new Float32Array([1, 2, 3]), b: [new Float64Array([1, 4]), 3] }
    const run = transient(tx, start)
    let [params, state] = [start, tx.init(start)]
    for (let t = 0; t < 6; t++) {
      const g = { a: new Float32Array([t, -t, 1]), b: [new Float64Array([t * t, 4]), -t] }
      ;[params, state] = step(tx, g, state, params)
      run.step(g)
    }
    expect(run.snapshot().params).toStrictEqual(params)
  })

  test('keeps gradients of 16 bits to the bit', () => {
    const params = { w: ndarray([0], [1], 'bfloat16') }
    const tx = staleGradients(identity(), { delay: 1 })
    const g = { w: ndarray([1 + 2 ** -7], [1], 'bfloat16') }
    const [, state] = tx.update(g, tx.init(params), params)
    expect(tx.update(params, state, params)[0]).toStrictEqual(g)
  })

  test('late gradients make what converges diverge, and rates for stale gradients make it converge again', () => {
    const after = (tx: AnyGradientTransformation, delay: number): number => {
      const stale = staleGradients(tx, { delay })
      let params = { x: 1 }
      let state = stale.init(params)
      for (let t = 0; t < 200; t++) [params, state] = step(stale, params, state, params)
      return Math.abs(params.x)
    }
    // x ← x − η xₜ₋τ is stable for η < 2 sin(π / (4τ + 2)), 0.347 for τ = 4.
    expect(after(sgd(0.6), 0)).toBeLessThan(1e-9)
    expect(after(sgd(0.6), 4)).toBeGreaterThan(1e6)
    expect(after(chain(scaleByStaleness(), sgd(0.6)), 4)).toBeLessThan(1e-9)
  })

  test.each([
    [{ delay: -1 }, 'staleGradients: delay must be a whole number ≥ 0, got -1'],
    [{ delay: 1.5 }, 'staleGradients: delay must be a whole number ≥ 0, got 1.5'],
    [{}, 'staleGradients: delay must be a whole number ≥ 0, got undefined'],
    [
      { delay: 1, distribution: 'normal' },
      'staleGradients: distribution must be one of "constant", "uniform", got "normal"'
    ],
    [{ delay: 1, key: 'a' }, 'staleGradients: key must be'],
    [{ delay: 1, rate: 1 }, 'staleGradients: ']
  ])('refuses %o', (options, message) => {
    expect(() => staleGradients(sgd(1), options as never)).toThrow(message)
  })

  test('refuses what is no transformation', () => {
    expect(() => staleGradients({} as never, { delay: 1 })).toThrow('staleGradients: a transformation must be')
  })
})
