import { chain, identity, step } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, emitted, expectSame, refuses } from '../internal/testing/courses.js'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { ema } from '../momentum/ema.js'
import { scaleBySign } from '../momentum/scaleBySign.js'
import { trace } from '../momentum/trace.js'
import { scale } from '../scaling/scale.js'
import { type MarsOptions, mars } from './mars.js'

// From w = 1 with the gradient ½ cos t, after steps 1, 2 and 10.
const course = (tx: ReturnType<typeof chain>): readonly number[] => {
  let params: number = 1
  let state = tx.init(params)
  const seen: number[] = []
  for (let t = 1; t <= 10; t++) {
    ;[params, state] = step(tx, 0.5 * Math.cos(t), state, params)
    if (t === 1 || t === 2 || t === 10) seen.push(params)
  }
  return seen
}

describe('mars', () => {
  test('around Adam and around the sign of a mean it is that of timm 1.0.29', () => {
    const adam = chain(mars(scaleByAdam({ b1: 0.9, b2: 0.99 }), { b1: 0.9 }), scale(-3e-3))
    const wanted = [0.99700000011105, 0.9973896897961, 1.0023247295218]
    course(adam).forEach((w, i) => {
      expect(Math.abs(w - (wanted[i] as number))).toBeLessThan(1e-12)
    })
    const lion = chain(mars(chain(ema(0.9, { debias: false }), scaleBySign()), { b1: 0.9 }), scale(-3e-3))
    course(lion).forEach((w, i) => {
      expect(Math.abs(w - ([0.997, 1, 1.006][i] as number))).toBeLessThan(1e-12)
    })
  })

  test('without a correction and a bound it is what it is around', () => {
    fc.assert(
      fc.property(aCourse(), (given) =>
        expectSame(mars(trace(0.9), { gamma: 0, maxNorm: Number.POSITIVE_INFINITY }), trace(0.9), given)
      )
    )
  })

  test('a gradient that stays the same is not corrected', () => {
    const given = { params: [0, 0], gradients: [[0.25, -0.5], [0.25, -0.5], [0.25, -0.5]] } // biome-ignore format: a table
    expectSame(mars(trace(0.9), { gamma: 0.7 }), trace(0.9), given)
  })

  test('what is given on is no longer than the bound, and has the direction of the corrected gradient', () => {
    fc.assert(
      fc.property(aCourse(), (given) => {
        const free = emitted(mars(identity(), { maxNorm: Number.POSITIVE_INFINITY }), given)
        emitted(mars(identity(), { maxNorm: 2 }), given).forEach((row, t) => {
          const c = free[t] ?? []
          const length = Math.hypot(...c)
          row.forEach((u, i) => {
            expect(Math.abs(u - (c[i] as number) / Math.max(1, length / 2))).toBeLessThanOrEqual(1e-12 * length)
          })
        })
      })
    )
  })

  const make = (options: object) => () => mars(identity(), options as MarsOptions)
  refuses([
    ['mars: gamma must be a finite number ≥ 0, got -1', make({ gamma: -1 })],
    ['mars: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['mars: maxNorm must be a number > 0, got 0', make({ maxNorm: 0 })]
  ])
})
