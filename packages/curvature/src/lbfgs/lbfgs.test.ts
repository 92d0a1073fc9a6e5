import { type AnyGradientTransformation, chain, identity, step } from '@gradchain/core'
import { constantSchedule } from '@gradchain/schedules'
import { scaleByLearningRate } from '@gradchain/transforms'
import { describe, expect, test } from 'vitest'
import type { ObjectiveExtra } from '../internal/objective.js'
import { banana, rosenbrock, separable } from '../internal/testing/losses.js'
import { scaleByBacktrackingLinesearch } from '../linesearch/scaleByBacktrackingLinesearch.js'
import { scaleByZoomLinesearch } from '../linesearch/scaleByZoomLinesearch.js'
import { valueAndGradFromState } from '../linesearch/valueAndGradFromState.js'
import { type LbfgsOptions, type LbfgsState, lbfgs } from './lbfgs.js'
import { scaleByLbfgs } from './scaleByLbfgs.js'

type Loose = (
  tx: AnyGradientTransformation,
  grad: unknown,
  state: unknown,
  params: unknown,
  extra: unknown
) => readonly [unknown, unknown]

/** Params and states of some steps on a loss. */
const course = <P>(tx: AnyGradientTransformation, loss: ObjectiveExtra, start: P, steps: number) => {
  const valueAndGradOf = valueAndGradFromState(loss)
  const found: { readonly params: P; readonly state: LbfgsState }[] = []
  let [params, state] = [start, (tx.init as (params: unknown) => unknown)(start) as LbfgsState]
  for (let t = 0; t < steps; t++) {
    const [value, grad] = valueAndGradOf(params as never, state)
    ;[params, state] = (step as Loose)(tx, grad, state, params, { value, grad, ...loss }) as [P, LbfgsState]
    found.push({ params, state })
  }
  return found
}

describe('lbfgs', () => {
  test('does on the banana of Rosenbrock what Optax does', () => {
    const steps = course(lbfgs(), rosenbrock, banana(), 35)
    const [first] = steps
    expect(first?.state[2].learningRate).toBe(0.30640191171101167)
    expect(first?.params.x[0]).toBeCloseTo(-1.2 + 0.28368149, 8)
    expect(first?.params.y[0]).toBeCloseTo(1 + 0.11578836, 8)
    expect(steps.reduce((calls, { state }) => calls + state[2].info.numLinesearchSteps, 1)).toBe(46)
    expect(steps.at(-1)?.state[2].value).toBeLessThan(5e-19)
  })

  test('is a chain of its parts', () => {
    const parts = chain(
      scaleByLbfgs({ memorySize: 3, scaleInitPrecond: false }),
      scaleByLearningRate(0.5),
      scaleByZoomLinesearch(20, { initialGuessStrategy: 'one' })
    )
    const alias = lbfgs({ memorySize: 3, scaleInitPrecond: false, learningRate: 0.5 })
    expect(course(alias, rosenbrock, banana(), 8)).toStrictEqual(course(parts, rosenbrock, banana(), 8))
  })

  test('a learning rate that is a number is its constant schedule', () => {
    const scheduled = course(lbfgs({ learningRate: constantSchedule(0.5) }), rosenbrock, banana(), 8)
    expect(scheduled).toStrictEqual(course(lbfgs({ learningRate: 0.5 }), rosenbrock, banana(), 8))
  })

  test('takes another line search, or none', () => {
    const backtracking = lbfgs({ linesearch: scaleByBacktrackingLinesearch(40, { storeGrad: true }) })
    expect(course(backtracking, rosenbrock, banana(), 60).at(-1)?.state[2].value).toBeLessThan(2)
    const none = lbfgs({ linesearch: identity() })
    const params = banana()
    const grad = { x: Float64Array.of(-3), y: Float64Array.of(-4) }
    expect(none.update(grad, none.init(params), params)[0]).toStrictEqual({
      x: Float64Array.of(3 * (1 / 5)),
      y: Float64Array.of(4 * (1 / 5))
    })
  })

  test('powers of two times the loss lead to the same params', () => {
    const scaled: ObjectiveExtra = {
      valueAndGradFn: (at) => {
        const [value, grad] = valueAndGradFromState(rosenbrock)(at as never, lbfgs().init(banana())) as unknown as [
          number,
          ReturnType<typeof banana>
        ]
        return [1024 * value, { x: grad.x.map((g) => 1024 * g), y: grad.y.map((g) => 1024 * g) }]
      }
    }
    const paramsOf = (loss: ObjectiveExtra) => course(lbfgs(), loss, banana(), 20).map(({ params }) => params)
    expect(paramsOf(scaled)).toStrictEqual(paramsOf(rosenbrock))
  })

  test.each<[string, ObjectiveExtra]>([
    [
      'NaN past 1.5',
      separable(
        (w) => (w > 1.5 ? NaN : (w - 3) ** 2),
        (w) => (w > 1.5 ? NaN : 2 * (w - 3))
      )
    ],
    [
      '∞ past 1.5',
      separable(
        (w) => (w > 1.5 ? Infinity : (w - 3) ** 2),
        (w) => 2 * (w - 3)
      )
    ],
    [
      '−w², which has no least value',
      separable(
        (w) => -w * w,
        (w) => -2 * w
      )
    ],
    ['|w|, which has a kink', separable(Math.abs, Math.sign)],
    [
      '−w, which has none, either',
      separable(
        (w) => -w,
        () => -1
      )
    ],
    [
      '10⁻⁹ (w − 1)²',
      separable(
        (w) => 1e-9 * (w - 1) ** 2,
        (w) => 2e-9 * (w - 1)
      )
    ],
    [
      'NaN everywhere',
      separable(
        () => NaN,
        () => NaN
      )
    ],
    [
      'a constant',
      separable(
        () => 3,
        () => 0
      )
    ]
  ])('never goes uphill, and never to where the loss is not finite: %s', (_, loss) => {
    const start = { w: Float64Array.of(1, 0.3) }
    let before = Infinity
    for (const { params, state } of course(lbfgs(), loss, start, 25)) {
      const { value } = state[2]
      // By a millionth of itself it may: that is where the slopes decide.
      if (!Number.isNaN(value))
        expect(value).toBeLessThanOrEqual(before + 1e-6 * Math.abs(before === Infinity ? 0 : before))
      for (const w of params.w) expect(w).not.toBe(NaN)
      before = Number.isNaN(value) ? before : value
    }
  })

  test.each<[string, object]>([
    ['scaleByLearningRate: learningRate must be a finite number ≥ 0 or a schedule, got -1', { learningRate: -1 }],
    ['scaleByLbfgs: memorySize must be a whole number ≥ 1, got 0', { memorySize: 0 }],
    ['chain: a transformation must be a pair { init, update } of functions, got 3', { linesearch: 3 }],
    ['lbfgs: there is no option rate; there are learningRate, linesearch, memorySize, scaleInitPrecond', { rate: 1 }]
  ])('refuses: %s', (message, given) => {
    expect(() => lbfgs(given as LbfgsOptions)).toThrow(message)
  })
})
