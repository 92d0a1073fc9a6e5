import { chain, step } from '@gradchain/core'
import { linearSchedule } from '@gradchain/schedules'
import { mirrorMap, scaleByLearningRate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type MirrorDescentOptions, mirrorDescent } from './mirrorDescent.js'

const falling = linearSchedule({ initValue: 0.1, endValue: 0, transitionSteps: 10 })
const aMap = fc.constantFrom('simplex' as const, 'entropy' as const, 'pNorm' as const)

/** The losses of each round, one for each expert. */
const someLosses = (least: number) =>
  fc.integer({ min: 2, max: 6 }).chain((n) =>
    fc.array(fc.array(fc.double({ min: least, max: 1, noNaN: true }), { minLength: n, maxLength: n }), {
      minLength: 1,
      maxLength: 30
    })
  )

describe('mirrorDescent', () => {
  test('is scaleByLearningRate and mirrorMap, with the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), aMap, fc.constantFrom(1.2, 2), (course, map, p) =>
        expectSame(
          mirrorDescent(falling, { map, p }),
          chain(scaleByLearningRate(falling), mirrorMap({ map, p })),
          course
        )
      )
    )
  })

  test('on the simplex has the regret of Hedge, and weights that are exponentials of all losses', () => {
    fc.assert(
      fc.property(someLosses(0), fc.constantFrom(0.1, 0.5, 2), (losses, rate) => {
        const tx = mirrorDescent(rate)
        const n = losses[0]?.length as number
        let params = { w: new Float64Array(n).fill(1 / n) }
        let state = tx.init(params)
        const totals = new Float64Array(n)
        let suffered = 0
        for (const row of losses) {
          row.forEach((loss, i) => {
            suffered += (params.w[i] as number) * loss
            totals[i] = (totals[i] as number) + loss
          })
          ;[params, state] = step(tx, { w: Float64Array.from(row) }, state, params)
        }
        expect(suffered - Math.min(...totals)).toBeLessThanOrEqual(
          Math.log(n) / rate + (rate * losses.length) / 8 + 1e-12
        )
        const parts = [...totals].map((total) => Math.exp(-rate * total))
        const whole = parts.reduce((a, b) => a + b, 0)
        parts.forEach((part, i) => expect(params.w[i]).toBeCloseTo(part / whole, 12))
      })
    )
  })

  // Hazan (2016), theorem 5.6, with the strong convexity p − 1 of ‖w‖ₚ² / 2.
  test('with the p-norm has no more regret than the theorem says', () => {
    fc.assert(
      fc.property(someLosses(-1), fc.double({ min: -2, max: 2, noNaN: true }), (losses, x) => {
        const [rate, p, q] = [0.3, 1.5, 3]
        const tx = mirrorDescent(rate, { map: 'pNorm', p })
        const n = losses[0]?.length as number
        let params = { w: new Float64Array(n) }
        let state = tx.init(params)
        // Against a point on the first axis.
        let [regret, allowed] = [0, (x * x) / 2 / rate]
        for (const row of losses) {
          regret += row.reduce((sum, g, i) => sum + g * ((params.w[i] as number) - (i === 0 ? x : 0)), 0)
          const norm = row.reduce((sum, g) => sum + Math.abs(g) ** q, 0) ** (1 / q)
          allowed += (rate * norm * norm) / (2 * (p - 1))
          ;[params, state] = step(tx, { w: Float64Array.from(row) }, state, params)
        }
        expect(regret).toBeLessThanOrEqual(allowed + 1e-12)
      })
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(mirrorDescent(0.1, { map: 'simplex', p: 1.5 }), mirrorDescent(0.1), SIX)
  })

  aliasLaws(mirrorDescent)

  const make = (options: object) => () => mirrorDescent(0.1, options as MirrorDescentOptions)
  refuses([
    ['mirrorMap: p must be in (1, 2], got 3', make({ p: 3 })],
    ['mirrorDescent: there is no option axis; there are map, p', make({ axis: 0 })]
  ])
})
