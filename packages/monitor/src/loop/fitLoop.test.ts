import { adam, applyUpdates, chain, reduceOnPlateau, sgd } from 'gradchain'
import { describe, expect, test } from 'vitest'
import { earlyStopping } from './earlyStopping.js'
import { type FitLoopOptions, fitLoop, type LoopCallback } from './fitLoop.js'

const batches = [3, -1, 2, 5, -2, 4]
/** (w − x)² for the number x of a batch. */
const valueAndGrad = ({ w }: { readonly w: number }, x: number): readonly [number, { readonly w: number }] => [
  (w - x) * (w - x),
  { w: 2 * (w - x) }
]

describe('fitLoop', () => {
  test('does the steps that one would do by hand', () => {
    const optimizer = adam(0.1)
    let params = { w: 1 }
    let state = optimizer.init(params)
    const losses: number[] = []
    for (const x of batches) {
      const [loss, grads] = valueAndGrad(params, x)
      losses.push(loss)
      const [updates, next] = optimizer.update(grads, state, params)
      params = applyUpdates(params, updates)
      state = next
    }
    const fitted = fitLoop({ optimizer, params: { w: 1 }, batches, valueAndGrad })
    expect(fitted).toStrictEqual({
      params,
      state,
      steps: 6,
      history: losses.map((loss) => ({ loss })),
      carries: {},
      stoppedBy: null
    })
  })

  test('going on is going on, and no more than so many steps are taken', () => {
    const optimizer = adam(0.1)
    const whole = fitLoop({ optimizer, params: { w: 1 }, batches, valueAndGrad })
    const first = fitLoop({ optimizer, params: { w: 1 }, batches, valueAndGrad, steps: 4 })
    const { params, state } = first
    const rest = fitLoop({ optimizer, params, state, batches: batches.slice(4), valueAndGrad })
    expect(first.steps).toBe(4)
    expect([rest.params, rest.state]).toStrictEqual([whole.params, whole.state])
  })

  test('callbacks see each step, all of them, and the first that wants to ends it', () => {
    const seen: LoopCallback<readonly string[], { readonly step: number; readonly params: { readonly w: number } }> = {
      init: [],
      update: (before, { step, params }) => [...before, `${step}: ${params.w}`],
      shouldStop: () => false
    }
    const after = (count: number): LoopCallback<number, unknown> => ({
      init: 0,
      update: (n) => n + 1,
      shouldStop: (n) => n >= count
    })
    const callbacks = { seen, three: after(3), two: after(2), too: after(2) }
    const fitted = fitLoop({ optimizer: sgd(0.5), params: { w: 1 }, batches, valueAndGrad, callbacks })
    expect(fitted.stoppedBy).toBe('two')
    expect(fitted.carries).toStrictEqual({ seen: ['1: 3', '2: -1'], three: 2, two: 2, too: 2 })
    // What a callback was is what it is: it can be used again.
    expect(fitLoop({ optimizer: sgd(0.5), params: { w: 1 }, batches, valueAndGrad, callbacks }).carries).toStrictEqual(
      fitted.carries
    )
  })

  test('what the optimizer needs may be the value, and the loss is told how many steps there were', () => {
    const steps: number[] = []
    const fitted = fitLoop({
      optimizer: chain(sgd(0.1), reduceOnPlateau({ patience: 1 })),
      params: { w: 1 },
      batches,
      valueAndGrad: (_params, _batch, step) => {
        steps.push(step)
        return [7, { w: 1 }]
      },
      row: ({ state }) => state[1].scale
    })
    expect(steps).toStrictEqual([0, 1, 2, 3, 4, 5])
    expect(new Set(fitted.history).size).toBeGreaterThan(1)
  })

  test.each<[string, Partial<Record<keyof FitLoopOptions<never, never, never, never, never>, unknown>>]>([
    ['fitLoop: valueAndGrad must be a function, got undefined', { valueAndGrad: undefined }],
    ['fitLoop: batches must be iterable, got 3', { batches: 3 }],
    ['fitLoop: steps must be a whole number ≥ 1, got 0', { steps: 0 }],
    ['fitLoop: row must be a function, got 1', { row: 1 }]
  ])('refuses: %s', (message, wrong) => {
    const given = { optimizer: sgd(0.1), params: { w: 1 }, batches, valueAndGrad, ...wrong }
    expect(() => fitLoop(given as never)).toThrow(message)
  })
})

describe('earlyStopping', () => {
  const run = (values: readonly number[], options: Parameters<typeof earlyStopping<{ loss: number }>>[0]): number => {
    const { init, update, shouldStop } = earlyStopping(options)
    let state = init
    for (const [i, loss] of values.entries()) {
      state = update(state, { loss })
      if (shouldStop(state)) return i + 1
    }
    return Infinity
  }

  test('stops after so many values in a row that are no better', () => {
    expect(run([5, 4, 4, 3, 3, 3], { patience: 2 })).toBe(6)
    expect(run([5, 4, 4, 3, 3, 3], { patience: 1 })).toBe(3)
    expect(run([5, 4, 3, 2, 1], { patience: 1 })).toBe(Infinity)
  })

  test('what is better by minDelta or less is no better', () => {
    expect(run([5, 4, 3, 2], { patience: 1, minDelta: 1 })).toBe(2)
    expect(run([5, 4, 3, 2], { patience: 1, minDelta: 0.99 })).toBe(Infinity)
    // Against the best, and not against the last.
    expect(run([5, 4.4, 3.8, 3.2], { patience: 3, minDelta: 1 })).toBe(Infinity)
  })

  test('for larger values it is the same of the negatives', () => {
    for (const values of [
      [1, 2, 2, 1.5],
      [0, -1, -2],
      [3, 3, 3]
    ]) {
      const negatives = values.map((x) => -x)
      expect(run(values, { patience: 2, mode: 'max', minDelta: 0.25 })).toBe(
        run(negatives, { patience: 2, minDelta: 0.25 })
      )
    }
  })

  test('NaN is no better than anything', () => {
    expect(run([NaN, NaN], { patience: 2 })).toBe(2)
    expect(run([3, NaN, 2, NaN, NaN], { patience: 2 })).toBe(5)
  })

  test('ends a loop by a value of ours', () => {
    const validation = [3, 1, 2, 2, 2, 2]
    const stop = earlyStopping<{ readonly step: number }>({
      patience: 2,
      value: ({ step }) => validation[step - 1] as number
    })
    const fitted = fitLoop({ optimizer: sgd(0.5), params: { w: 1 }, batches, valueAndGrad, callbacks: { stop } })
    expect(fitted.steps).toBe(4)
    expect(fitted.carries.stop).toStrictEqual({ best: 1, bestAt: 2, count: 4, waited: 2 })
  })

  test.each([
    ['earlyStopping: patience must be a whole number ≥ 1, got 0', { patience: 0 }],
    ['earlyStopping: minDelta must be a finite number ≥ 0, got -1', { patience: 1, minDelta: -1 }],
    ['earlyStopping: mode must be one of "min", "max", got "least"', { patience: 1, mode: 'least' }],
    ['earlyStopping: value must be a function, got "loss"', { patience: 1, value: 'loss' }]
  ])('refuses: %s', (message, wrong) => {
    expect(() => earlyStopping(wrong as never)).toThrow(message)
  })
})
