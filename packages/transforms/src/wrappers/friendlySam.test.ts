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
import { normalize } from '../norms/normalize.js'
import { scale } from '../scaling/scale.js'
import { type FriendlySamOptions, friendlySam } from './friendlySam.js'
import { sam } from './sam.js'

describe('friendlySam', () => {
  test.each([
    { sigma: 1, lambda: 0.9 },
    { sigma: 2, lambda: 0.75 },
    { sigma: 0.5, lambda: 0 }
  ])('steps with the gradient where its definition says, for %o', ({ sigma, lambda }) => {
    const rho = linearSchedule({ initValue: 0.5, endValue: 0.1, transitionSteps: 4 })
    let w = START
    let mean: Vector = [0, 0, 0]
    const wanted = [0, 1, 2, 3, 4, 5].map((t) => {
      const g = slope(w)
      mean = plus(scaled(mean, lambda), g, 1 - lambda)
      const d = plus(g, mean, -sigma)
      w = plus(w, slope(plus(w, d, rho(t) / length(d))), -0.02)
      return w
    })
    expectPath(path(friendlySam(scale(-0.02), { rho, sigma, lambda, opaqueMode: true }), 6), wanted)
  })

  test('by default ρ is 0.05, σ 1 and λ 0.9', () => {
    const spelled = friendlySam(scale(-0.02), { rho: 0.05, sigma: 1, lambda: 0.9 })
    expect(path(friendlySam(scale(-0.02)), 6)).toStrictEqual(path(spelled, 6))
  })

  turnsLaw((opaqueMode) => friendlySam(scale(-0.02), { rho: 0.3, opaqueMode }))

  test('with σ = 0, and with λ = 1, it is sam, bit for bit', () => {
    const wanted = path(sam(scale(-0.02), chain(normalize(), scale(-0.25))), 8)
    expect(path(friendlySam(scale(-0.02), { rho: 0.25, sigma: 0 }), 8)).toStrictEqual(wanted)
    expect(path(friendlySam(scale(-0.02), { rho: 0.25, lambda: 1 }), 8)).toStrictEqual(wanted)
  })

  test('stays where it is when all of the gradient is taken away', () => {
    expect(path(friendlySam(scale(-0.02), { sigma: 1, lambda: 0 }), 1)).toStrictEqual([START])
  })

  wrapperLaws('friendlySam', (inner) => friendlySam(inner))

  const make = (options: object) => () => friendlySam(scale(-1), options as FriendlySamOptions)
  refuses([
    ['friendlySam: rho must be a finite number ≥ 0 or a schedule, got -1', make({ rho: -1 })],
    ['friendlySam: sigma must be a finite number ≥ 0, got -1', make({ sigma: -1 })],
    ['friendlySam: lambda must be in [0, 1], got 2', make({ lambda: 2 })],
    ['friendlySam: opaqueMode must be true or false, got 1', make({ opaqueMode: 1 })]
  ])
})
