import { step } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { type MechanizeOptions, mechanize } from './mechanize.js'

describe('mechanize', () => {
  test('finds how large steps of gradient descent must be', () => {
    const tx = mechanize(scale(-1))
    let params = { x: new Float64Array([3, -2]) }
    let state = tx.init(params)
    const loss = () => params.x.reduce((sum, x) => sum + x * x, 0)
    for (let t = 0; t < 500; t++) [params, state] = step(tx, { x: params.x.map((x) => 2 * x) }, state, params)
    expect(loss()).toBeLessThan(0.1)
    expect(state.s.reduce<number>((sum, s) => sum + (s as number), 0)).toBeGreaterThan(1e-3)
  })

  test('starts from the params of the first update, not from those of init', () => {
    const tx = mechanize(scale(-1))
    const [, state] = tx.update({ w: 1 }, tx.init({ w: 0 }), { w: 7 })
    expect(state.x0).toStrictEqual({ w: 7 })
  })

  // From r = s = 0 the first scale is sInit / n · m / √v for each rate, and m = √v = |h| up to eps.
  test('its first step is that of the inner transformation times the first scale', () => {
    const tx = mechanize(scale(-1), { sInit: 0.5, numBetas: 3, eps: 1e-12 })
    const [, state] = tx.update({ w: [1, 1] }, tx.init({ w: [0, 0] }), { w: [0, 0] })
    expect(state.s).toHaveLength(3)
    const [updates] = tx.update({ w: [2, -3] }, tx.init({ w: [0, 0] }), { w: [0, 0] })
    // h = 0 at first, so that m = eps and √v + eps = eps.
    expect(updates.w.map((u) => u.toFixed(9))).toEqual(['-1.000000000', '1.500000000'])
  })

  const make = (options: object) => () => mechanize(scale(-1), options as MechanizeOptions)
  refuses([
    ['mechanize: weightDecay must be a finite number ≥ 0, got -1', make({ weightDecay: -1 })],
    ['mechanize: eps must be a finite number > 0, got 0', make({ eps: 0 })],
    ['mechanize: sInit must be a finite number > 0, got 0', make({ sInit: 0 })],
    ['mechanize: numBetas must be a whole number ≥ 1, got 0', make({ numBetas: 0 })]
  ])
})
