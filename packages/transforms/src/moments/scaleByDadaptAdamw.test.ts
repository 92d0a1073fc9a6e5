import { chain, step } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { expectDtypesKept, expectFloat32InChain, refuses } from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByDadaptAdamwOptions, scaleByDadaptAdamw } from './scaleByDadaptAdamw.js'

describe('scaleByDadaptAdamw', () => {
  test('keeps its estimate while all gradients have been zero', () => {
    const tx = scaleByDadaptAdamw(1, { estimLr0: 0.5, eps: 1e-8 })
    const params = { w: new Float32Array([1, 2]) }
    const [updates, state] = tx.update({ w: new Float32Array(2) }, tx.init(params), params)
    expect(updates).toStrictEqual({ w: new Float32Array(2) })
    expect(state.estimLr).toBe(0.5)
  })

  test('its estimate never falls, grows on the way to a minimum far away, and leads there', () => {
    const tx = chain(scaleByDadaptAdamw(), scale(-1))
    let params = { x: new Float64Array([30, -20]) }
    let state = tx.init(params)
    let before = 0
    for (let t = 0; t < 600; t++) {
      ;[params, state] = step(tx, { x: params.x.map((x) => 2 * x) }, state, params)
      const d = state[0].estimLr as number
      expect(d).toBeGreaterThanOrEqual(before)
      before = d
    }
    expect(before).toBeGreaterThan(1e-2)
    for (const x of params.x) expect(Math.abs(x)).toBeLessThan(5)
  })

  test('decays the params by a share of the step', () => {
    const params = { w: [2, 4] }
    const emitted = (weightDecay: number) => {
      const tx = scaleByDadaptAdamw(1, { estimLr0: 0.5, weightDecay, b1: 0, b2: 0 })
      return tx.update({ w: [1, 1] }, tx.init(params), params)[0].w
    }
    const more = emitted(0.5).map((u, i) => u - (emitted(0)[i] as number))
    expect(more).toStrictEqual([expect.closeTo(0.5, 12), expect.closeTo(1, 12)])
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByDadaptAdamw())
    expectFloat32InChain(scaleByDadaptAdamw())
  })

  const make = (options: object) => () => scaleByDadaptAdamw(1, options as ScaleByDadaptAdamwOptions)
  refuses([
    [
      'scaleByDadaptAdamw: learningRate must be a finite number ≥ 0 or a schedule, got -1',
      () => scaleByDadaptAdamw(-1)
    ],
    ['scaleByDadaptAdamw: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByDadaptAdamw: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    ['scaleByDadaptAdamw: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    ['scaleByDadaptAdamw: estimLr0 must be a finite number > 0, got 0', make({ estimLr0: 0 })],
    ['scaleByDadaptAdamw: weightDecay must be a finite number ≥ 0, got -1', make({ weightDecay: -1 })]
  ])
})
