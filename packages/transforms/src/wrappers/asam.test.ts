import { applyUpdates } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { describe, expect, test } from 'vitest'
import { refuses } from '../internal/testing/courses.js'
import { expectPath, length, path, plus, START, slope, turnsLaw, type Vector } from '../internal/testing/sharpness.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scale } from '../scaling/scale.js'
import { type AsamOptions, asam } from './asam.js'

/** ρ T² g / ‖T g‖, with T = |p| + η. */
const uphill = (p: Vector, g: Vector, rho: number, eta: number): Vector => {
  const sizes = p.map((x) => Math.abs(x) + eta)
  const long = length(g.map((x, i) => x * (sizes[i] as number)))
  return g.map((x, i) => (rho * (sizes[i] as number) * (sizes[i] as number) * x) / long)
}

describe('asam', () => {
  test('steps with the gradient where its definition says', () => {
    const rho = linearSchedule({ initValue: 0.5, endValue: 0.1, transitionSteps: 4 })
    let w = START
    const wanted = [0, 1, 2, 3, 4, 5].map((t) => {
      const there = plus(w, uphill(w, slope(w), rho(t), 0.25))
      w = plus(w, slope(there), -0.02)
      return w
    })
    expectPath(path(asam(scale(-0.02), { rho, eta: 0.25, opaqueMode: true }), 6), wanted)
  })

  test('by default ρ is 0.5 and η 0.01', () => {
    expectPath(path(asam(scale(1)), 1), [plus(START, uphill(START, slope(START), 0.5, 0.01))])
  })

  turnsLaw((opaqueMode) => asam(scale(-0.02), { opaqueMode }))

  test('without η, params c times as large, with gradients 1/c as large, go uphill c times as far, bit for bit', () => {
    const tx = asam(scale(-1), { rho: 0.3, eta: 0 })
    const moved = (c: number) => {
      const params = { v: Float64Array.of(c, -2 * c), w: 0.5 }
      const [u] = tx.update({ v: Float64Array.of(3 / c, 0.7 / c), w: -1.3 }, tx.init(params), params)
      return [...u.v.map((x) => x / c), u.w]
    }
    for (const c of [2, 1024, 2 ** -20]) expect(moved(c)).toStrictEqual(moved(1))
  })

  test('a gradient of zeros moves nothing uphill', () => {
    const params = { w: Float32Array.of(1, 2) }
    const tx = asam(scale(-1))
    const [u] = tx.update({ w: new Float32Array(2) }, tx.init(params), params)
    expect(applyUpdates(params, u)).toStrictEqual(params)
  })

  wrapperLaws('asam', (inner) => asam(inner))

  const make = (options: object) => () => asam(scale(-1), options as AsamOptions)
  refuses([
    ['asam: rho must be a finite number ≥ 0 or a schedule, got -1', make({ rho: -1 })],
    ['asam: eta must be a finite number ≥ 0, got -1', make({ eta: -1 })],
    ['asam: opaqueMode must be true or false, got 1', make({ opaqueMode: 1 })],
    [
      'asam: gradFn must be a function, got undefined',
      () => {
        const tx = asam(scale(-1), { opaqueMode: true })
        // @ts-expect-error -- the function is missing
        tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 })
      }
    ],
    [
      'asam: the value of the schedule at step 0 must be a finite number, got NaN',
      () => {
        const tx = asam(scale(-1), { rho: () => Number.NaN })
        tx.update({ w: 1 }, tx.init({ w: 1 }), { w: 1 })
      }
    ]
  ])
})
