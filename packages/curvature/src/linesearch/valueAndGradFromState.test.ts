import { applyUpdates, chain, InvalidOption, InvalidState, namedChain, valueAndGrad } from '@gradchain/core'
import { scale, trace } from '@gradchain/transforms'
import { describe, expect, test } from 'vitest'
import { banana, rosenbrock } from '../internal/testing/losses.js'
import { lbfgs } from '../lbfgs/lbfgs.js'
import { scaleByBacktrackingLinesearch } from './scaleByBacktrackingLinesearch.js'
import { scaleByZoomLinesearch } from './scaleByZoomLinesearch.js'
import { valueAndGradFromState } from './valueAndGradFromState.js'

describe('valueAndGradFromState', () => {
  test.each([
    ['zoom', chain(scale(-1), scaleByZoomLinesearch(20))],
    ['backtracking', chain(scale(-1), scaleByBacktrackingLinesearch(40, { storeGrad: true }))],
    ['names', namedChain({ value: scale(-1), grad: scaleByZoomLinesearch(20) })]
  ])('gives what is computed, to the bit: %s', (_, tx) => {
    const fromState = valueAndGradFromState(rosenbrock)
    let params = banana()
    let state: unknown = tx.init(params)
    for (let t = 0; t < 4; t++) {
      const [value, grad] = fromState(params, state)
      expect([value, grad]).toStrictEqual(valueAndGrad(rosenbrock.valueFn)(params))
      const [updates, next] = tx.update(grad, state as never, params, { value, grad, ...rosenbrock })
      ;[params, state] = [applyUpdates(params, updates), next]
    }
  })

  test('asks the loss in the first step alone', () => {
    let calls = 0
    const valueAndGradFn = (at: ReturnType<typeof banana>) => {
      calls += 1
      return valueAndGrad(rosenbrock.valueFn)(at)
    }
    const tx = lbfgs()
    const params = banana()
    const fromState = valueAndGradFromState({ valueAndGradFn })
    const [value, grad] = fromState(params, tx.init(params))
    expect(calls).toBe(1)
    const [updates, state] = tx.update(grad, tx.init(params), params, { value, grad, valueAndGradFn })
    expect(calls).toBe(1 + state[2].info.numLinesearchSteps)
    fromState(applyUpdates(params, updates), state)
    expect(calls).toBe(1 + state[2].info.numLinesearchSteps)
  })

  test('finds the search among params that are named like its fields', () => {
    const params = { value: 1, grad: 2 }
    const tx = chain(trace(0.9), scaleByZoomLinesearch(5))
    const fromState = valueAndGradFromState({ valueAndGradFn: () => [3, { value: 4, grad: 5 }] })
    expect(fromState(params, tx.init(params))).toStrictEqual([3, { value: 4, grad: 5 }])
  })

  test.each<[string, unknown]>([
    ['state must have a line search in it, has none', [{ count: 1 }]],
    [
      'state must have one line search in it, has several: [0].value, [1].value',
      [scaleByZoomLinesearch(3).init({ w: 1 }), scaleByZoomLinesearch(3).init({ w: 1 })]
    ],
    [
      'state must keep the gradient, which scaleByBacktrackingLinesearch does with storeGrad',
      scaleByBacktrackingLinesearch(3).init({ w: 1 })
    ]
  ])('refuses: %s', (message, state) => {
    const misuse = () => valueAndGradFromState(rosenbrock)(banana(), state)
    expect(misuse).toThrow(InvalidState)
    expect(misuse).toThrow(`valueAndGradFromState: ${message}`)
  })

  test('refuses what is no function', () => {
    expect(() => valueAndGradFromState({} as never)).toThrow(InvalidOption)
  })
})
