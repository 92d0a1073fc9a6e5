import { chain, step } from '@gradchain/core'
import { describe, expect, test } from 'vitest'
import { expectDtypesKept, expectFloat32InChain, expectSame, refuses } from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { expectParams, FOURTEEN } from '../internal/testing/rules.js'
import { scale } from '../scaling/scale.js'
import { ema } from './ema.js'
import { type ScaleByFocusOptions, scaleByFocus } from './scaleByFocus.js'
import { scaleBySign } from './scaleBySign.js'

describe('scaleByFocus', () => {
  test.each([
    { b1: 0.8, b2: 0.9, gamma: 0.25, weightDecay: 0.1 },
    { b1: 0, b2: 0.5, gamma: 2, weightDecay: 0 },
    { b1: 0.5, b2: 0, gamma: 1, weightDecay: 0.5 }
  ])('has the sign of momentum, and pulls towards the average of the params with %o', (options) => {
    const { b1, b2, gamma, weightDecay } = options
    expectParams(chain(scaleByFocus(options), scale(-0.1)), (start) => {
      let p = [...start]
      let m = start.map(() => 0)
      const seen: number[][] = []
      return (g) => {
        seen.push(p)
        const n = seen.length
        // The average as it is defined, each of the params with its weight; before the params have moved it is they.
        const average = p.map((x, i) => {
          if (n === 1 || b2 === 0) return x
          const weighted = seen.reduce((sum, q, k) => sum + (1 - b2) * b2 ** (n - 1 - k) * (q[i] as number), 0)
          return weighted / (1 - b2 ** n)
        })
        m = m.map((x, i) => b1 * x + (1 - b1) * (g[i] as number))
        p = p.map((x, i) => {
          const a = average[i] as number
          return x - 0.1 * (Math.sign(m[i] as number) + gamma * Math.sign(x - a) + weightDecay * a)
        })
        return p
      }
    })
  })

  test('nothing pulls while the params stay where they are', () => {
    const tx = scaleByFocus({ b1: 0 })
    const params = { w: [0.1, -1 / 3, 1e-7] }
    let state = tx.init(params)
    for (let t = 0; t < 20; t++) {
      const [u, next] = tx.update({ w: [0, 1, 0] }, state, params)
      expect(u).toStrictEqual({ w: [0, 1, 0] })
      state = next
    }
  })

  test('without a pull it is the sign of an average', () => {
    expectSame(scaleByFocus({ gamma: 0, b1: 0.75 }), chain(ema(0.75), scaleBySign()), FOURTEEN)
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByFocus({ b1: 0.9, b2: 0.999, gamma: 0.1, weightDecay: 0 }), scaleByFocus(), SIX)
    const moved = (options?: ScaleByFocusOptions) => {
      const tx = chain(scaleByFocus(options), scale(-1))
      let params = { w: 4 }
      let state = tx.init(params)
      for (const w of [1, -2, 0.5, 3]) [params, state] = step(tx, { w }, state, params)
      return params.w
    }
    expect(moved({ b1: 0.9, b2: 0.999, gamma: 0.1, weightDecay: 0 })).toBe(moved())
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByFocus({ accumulatorDtype: 'bfloat16' }))
    expectFloat32InChain(scaleByFocus({ accumulatorDtype: 'float64', weightDecay: 0.1 }))
  })

  const make = (options: object) => () => scaleByFocus(options as ScaleByFocusOptions)
  refuses([
    ['scaleByFocus: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByFocus: b2 must be in [0, 1), got -1', make({ b2: -1 })],
    ['scaleByFocus: gamma must be a finite number ≥ 0, got -1', make({ gamma: -1 })],
    ['scaleByFocus: weightDecay must be a finite number ≥ 0, got NaN', make({ weightDecay: Number.NaN })]
  ])
})
