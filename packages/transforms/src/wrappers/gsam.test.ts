import { chain, identity } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import {
  dot,
  expectPath,
  length,
  path,
  plus,
  rest,
  START,
  slope,
  turnsLaw,
  type Vector
} from '../internal/testing/sharpness.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { trace } from '../momentum/trace.js'
import { normalize } from '../norms/normalize.js'
import { scale } from '../scaling/scale.js'
import { type GsamOptions, gsam } from './gsam.js'
import { sam } from './sam.js'

const momentum = () => chain(trace(0.5), scale(-0.02))

describe('gsam', () => {
  test('steps with what its definition makes of two gradients', () => {
    const rho = linearSchedule({ initValue: 0.5, endValue: 0.1, transitionSteps: 4 })
    let w = START
    let velocity: Vector = [0, 0, 0]
    const wanted = [0, 1, 2, 3, 4, 5].map((t) => {
      const g = slope(w)
      const h = slope(plus(w, g, rho(t) / length(g)))
      velocity = plus(plus(h, rest(g, h), -0.7), velocity, 0.5)
      w = plus(w, velocity, -0.02)
      return w
    })
    expectPath(path(gsam(momentum(), { rho, alpha: 0.7, opaqueMode: true }), 6), wanted)
  })

  test('by default ρ is 0.05 and α 0.4', () => {
    expect(path(gsam(momentum()), 6)).toStrictEqual(path(gsam(momentum(), { rho: 0.05, alpha: 0.4 }), 6))
  })

  turnsLaw((opaqueMode) => gsam(momentum(), { rho: 0.3, opaqueMode }))

  test('with α = 0 it is sam, bit for bit', () => {
    const adversary = chain(normalize(), scale(-0.25))
    for (const opaqueMode of [true, false]) {
      const wanted = path(sam(momentum(), adversary, { opaqueMode }), 8)
      expect(path(gsam(momentum(), { rho: 0.25, alpha: 0, opaqueMode }), 8)).toStrictEqual(wanted)
    }
  })

  test('what is added to the gradient uphill is orthogonal to it', () => {
    const some = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(some, some, (g, h) => {
        const tx = gsam(identity(), { alpha: 3, opaqueMode: true })
        const params = { w: Float64Array.of(0, 0, 0) }
        const gradFn = () => ({ w: Float64Array.from(h) })
        const [u] = tx.update({ w: Float64Array.from(g) }, tx.init(params), params, { gradFn })
        // Some roundings of numbers of the size of the products.
        expect(Math.abs(dot(plus([...u.w], h, -1), h))).toBeLessThan(1e-13 * (1 + length(g) * length(h) + dot(h, h)))
      })
    )
  })

  test('a gradient uphill of zeros takes nothing away that is across it', () => {
    const tx = gsam(identity(), { alpha: 0.5, opaqueMode: true })
    const [u] = tx.update({ w: 4 }, tx.init({ w: 1 }), { w: 1 }, { gradFn: () => ({ w: 0 }) })
    expect(u).toStrictEqual({ w: -2 })
  })

  wrapperLaws('gsam', (inner) => gsam(inner))

  const make = (options: object) => () => gsam(scale(-1), options as GsamOptions)
  refuses([
    ['gsam: rho must be a finite number ≥ 0 or a schedule, got -1', make({ rho: -1 })],
    ['gsam: alpha must be a finite number, got NaN', make({ alpha: Number.NaN })],
    ['gsam: opaqueMode must be true or false, got 1', make({ opaqueMode: 1 })],
    [
      'gsam: gradFn must be a function, got 3',
      () => {
        const tx = gsam(scale(-1), { opaqueMode: true })
        // @ts-expect-error -- 3 is no function
        tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 }, { gradFn: 3 })
      }
    ]
  ])
})
