import { chain, ndarray } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, expectSame, refuses } from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { expectRule, type LeafRule } from '../internal/testing/rules.js'
import { scale } from './scale.js'
import { scaleByInitialSnr } from './scaleByInitialSnr.js'

const rule =
  (eps: number): LeafRule =>
  () => {
    let s = 1
    return (g, t) => {
      const mean = g.reduce((sum, x) => sum + x, 0) / g.length
      const variance = g.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (g.length - 1)
      if (t === 1) s = Math.hypot(...g) / (Math.sqrt(variance) + eps)
      return g.map((x) => s * x)
    }
  }

describe('scaleByInitialSnr', () => {
  test.each([0, 1e-8, 0.5])('is the norm over the deviation of the first gradient, with eps %s', (eps) => {
    expectRule(scaleByInitialSnr({ eps }), rule(eps))
  })

  test('leaves alone what has no deviation: numbers, single elements, and what is the same everywhere', () => {
    const tx = scaleByInitialSnr({ eps: 0 })
    const zeros = {
      a: 0,
      b: [0],
      c: Float32Array.of(0, 0, 0),
      d: ndarray(new Float64Array(4), [2, 2]),
      e: new Float64Array(0)
    }
    const grads = {
      a: 3,
      b: [-2],
      c: Float32Array.of(0.1, 0.1, 0.1),
      d: ndarray(new Float64Array(4), [2, 2]),
      e: new Float64Array(0)
    }
    const [first, state] = tx.update(grads, tx.init(zeros), zeros)
    expect(first).toStrictEqual(grads)
    expect(tx.update(grads, state, zeros)[0]).toStrictEqual(grads)
  })

  test('its ratio does not see the scale of gradients', () => {
    const tx = scaleByInitialSnr({ eps: 0 })
    fc.assert(fc.property(aCourse(), (course) => expectSame(chain(scale(-0.25), tx), chain(tx, scale(-0.25)), course)))
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByInitialSnr({ eps: 1e-8 }), scaleByInitialSnr(), SIX)
  })

  refuses([['scaleByInitialSnr: eps must be a finite number ≥ 0, got -1', () => scaleByInitialSnr({ eps: -1 })]])
})
