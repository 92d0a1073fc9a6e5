import fc from 'fast-check'
import { adam, ndarray, sgd } from 'gradchain'
import { describe, expect, test } from 'vitest'
import { type LearningRateFinderOptions, learningRateFinder } from './learningRateFinder.js'
import { learningRateSweep } from './learningRateSweep.js'
import { overfitOneBatch } from './overfitOneBatch.js'
import { scaleLearningRate } from './scaleLearningRate.js'
import { timeUpdate } from './timeUpdate.js'

describe('learningRateFinder', () => {
  const searched = (options: LearningRateFinderOptions, lossAt: (rate: number, k: number) => number) => {
    const finder = learningRateFinder(options)
    let state = finder.init
    for (let k = 0; !state.isDone; k++) state = finder.step(state, lossAt(finder.learningRate(state), k))
    return { finder, state }
  }

  test('the rates are geometric from the first to the last, to the bit at both ends', () => {
    const { state } = searched({ least: 1e-3, most: 10, steps: 5 }, () => 1)
    const rates = state.tried.map(({ learningRate }) => learningRate)
    expect([rates[0], rates[4]]).toStrictEqual([1e-3, 10])
    for (const [i, rate] of rates.entries()) expect(rate / (1e-3 * 10 ** i)).toBeCloseTo(1, 14)
  })

  test('the average of the losses is debiased', () => {
    const losses = [4, 2, 3]
    const { state } = searched({ steps: 3, smoothing: 0.5 }, (_, k) => losses[k] as number)
    expect(state.tried.map(({ smoothed }) => smoothed)).toStrictEqual([4, (4 + 2 * 2) / 3, (4 + 2 * 2 + 4 * 3) / 7])
  })

  test('ends where the loss runs away, or is no number, and takes no more', () => {
    const away = searched({ smoothing: 0, divergence: 4 }, (_, k) => [2, 1, 4, 4.1, 9][k] as number)
    expect(away.state.tried.length).toBe(4)
    expect(searched({ smoothing: 0 }, (_, k) => [2, 1, NaN][k] as number).state.tried.length).toBe(3)
    expect(searched({ smoothing: 0, steps: 6 }, (_, k) => [-1, -2, -1, 5, 9, 9][k] as number).state.tried.length).toBe(
      6
    )
    expect(() => away.finder.step(away.state, 1)).toThrow('learningRateFinder: state must not be done, got one after 4')
  })

  test('suggests where a known curve falls most, and a tenth of where it is lowest', () => {
    // Over decades x from −5 to 1 a slope that is steepest at −2, lowest at −1, and steep uphill after it.
    const curve = (x: number): number => (x < -1 ? 3 - 2 * Math.tanh(3 * (x + 2)) : 1 + 8 * (x + 1))
    const { finder, state } = searched({ least: 1e-5, most: 10, steps: 121, smoothing: 0 }, (rate) =>
      curve(Math.log10(rate))
    )
    const found = finder.suggest(state)
    expect(Math.log10(found?.steepest as number)).toBeCloseTo(-2, 1)
    expect(Math.log10(found?.beforeMinimum as number)).toBeCloseTo(-2, 1)
    const doubled = searched({ least: 1e-5, most: 10, steps: 121, smoothing: 0 }, (rate) => 2 * curve(Math.log10(rate)))
    expect(finder.suggest(doubled.state)).toStrictEqual(found)
  })

  test('finds a rate at which a quadratic is solved, below the one at which it diverges', () => {
    let w = 1
    const { finder, state } = searched({ least: 1e-4, most: 10, steps: 80 }, (rate) => {
      const loss = 5 * w * w
      w -= rate * 10 * w
      return loss
    })
    const { steepest } = finder.suggest(state) as { steepest: number }
    expect(steepest).toBeGreaterThan(1e-3)
    expect(steepest).toBeLessThan(0.2)
  })

  test('of one or two rates it says nothing', () => {
    const { finder, state } = searched({ steps: 2 }, () => 1)
    expect(finder.suggest(finder.init)).toBeNull()
    expect(finder.suggest(state)).toBeNull()
  })

  test.each([
    ['least must be a finite number > 0, got 0', { least: 0 }],
    ['most must be above least, 1, got 0.5', { least: 1, most: 0.5 }],
    ['steps must be a whole number ≥ 2, got 1', { steps: 1 }],
    ['smoothing must be in [0, 1), got 1', { smoothing: 1 }],
    ['divergence must be a number > 1, got 1', { divergence: 1 }]
  ])('refuses: %s', (message, wrong) => {
    expect(() => learningRateFinder(wrong)).toThrow(`learningRateFinder: ${message}`)
  })
})

describe('learningRateSweep', () => {
  const losses = new Map([
    [1, NaN],
    [0.1, 2.1],
    [0.01, 2],
    [0.001, 2.3],
    [0.0001, 2.05]
  ])
  const run = (rate: number): number => losses.get(rate) as number

  test('the best, and those around it that are as good', () => {
    const found = learningRateSweep(run, { learningRates: [0.001, 1, 0.1, 0.01, 0.0001, 0.1] })
    expect(found.best).toStrictEqual({ learningRate: 0.01, loss: 2 })
    // Beyond the gap there may be good ones; they are another valley.
    expect(found.good).toStrictEqual([0.01, 0.1])
    expect(found.rates.map(({ learningRate }) => learningRate)).toStrictEqual([0.0001, 0.001, 0.01, 0.1, 1])
    expect(learningRateSweep(run, { tolerance: 0.2 }).good).toStrictEqual([0.0001, 0.1])
    expect(learningRateSweep(run, { tolerance: 0 }).good).toStrictEqual([0.01, 0.01])
  })

  test('below 0 as well, and nothing where nothing is finite', () => {
    expect(learningRateSweep((rate) => -rate, { learningRates: [1, 2, 1.9] }).good).toStrictEqual([1.9, 2])
    const none = learningRateSweep(() => NaN, { learningRates: [1] })
    expect(none).toStrictEqual({ rates: [{ learningRate: 1, loss: NaN }], best: null, good: null })
  })

  test.each([
    ['run must be a function, got 1', () => learningRateSweep(1 as never)],
    [
      'learningRates must be a list of finite numbers > 0, one or more, got []',
      () => learningRateSweep(run, { learningRates: [] })
    ],
    ['learningRates must be a list', () => learningRateSweep(run, { learningRates: [0] })],
    ['tolerance must be a finite number ≥ 0, got -1', () => learningRateSweep(run, { tolerance: -1 })]
  ])('refuses: %s', (message, refused) => {
    expect(refused).toThrow(`learningRateSweep: ${message}`)
  })
})

describe('overfitOneBatch', () => {
  /** A line through two points. */
  const fit = (sign: number) => (p: { readonly a: number; readonly b: number }) => {
    const errors = [
      [0, 1],
      [1, 3]
    ].map(([x, y]) => [x as number, p.a * (x as number) + p.b - (y as number)] as const)
    const loss = errors.reduce((sum, [, e]) => sum + e * e, 0)
    const a = sign * errors.reduce((sum, [x, e]) => sum + 2 * e * x, 0)
    return [loss, { a, b: sign * errors.reduce((sum, [, e]) => sum + 2 * e, 0) }] as const
  }

  test('succeeds where the gradient is right, and fails where it is not', () => {
    const given = { optimizer: sgd(0.2), params: { a: 0, b: 0 }, steps: 100 }
    const right = overfitOneBatch({ ...given, valueAndGrad: fit(1) })
    expect(right.succeeded).toBe(true)
    expect(right.losses.length).toBe(right.steps)
    expect(right.losses.at(-1)).toBeLessThanOrEqual(0.01 * (right.losses[0] as number))
    expect(right.losses.slice(0, -1).every((loss) => loss > 0.01 * (right.losses[0] as number))).toBe(true)
    const wrong = overfitOneBatch({ ...given, valueAndGrad: fit(-1) })
    expect([wrong.succeeded, wrong.steps]).toStrictEqual([false, 100])
  })

  test('a loss of 0 is fitted, where it stands', () => {
    const found = overfitOneBatch({ optimizer: sgd(0.1), params: { a: 2, b: 1 }, valueAndGrad: fit(1) })
    expect([found.succeeded, found.steps]).toStrictEqual([true, 1])
  })

  test.each([
    ['steps must be a whole number ≥ 1, got 0', { steps: 0 }],
    ['share must be in [0, 1), got 1', { share: 1 }]
  ])('refuses: %s', (message, wrong) => {
    const given = { optimizer: sgd(0.1), params: { a: 0, b: 0 }, valueAndGrad: fit(1), ...wrong }
    expect(() => overfitOneBatch(given)).toThrow(`overfitOneBatch: ${message}`)
  })
})

describe('scaleLearningRate', () => {
  const given = { learningRate: 0.1, from: 32, b1: 0.9, b2: 0.99, eps: 1e-6, weightDecay: 0.01 } as const

  test('the linear rule scales the rate alone, the other one what belongs to it', () => {
    expect(scaleLearningRate({ ...given, to: 128, rule: 'linear' })).toStrictEqual({
      learningRate: 0.4,
      b1: 0.9,
      b2: 0.99,
      eps: 1e-6,
      weightDecay: 0.01
    })
    const scaled = scaleLearningRate({ ...given, to: 128, rule: 'sqrt' })
    expect(scaled.learningRate).toBe(0.2)
    expect(scaled.b1).toBeCloseTo(0.9 ** 4, 14)
    expect(scaled.b2).toBeCloseTo(0.99 ** 4, 14)
    expect(scaled.eps).toBe(5e-7)
    expect(scaled.weightDecay).toBe(0.02)
    expect(scaleLearningRate({ learningRate: 1, from: 4, to: 1, rule: 'sqrt' })).toStrictEqual({ learningRate: 0.5 })
  })

  test('an epoch decays weights as much as before', () => {
    for (const rule of ['linear', 'sqrt'] as const) {
      const scaled = scaleLearningRate({ ...given, to: 512, rule })
      expect(scaled.learningRate * (scaled.weightDecay as number)).toBeCloseTo(16 * 0.1 * 0.01, 14)
    }
  })

  test('by way of another size is the same, up to rounding, and to the same size nothing changes', () => {
    const size = fc.integer({ min: 1, max: 4096 })
    fc.assert(
      fc.property(size, size, fc.constantFrom('linear' as const, 'sqrt' as const), (via, to, rule) => {
        const half = scaleLearningRate({ ...given, to: via, rule })
        const twice = scaleLearningRate({ ...half, from: via, to, rule })
        const once = scaleLearningRate({ ...given, to, rule })
        expect(scaleLearningRate({ ...given, to: 32, rule })).toStrictEqual(
          scaleLearningRate({ ...given, to: 32, rule: 'linear' })
        )
        for (const [name, wanted] of Object.entries(once)) {
          const found = twice[name as keyof typeof twice] as number
          // A power of a power: its exponents are up to 128, and what is rounded before is multiplied by them.
          expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-12 * Math.max(wanted, 1e-3))
        }
      })
    )
  })

  test.each([
    ['learningRate must be a finite number > 0, got 0', { learningRate: 0 }],
    ['to must be a finite number > 0, got NaN', { to: NaN }],
    ['rule must be one of "linear", "sqrt", got "none"', { rule: 'none' }],
    ['b2 must be in [0, 1), got 1', { b2: 1 }],
    ['weightDecay must be a finite number ≥ 0, got -1', { weightDecay: -1 }]
  ])('refuses: %s', (message, wrong) => {
    expect(() => scaleLearningRate({ ...given, to: 64, rule: 'sqrt', ...wrong } as never)).toThrow(
      `scaleLearningRate: ${message}`
    )
  })
})

describe('what it costs', () => {
  const params = { kernel: ndarray(new Float32Array(12), [3, 4]), bias: new Float64Array(2), scalar: 1 }

  test('the median of steps by a clock', () => {
    const ticks = (gaps: readonly number[]) => {
      let [time, calls] = [0, 0]
      // The clock goes on between the two looks of a step.
      return () => (time += calls++ % 2 === 1 ? (gaps[(calls >> 1) - 1] as number) : 100)
    }
    expect(timeUpdate(adam(0.1), params, { steps: 4, now: ticks([5, 1, 2, 9]) })).toStrictEqual({
      milliseconds: 3.5,
      nanosecondsPerParam: 3.5e6 / 15,
      steps: [5, 1, 2, 9]
    })
    expect(timeUpdate(adam(0.1), params, { steps: 3, warmUp: 0, now: ticks([5, 1, 2]) }).milliseconds).toBe(2)
    expect(timeUpdate(sgd(0.1), params, { steps: 2 }).steps.every((time) => time >= 0)).toBe(true)
  })

  test.each([
    ['steps must be a whole number ≥ 1, got 0', { steps: 0 }],
    ['warmUp must be a whole number ≥ 0, got -1', { warmUp: -1 }],
    ['threads must be a whole number ≥ 1, got 0', { threads: 0 }],
    ['now must be a function, got 3', { now: 3 as never }]
  ])('refuses: %s', (message, wrong) => {
    expect(() => timeUpdate(sgd(0.1), params, wrong)).toThrow(`timeUpdate: ${message}`)
  })
})
