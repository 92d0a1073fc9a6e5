import { chain } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import {
  expectPath,
  length,
  path,
  plus,
  START,
  scaled,
  slope,
  turnsLaw,
  type Vector
} from '../internal/testing/sharpness.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { trace } from '../momentum/trace.js'
import { normalize } from '../norms/normalize.js'
import { scale } from '../scaling/scale.js'
import { sam } from './sam.js'
import { type WsamOptions, wsam } from './wsam.js'

const momentum = () => chain(trace(0.5), scale(-0.02))

/** What is given to the optimizer, and what is taken away past it. */
type Split = (g: Vector, h: Vector, t: number) => readonly [given: Vector, past: Vector]

const written = (rho: number, split: Split): readonly Vector[] => {
  let w = START
  let velocity: Vector = [0, 0, 0]
  return [0, 1, 2, 3, 4, 5].map((t) => {
    const g = slope(w)
    const h = slope(plus(w, g, rho / length(g)))
    const [given, past] = split(g, h, t)
    velocity = plus(given, velocity, 0.5)
    w = plus(plus(w, velocity, -0.02), past, -1)
    return w
  })
}

describe('wsam', () => {
  test('steps with the weighted sum of both gradients', () => {
    // γ = 0.8: (1 − 2γ) / (1 − γ) = −3 and γ / (1 − γ) = 4.
    const wanted = written(0.2, (g, h) => [plus(scaled(h, 4), g, -3), [0, 0, 0]])
    expectPath(path(wsam(momentum(), { rho: 0.2, gamma: 0.8, opaqueMode: true }), 6), wanted, 11)
  })

  test('decoupled, steps with the first and descends the sharpness beside it', () => {
    const decoupledRate = linearSchedule({ initValue: 0.02, endValue: 0.01, transitionSteps: 3 })
    const wanted = written(0.2, (g, h, t) => [g, scaled(plus(h, g, -1), 4 * decoupledRate(t))])
    expectPath(path(wsam(momentum(), { rho: 0.2, gamma: 0.8, decoupledRate, opaqueMode: true }), 6), wanted, 11)
  })

  test('by default ρ is 0.05 and γ 0.9, in one', () => {
    expect(path(wsam(momentum()), 6)).toStrictEqual(
      path(wsam(momentum(), { rho: 0.05, gamma: 0.9, decoupledRate: undefined }), 6)
    )
  })

  turnsLaw((opaqueMode) => wsam(momentum(), { rho: 0.3, gamma: 0.6, opaqueMode }))
  turnsLaw((opaqueMode) => wsam(momentum(), { rho: 0.3, gamma: 0.6, decoupledRate: 0.02, opaqueMode }))

  test('with γ = 1/2 it is sam, with γ = 0 the optimizer', () => {
    const half = wsam(momentum(), { rho: 0.25, gamma: 0.5, opaqueMode: true })
    expect(path(half, 8)).toStrictEqual(
      path(sam(momentum(), chain(normalize(), scale(-0.25)), { opaqueMode: true }), 8)
    )
    expect(path(wsam(momentum(), { gamma: 0, opaqueMode: true }), 8)).toStrictEqual(path(momentum(), 8))
  })

  test('around gradient descent both forms are the same', () => {
    const options = { rho: 0.3, gamma: 0.75, opaqueMode: true }
    expectPath(path(wsam(scale(-0.02), options), 8), path(wsam(scale(-0.02), { ...options, decoupledRate: 0.02 }), 8))
  })

  wrapperLaws('wsam', (inner) => wsam(inner, { gamma: 0.6 }))

  const make = (options: object) => () => wsam(scale(-1), options as WsamOptions)
  refuses([
    ['wsam: rho must be a finite number ≥ 0 or a schedule, got -1', make({ rho: -1 })],
    ['wsam: gamma must be in [0, 1), got 1', make({ gamma: 1 })],
    ['wsam: decoupledRate must be a finite number ≥ 0 or a schedule, got -1', make({ decoupledRate: -1 })],
    ['wsam: opaqueMode must be true or false, got 1', make({ opaqueMode: 1 })]
  ])
})
