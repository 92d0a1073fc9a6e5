import { applyUpdates, chain, InvalidOption, step, transient, valueAndGrad } from '@gradchain/core'
import { scale } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { banana, rosenbrock } from '../internal/testing/losses.js'
import {
  type ScaleByBacktrackingLinesearchExtra,
  type ScaleByBacktrackingLinesearchOptions,
  type ScaleByBacktrackingLinesearchState,
  scaleByBacktrackingLinesearch
} from './scaleByBacktrackingLinesearch.js'

/** One search on f(w) along its negative slope, or along another direction, and the places where f was asked. */
const search = (
  w: number,
  f: (w: number) => number,
  slope: number,
  options: ScaleByBacktrackingLinesearchOptions & { readonly steps?: number; readonly direction?: number } = {}
): { readonly w: number; readonly state: ScaleByBacktrackingLinesearchState; readonly asked: readonly number[] } => {
  const { steps = 15, direction = -slope, ...rest } = options
  const tx = scaleByBacktrackingLinesearch(steps, rest)
  const asked: number[] = []
  const valueFn = ({ w: there }: { readonly w: number }): number => {
    asked.push(there)
    return f(there)
  }
  const params = { w }
  const extra = { value: f(w), grad: { w: slope }, valueFn }
  const [updates, state] = tx.update({ w: direction }, tx.init(params), params, extra)
  return { w: applyUpdates(params, updates).w, state, asked }
}

const square = (w: number): number => w * w

describe('scaleByBacktrackingLinesearch', () => {
  test('takes the first of ever smaller rates at which the loss has fallen enough', () => {
    fc.assert(
      fc.property(
        fc.record({
          slopeRtol: fc.double({ min: 0, max: 0.9, noNaN: true }),
          decreaseFactor: fc.double({ min: 0.1, max: 0.95, noNaN: true }),
          increaseFactor: fc.constantFrom(1, 1.5, Infinity),
          maxLearningRate: fc.double({ min: 1e-3, max: 100, noNaN: true }),
          atol: fc.constantFrom(0, 1e-3),
          rtol: fc.constantFrom(0, 1e-2)
        }),
        fc.double({ min: 0.01, max: 20, noNaN: true }),
        (options, steepness) => {
          const { slopeRtol: c, decreaseFactor, increaseFactor, maxLearningRate, atol, rtol } = options
          const f = (w: number) => steepness * w * w * w * w
          const slope = 4 * steepness
          const { w, state, asked } = search(1, f, slope, { steps: 300, ...options })
          const isEnough = (rate: number) =>
            Math.max(f(1 - rate * slope) - (1 + rtol) * f(1) + rate * c * slope * slope, 0) <= atol
          let rate = Math.min(increaseFactor, maxLearningRate)
          let tries = 1
          for (; !isEnough(rate); tries++) rate *= decreaseFactor
          expect(state.learningRate).toBe(rate)
          expect(state.info.numLinesearchSteps).toBe(tries)
          expect(asked.length).toBe(tries)
          expect(w).toBe(1 - rate * slope)
          expect(state.value).toBe(f(w))
        }
      )
    )
  })

  test('begins the next search a little above the last rate', () => {
    const tx = chain(scale(-1), scaleByBacktrackingLinesearch(15))
    let params = banana()
    let state = tx.init(params)
    const rates: number[] = []
    for (let t = 0; t < 4; t++) {
      const [value, grad] = valueAndGrad(rosenbrock.valueFn)(params)
      ;[params, state] = step(tx, grad, state, params, { value, grad, ...rosenbrock })
      rates.push(state[1].learningRate)
    }
    // The first two searches fail, and the second goes on from where the first has ended; Optax goes uphill instead.
    const ended = [0.8 ** 15, 1.5 * 0.8 ** 30, 1.5 * 1.5 * 0.8 ** 33]
    ended.forEach((rate, t) => {
      expect(rates[t]).toBeCloseTo(rate, 12)
    })
    expect(state[1].info.decreaseError).toBe(0)
  })

  test('a search that fails takes the best that it has seen, or stays to the bit', () => {
    const shallow = search(0, (w) => -1e-5 * w, -1, { steps: 3 })
    expect(shallow.w).toBe(1)
    expect(shallow.state).toMatchObject({ learningRate: 1, value: -1e-5, info: { numLinesearchSteps: 4 } })
    expect(shallow.state.info.decreaseError).toBeCloseTo(9e-5, 12)
    const wrong = search(-0, (w) => w, -1, { steps: 3, storeGrad: false })
    expect(wrong.w).toBe(-0)
    expect(wrong.state.learningRate).toBe(0.8 * 0.8 * 0.8)
    expect(wrong.state.value).toBe(-0)
    expect(wrong.state.info.decreaseError).toBeGreaterThan(0)
  })

  test.each([NaN, Infinity, -Infinity])('a loss of %s is too far', (beyond) => {
    const { w, state } = search(1, (w) => (w > 1.5 ? beyond : square(w - 3)), -4)
    expect(state.info).toStrictEqual({ numLinesearchSteps: 11, decreaseError: 0 })
    expect(w).toBeCloseTo(1 + 4 * 0.8 ** 10, 12)
    const nowhere = search(1, (w) => (w === 1 ? 0 : beyond), -4)
    expect(nowhere.w).toBe(1)
    expect(nowhere.state.info).toStrictEqual({ numLinesearchSteps: 16, decreaseError: Infinity })
  })

  test('uphill, and from a loss that is NaN, it does not begin', () => {
    for (const { w, state, asked } of [search(1, square, 2, { direction: 2 }), search(1, () => NaN, 2)]) {
      expect(w).toBe(1)
      expect(asked).toStrictEqual([1].slice(1))
      expect(state).toMatchObject({ learningRate: 1, info: { numLinesearchSteps: 0, decreaseError: Infinity } })
    }
  })

  test('with no smaller rates allowed it tries one', () => {
    expect(search(1, square, 2, { steps: 0 }).state.info.numLinesearchSteps).toBe(1)
  })

  test('powers of two times the loss lead to the same rates', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -30, max: 30 }),
        fc.double({ min: 0.1, max: 20, noNaN: true }),
        (power, steepness) => {
          const c = 2 ** power
          const f = (w: number) => steepness * w * w * w * w
          const plain = search(1, f, 4 * steepness)
          const scaled = search(1, (w) => c * f(w), c * 4 * steepness, { direction: -4 * steepness })
          expect([scaled.w, scaled.state.learningRate]).toStrictEqual([plain.w, plain.state.learningRate])
        }
      )
    )
  })

  test('keeps the gradient where it is asked to, and asks for nothing else then', () => {
    for (const storeGrad of [true, false]) {
      const tx = chain(scale(-1), scaleByBacktrackingLinesearch(40, { storeGrad }))
      let params = banana()
      let state = tx.init(params)
      for (let t = 0; t < 4; t++) {
        const [value, grad] = valueAndGrad(rosenbrock.valueFn)(params)
        ;[params, state] = step(tx, grad, state, params, { value, grad, ...rosenbrock })
      }
      const [value, grad] = valueAndGrad(rosenbrock.valueFn)(params)
      expect(state[1].value).toBe(value)
      expect(state[1].grad).toStrictEqual(storeGrad ? grad : null)
    }
  })

  test('does the same in place', () => {
    const tx = chain(scale(-1), scaleByBacktrackingLinesearch(15, { storeGrad: true }))
    let params = banana()
    let state = tx.init(params)
    const run = transient(tx, params)
    for (let t = 0; t < 5; t++) {
      const [value, grad] = valueAndGrad(rosenbrock.valueFn)(params)
      run.step(grad, { value, grad, ...rosenbrock })
      ;[params, state] = step(tx, grad, state, params, { value, grad, ...rosenbrock })
    }
    expect(run.snapshot()).toStrictEqual({ params, state })
    run.dispose()
  })

  const make = (options: object) => () =>
    scaleByBacktrackingLinesearch(5, options as ScaleByBacktrackingLinesearchOptions)
  const told = (extra: object) => () => {
    const tx = scaleByBacktrackingLinesearch(5)
    return tx.update({ w: -1 }, tx.init({ w: 1 }), { w: 1 }, extra as ScaleByBacktrackingLinesearchExtra)
  }
  test.each<[string, () => unknown]>([
    ['maxBacktrackingSteps must be a whole number ≥ 0, got -1', () => scaleByBacktrackingLinesearch(-1)],
    ['slopeRtol must be in [0, 1), got 1', make({ slopeRtol: 1 })],
    ['decreaseFactor must be in (0, 1), got 1', make({ decreaseFactor: 1 })],
    ['decreaseFactor must be in (0, 1), got 0', make({ decreaseFactor: 0 })],
    ['increaseFactor must be a number ≥ 1, got 0.5', make({ increaseFactor: 0.5 })],
    ['maxLearningRate must be a finite number > 0, got Infinity', make({ maxLearningRate: Infinity })],
    ['atol must be a finite number ≥ 0, got -1', make({ atol: -1 })],
    ['rtol must be a finite number ≥ 0, got -1', make({ rtol: -1 })],
    ['storeGrad must be true or false, got 1', make({ storeGrad: 1 })],
    ['there is no option verbose', make({ verbose: true })],
    ['value must be a number, got undefined', told({})],
    ['grad must be a tree like the params, got undefined', told({ value: 1 })],
    ['valueFn must be a function, or valueAndGradFn, got neither', told({ value: 1, grad: { w: 1 } })],
    ['the value of valueFn(params) must be a number, got null', told({ value: 1, grad: { w: 1 }, valueFn: () => null })]
  ])('refuses: %s', (message, misuse) => {
    expect(misuse).toThrow(InvalidOption)
    expect(misuse).toThrow(`scaleByBacktrackingLinesearch: ${message}`)
  })
})
