import { applyUpdates, chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  anEps,
  average,
  expectDtypesKept,
  expectFloat32InChain,
  expectOracle,
  expectSame,
  refuses,
  unbiased
} from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { scale } from '../scaling/scale.js'
import { scaleByAdam } from './scaleByAdam.js'
import { type ScaleByLapropOptions, scaleByLaprop } from './scaleByLaprop.js'

const someOptions = fc.record({ b1: aDecay, b2: aDecay, eps: anEps })

/** Each gradient over the root of the mean square up to it. */
const dividedOf = (history: readonly number[], b2: number, eps: number) =>
  history.map((g, i) => g / (Math.sqrt(unbiased(history.slice(0, i + 1), b2, 2)) + eps))

describe('scaleByLaprop', () => {
  test('is the mean of gradients, each over the root of the mean square up to it', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { b1, b2, eps }) => {
        const of = (history: readonly number[]) => dividedOf(history, b2, eps)
        expectOracle(scaleByLaprop({ b1, b2, eps }), course, (h) => average(of(h), b1, 1) / (1 - b1 ** h.length), {
          scale: (absolute) => average(of(absolute), b1, 1) / (1 - b1 ** absolute.length),
          in32: false
        })
      })
    )
  })

  test('is scaleByAdam when there is no momentum, up to rounding', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, anEps, (course, b2, eps) =>
        expectSame(scaleByLaprop({ b1: 0, b2, eps }), scaleByAdam({ b1: 0, b2, eps }), course, 1e-15)
      )
    )
  })

  test('is odd in the gradient', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(chain(scale(-1), scaleByLaprop(options)), chain(scaleByLaprop(options), scale(-1)), course)
      )
    )
  })

  // timm 1.0.29, LaProp: a param that begins at 1, gradients ½ cos t, the learning rate 4e-4; steps 1, 2 and 10.
  test('is what timm gives', () => {
    const tx = chain(scaleByLaprop(), scale(-4e-4))
    let params = { w: 1 }
    let state = tx.init(params)
    const path: number[] = []
    for (let t = 1; t <= 10; t++) {
      const [updates, next] = tx.update({ w: 0.5 * Math.cos(t) }, state, params)
      params = applyUpdates(params, updates)
      state = next
      path.push(params.w)
    }
    expect(path[0]).toBeCloseTo(0.9996, 13)
    expect(path[1]).toBeCloseTo(0.99959221183928, 13)
    expect(path[9]).toBeCloseTo(1.0002187091092, 12)
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByLaprop({ b1: 0.9, b2: 0.999, eps: 1e-15 }), scaleByLaprop(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByLaprop())
    expectDtypesKept(scaleByLaprop({ muDtype: 'bfloat16', nuDtype: 'float64' }))
    expectFloat32InChain(scaleByLaprop({ muDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByLaprop(options as ScaleByLapropOptions)
  refuses([
    ['scaleByLaprop: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByLaprop: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    ['scaleByLaprop: eps must be a finite number ≥ 0, got -1', make({ eps: -1 })],
    ['scaleByLaprop: nuDtype must be one of "float32", "float64", "bfloat16", "float16", got 32', make({ nuDtype: 32 })]
  ])
})
