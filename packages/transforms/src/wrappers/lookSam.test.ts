import { chain, identity } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import {
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
import { type LookSamOptions, lookSam } from './lookSam.js'
import { sam } from './sam.js'

const momentum = () => chain(trace(0.5), scale(-0.02))

describe('lookSam', () => {
  test('steps with what its definition makes of the gradients', () => {
    const rho = linearSchedule({ initValue: 0.5, endValue: 0.1, transitionSteps: 4 })
    let w = START
    let velocity: Vector = [0, 0, 0]
    let v: Vector = []
    const wanted = [0, 1, 2, 3, 4, 5, 6, 7].map((t) => {
      const g = slope(w)
      let given: Vector
      if (t % 3 === 0) {
        given = slope(plus(w, g, rho(t) / length(g)))
        v = rest(given, g)
      } else given = plus(g, v, (0.6 * length(g)) / length(v))
      velocity = plus(given, velocity, 0.5)
      w = plus(w, velocity, -0.02)
      return w
    })
    expectPath(path(lookSam(momentum(), { rho, k: 3, alpha: 0.6, opaqueMode: true }), 8), wanted)
  })

  test('by default ρ is 0.05, k 5 and α 0.7', () => {
    expect(path(lookSam(momentum()), 9)).toStrictEqual(path(lookSam(momentum(), { rho: 0.05, k: 5, alpha: 0.7 }), 9))
  })

  turnsLaw(
    (opaqueMode) => lookSam(momentum(), { rho: 0.3, k: 3, opaqueMode }),
    (t) => t % 3 === 0
  )

  test('with k = 1 it is sam, bit for bit', () => {
    const adversary = chain(normalize(), scale(-0.25))
    for (const opaqueMode of [true, false]) {
      const wanted = path(sam(momentum(), adversary, { opaqueMode }), 8)
      expect(path(lookSam(momentum(), { rho: 0.25, k: 1, opaqueMode }), 8)).toStrictEqual(wanted)
    }
  })

  test('asks for a gradient only where it goes uphill', () => {
    const asked: number[] = []
    const tx = lookSam(identity(), { k: 3, opaqueMode: true })
    let state = tx.init({ w: 1 })
    for (let t = 0; t < 7; t++) {
      const gradFn = () => {
        asked.push(t)
        return { w: 1 }
      }
      ;[, state] = tx.update({ w: 2 }, state, { w: 1 }, { gradFn })
    }
    expect(asked).toStrictEqual([0, 3, 6])
  })

  test('what is added where it does not go uphill is α times as long as the gradient', () => {
    const tx = lookSam(identity(), { k: 2, alpha: 0.5, opaqueMode: true })
    const params = { w: Float64Array.of(0, 0) }
    const gradFn = () => ({ w: Float64Array.of(1, 7) })
    const [, state] = tx.update({ w: Float64Array.of(1, 1) }, tx.init(params), params, { gradFn })
    const g = Float64Array.of(3, -4)
    const [u] = tx.update({ w: g }, state, params, { gradFn })
    expect(Math.hypot(...u.w.map((x, i) => x - (g[i] as number)))).toBeCloseTo(2.5, 12)
  })

  wrapperLaws('lookSam', (inner) => lookSam(inner, { k: 2 }))

  const make = (options: object) => () => lookSam(scale(-1), options as LookSamOptions)
  refuses([
    ['lookSam: rho must be a finite number ≥ 0 or a schedule, got -1', make({ rho: -1 })],
    ['lookSam: k must be a whole number ≥ 1, got 0', make({ k: 0 })],
    ['lookSam: alpha must be a finite number ≥ 0, got -1', make({ alpha: -1 })],
    ['lookSam: opaqueMode must be true or false, got 1', make({ opaqueMode: 1 })]
  ])
})
