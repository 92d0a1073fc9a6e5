import {
  applyUpdates,
  chain,
  InvalidOption,
  InvalidTree,
  mul,
  ndarray,
  type Operand,
  step,
  sumSquares,
  transient,
  valueAndGrad
} from '@gradchain/core'
import { injectHyperparams, masked, scale } from '@gradchain/transforms'
import { describe, expect, test } from 'vitest'
import { banana, rosenbrock, separable } from '../internal/testing/losses.js'
import {
  type ScaleByZoomLinesearchExtra,
  type ScaleByZoomLinesearchOptions,
  type ScaleByZoomLinesearchState,
  scaleByZoomLinesearch
} from './scaleByZoomLinesearch.js'

/** The loss 2 Σw². */
const bowl = { valueFn: ({ w }: { readonly w: Operand }) => mul(2, sumSquares(w)) }
const bowlAt = (w: Float64Array) => ({
  value: 2 * w.reduce((sum, x) => sum + x * x, 0),
  grad: { w: w.map((x) => 4 * x) },
  ...bowl
})

/** One search along the negative gradient of Σ f(w). */
const searchAlong = (
  w: Float64Array,
  f: (w: number) => number,
  df: (w: number) => number,
  {
    steps = 20,
    sign = -1,
    ...options
  }: ScaleByZoomLinesearchOptions & { readonly steps?: number; readonly sign?: number } = {}
): { readonly w: readonly number[]; readonly state: ScaleByZoomLinesearchState } => {
  const tx = scaleByZoomLinesearch(steps, options)
  const extra = { value: w.reduce((total, x) => total + f(x), 0), grad: { w: w.map(df) }, ...separable(f, df) }
  const [updates, state] = tx.update({ w: extra.grad.w.map((x) => sign * x) }, tx.init({ w }), { w }, extra)
  return { w: [...applyUpdates({ w }, updates).w], state }
}

describe('scaleByZoomLinesearch', () => {
  test('finds where the loss has fallen, and says where that is', () => {
    const tx = chain(scale(-1), scaleByZoomLinesearch(15))
    const params = { w: Float64Array.of(3, 4) }
    const extra = bowlAt(params.w)
    const [updates, state] = tx.update(extra.grad, tx.init(params), params, extra)
    expect(updates).toStrictEqual({ w: Float64Array.of(-3, -4) })
    expect(state[1]).toStrictEqual({
      learningRate: 0.25,
      value: 0,
      grad: { w: Float64Array.of(0, 0) },
      info: { numLinesearchSteps: 2, decreaseError: 0, curvatureError: 0 }
    })
  })

  test('keeps the loss and the gradient of the params that its updates lead to, to the bit', () => {
    const tx = chain(scale(-1), scaleByZoomLinesearch(20))
    let params = banana()
    let state = tx.init(params)
    for (let t = 0; t < 10; t++) {
      const [value, grad] = valueAndGrad(rosenbrock.valueFn)(params)
      expect([state[1].value, state[1].grad]).toStrictEqual(
        t === 0 ? [Infinity, { x: Float64Array.of(0), y: Float64Array.of(0) }] : [value, grad]
      )
      ;[params, state] = step(tx, grad, state, params, { value, grad, ...rosenbrock })
    }
  })

  test('a function of arrays that gives both does what one of expressions does', () => {
    const run = (extra: (w: Float64Array) => ScaleByZoomLinesearchExtra) => {
      const tx = chain(scale(-1), scaleByZoomLinesearch(20))
      const params = { w: Float64Array.of(3, 4) }
      return tx.update(bowlAt(params.w).grad, tx.init(params), params, extra(params.w))
    }
    const own = (w: Float64Array): ScaleByZoomLinesearchExtra => {
      const { value, grad } = bowlAt(w)
      const valueAndGradFn = (at: { readonly w: Float64Array }) => {
        const { value: there, grad: slopes } = bowlAt(at.w)
        return [there, slopes] as const
      }
      return { value, grad, valueAndGradFn }
    }
    expect(run(own)).toStrictEqual(run(bowlAt))
  })

  test('keep begins with the last rate, one with 1', () => {
    const stepsOf = (initialGuessStrategy: 'one' | 'keep') => {
      const tx = chain(scale(-1), scaleByZoomLinesearch(20, { initialGuessStrategy }))
      let params = { w: Float64Array.of(3, 4) }
      let state = tx.init(params)
      const steps: number[] = []
      for (let t = 0; t < 2; t++) {
        params = { w: Float64Array.of(3, 4) }
        const extra = bowlAt(params.w)
        state = tx.update(extra.grad, state, params, extra)[1]
        steps.push(state[1].info.numLinesearchSteps)
      }
      return steps
    }
    expect(stepsOf('keep')).toStrictEqual([2, 1])
    expect(stepsOf('one')).toStrictEqual([2, 2])
  })

  test.each([NaN, Infinity, -Infinity])('a wall of %s is not gone through', (beyond) => {
    const wall = searchAlong(
      Float64Array.of(1, 1),
      (w) => (w > 1.5 ? beyond : (w - 3) * (w - 3)),
      (w) => (w > 1.5 ? beyond : 2 * (w - 3))
    )
    expect(wall.w[0]).toBeGreaterThan(1.4)
    expect(wall.w[0]).toBeLessThanOrEqual(1.5)
    expect(wall.state.info.decreaseError).toBe(0)
    expect(wall.state.value).toBe(2 * ((wall.w[0] as number) - 3) ** 2)
  })

  test.each<[string, (w: number) => number, (w: number) => number, number]>([
    ['NaN', () => NaN, () => NaN, 0],
    ['NaN but here', (w) => (w === 1 || w === 0 ? 2 : NaN), () => 1, 20],
    ['less than its slope says', (w) => w, () => -1, 20]
  ])('where the loss is %s, it stays to the bit, and says so', (_, f, df, steps) => {
    const { w, state } = searchAlong(Float64Array.of(1, -0), f, df, { approxDecRtol: null })
    expect(w).toStrictEqual([1, -0])
    expect(state.info.numLinesearchSteps).toBe(steps)
    expect(state.info.decreaseError).toBeGreaterThan(0)
    expect(state.grad).toStrictEqual({ w: Float64Array.of(df(1), df(-0)) })
  })

  test('uphill it does not begin', () => {
    const { w, state } = searchAlong(
      Float64Array.of(1, 2),
      (x) => x * x,
      (x) => 2 * x,
      { sign: 1 }
    )
    expect(w).toStrictEqual([1, 2])
    expect(state).toStrictEqual({
      ...{ learningRate: 1, value: 5, grad: { w: Float64Array.of(2, 4) } },
      info: { numLinesearchSteps: 0, decreaseError: Infinity, curvatureError: Infinity }
    })
  })

  test('at the minimum, and where it is flat, one rate is enough', () => {
    for (const at of [0, 1]) {
      const { w, state } = searchAlong(
        Float64Array.of(at),
        (x) => (x - 1) * (x - 1) * at,
        (x) => 2 * (x - 1) * at
      )
      expect(w).toStrictEqual([at])
      expect(state.info).toStrictEqual({ numLinesearchSteps: 1, decreaseError: 0, curvatureError: 0 })
    }
  })

  test('a search without end goes as far as its rates do', () => {
    const { w, state } = searchAlong(
      Float64Array.of(1, 2),
      (x) => x,
      () => 1
    )
    expect(w).toStrictEqual([1 - 2 ** 19, 2 - 2 ** 19])
    expect(state.info.decreaseError).toBe(0)
    expect(state.info.curvatureError).toBeCloseTo(0.2, 12)
  })

  test('float32 params stay so, and the state with them', () => {
    const tx = chain(scale(-1), scaleByZoomLinesearch(20))
    const params = { w: ndarray([1, 2], [2, 1]) }
    const [value, grad] = valueAndGrad(bowl.valueFn)(params)
    const [updates, state] = tx.update(grad, tx.init(params), params, { value, grad, ...bowl })
    expect(updates).toStrictEqual({ w: ndarray([-1, -2], [2, 1]) })
    expect(state[1].grad).toStrictEqual({ w: ndarray([0, 0], [2, 1]) })
  })

  test('does the same in place', () => {
    const tx = chain(scale(-1), scaleByZoomLinesearch(20))
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

  test('the params that are masked out, or have no gradient, are null where the loss is asked for', () => {
    const params = { w: Float64Array.of(3, 4), rest: 7 }
    const seen = new Set<unknown>()
    const valueFn = ({ w, rest }: { readonly w: Operand; readonly rest: Operand | null }) => {
      seen.add(rest)
      return mul(2, sumSquares(w))
    }
    const { value, grad } = bowlAt(params.w)
    const extra = { value, grad: { ...grad, rest: null }, valueFn }
    const tx = chain(scale(-1), masked(scaleByZoomLinesearch(15), { w: true, rest: false }))
    const [updates] = tx.update({ ...grad, rest: 1 }, tx.init(params), params, extra)
    expect(updates).toStrictEqual({ w: Float64Array.of(-3, -4), rest: -1 })
    const whole = chain(scale(-1), scaleByZoomLinesearch(15))
    const [rested, state] = whole.update({ ...grad, rest: null }, whole.init(params), params, extra)
    expect(rested).toStrictEqual({ w: Float64Array.of(-3, -4), rest: -0 })
    expect(state[1].grad).toStrictEqual({ w: Float64Array.of(0, 0), rest: 0 })
    expect([...seen]).toStrictEqual([null])
  })

  test('takes its options from outside', () => {
    const tx = injectHyperparams(({ maxLearningRate }) => scaleByZoomLinesearch(15, { maxLearningRate }), {
      maxLearningRate: 0.125
    })
    const params = { w: Float64Array.of(2) }
    const { value, grad } = bowlAt(params.w)
    const [updates] = tx.update({ w: Float64Array.of(-8) }, tx.init(params), params, { value, grad, ...bowl })
    expect(updates).toStrictEqual({ w: Float64Array.of(-1) })
  })

  const make = (options: object) => () => scaleByZoomLinesearch(5, options as ScaleByZoomLinesearchOptions)
  test.each<[string, () => unknown]>([
    ['maxLinesearchSteps must be a whole number ≥ 1, got 0', () => scaleByZoomLinesearch(0)],
    ['maxLearningRate must be a finite number > 0 or null, got 0', make({ maxLearningRate: 0 })],
    ['tol must be a finite number ≥ 0, got -1', make({ tol: -1 })],
    ['stepsizePrecision must be a finite number ≥ 0, got NaN', make({ stepsizePrecision: NaN })],
    ['increaseFactor must be a finite number > 1, got 1', make({ increaseFactor: 1 })],
    ['slopeRtol must be in [0, 1), got 1', make({ slopeRtol: 1 })],
    ['curvRtol must be a number ≥ 0, got -1', make({ curvRtol: -1 })],
    ['approxDecRtol must be a finite number ≥ 0 or null, got -1', make({ approxDecRtol: -1 })],
    ['initialGuessStrategy must be one of "one", "keep", got "two"', make({ initialGuessStrategy: 'two' })],
    ['there is no option verbose', make({ verbose: true })]
  ])('refuses: %s', (message, misuse) => {
    expect(misuse).toThrow(InvalidOption)
    expect(misuse).toThrow(`scaleByZoomLinesearch: ${message}`)
  })

  const told = (extra: object | undefined) => () => {
    const tx = scaleByZoomLinesearch(5)
    const params = { w: Float64Array.of(1) }
    return tx.update(params, tx.init(params), params, extra as ScaleByZoomLinesearchExtra)
  }
  const grad = { w: Float64Array.of(1) }
  test.each<[string, new (message: string) => Error, () => unknown]>([
    ['value must be a number, got undefined', InvalidOption, told(undefined)],
    ['value must be a number, got "1"', InvalidOption, told({ value: '1', grad, ...bowl })],
    ['grad must be a tree like the params, got undefined', InvalidOption, told({ value: 1, ...bowl })],
    ['valueFn must be a function, or valueAndGradFn, got neither', InvalidOption, told({ value: 1, grad })],
    [
      'grad at .w has shape [2], params has [1]',
      InvalidTree,
      told({ value: 1, grad: { w: new Float64Array(2) }, ...bowl })
    ]
  ])('refuses at update: %s', (message, kind, misuse) => {
    expect(misuse).toThrow(kind)
    expect(misuse).toThrow(`scaleByZoomLinesearch: ${message}`)
  })
})
