import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDyadic,
  aGradient,
  emitted,
  expectDtypesKept,
  expectOracle,
  expectSame,
  last,
  refuses
} from '../internal/testing/courses.js'
import { expectSix, SIX } from '../internal/testing/goldens.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByRpropOptions, scaleByRprop } from './scaleByRprop.js'
import { scaleBySign } from './scaleBySign.js'

// Dyadic numbers, so that products are exact.
const someOptions = fc.record({
  etaMinus: fc.constantFrom(0.25, 0.5, 1),
  etaPlus: fc.constantFrom(1, 1.5, 2),
  minStepSize: fc.constantFrom(0.125, 0.25),
  maxStepSize: fc.constantFrom(0.5, 4)
})
type Options = { readonly [K in Exclude<keyof ScaleByRpropOptions, 'accumulatorDtype'>]-?: number }

/** The last update of one element, from a size and the sign that is compared with. */
const updateOf = (history: readonly number[], rate: number, o: Options): number => {
  let [size, sign, update] = [rate, 0, 0]
  for (const g of history) {
    const now = Math.sign(g)
    if (now * sign > 0) size = Math.min(size * o.etaPlus, o.maxStepSize)
    const hasTurned = now * sign < 0
    if (hasTurned) size = Math.max(size * o.etaMinus, o.minStepSize)
    sign = hasTurned ? 0 : now
    update = sign * size
  }
  return update
}

describe('scaleByRprop', () => {
  test('is the sign of the update times a size that grows while the sign stays, and 0 when it turns', () => {
    fc.assert(
      fc.property(
        aCourse(fc.oneof(aDyadic, aGradient)),
        fc.constantFrom(0.25, 0.5),
        someOptions,
        (course, rate, options) =>
          expectOracle(scaleByRprop(rate, options), course, (history) => updateOf(history, rate, options))
      )
    )
  })

  test('is what PyTorch gives, step by step', () => {
    expectSix(scaleByRprop(0.1), [
      [0.1, -0.1, 0.1],
      [0.12, 0, 0],
      [0, -0.05, 0.05],
      [0, 0, 0.06],
      [0.06, -0.025, 0],
      [0, 0, 0.03]
    ])
    expectSix(scaleByRprop(0.1, { etaMinus: 0.7, etaPlus: 1.5, minStepSize: 0.08, maxStepSize: 0.2 }), [
      [0.1, -0.1, 0.1],
      [0.15000000000000002, 0, 0],
      [0, -0.08, 0.08],
      [0, 0, 0.12],
      [0.10500000000000001, -0.08, 0],
      [0, 0, 0.08399999999999999]
    ])
  })

  test('is odd in the gradient, and blind to its scale', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) => {
        const tx = scaleByRprop(0.25, options)
        expectSame(chain(scale(-1), tx), chain(tx, scale(-1)), course)
        expectSame(chain(scaleBySign(), tx), tx, course)
      })
    )
  })

  test('emits learningRate times the sign at first, and never more than maxStepSize', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) => {
        const found = emitted(scaleByRprop(0.5, options), course)
        const signs = (course.gradients[0] ?? []).map((g) => 0.5 * Math.sign(g))
        expect((found[0] ?? []).map((u) => u + 0)).toStrictEqual(signs.map((u) => u + 0))
        expect(found.flat().every((u) => Math.abs(u) <= options.maxStepSize)).toBe(true)
      })
    )
  })

  test('compares signs, so that products of tiny gradients do not vanish', () => {
    const course = { params: [0], gradients: [[1e-200], [1e-200]] }
    expect(emitted(scaleByRprop(0.5, { etaPlus: 2 }), course)).toStrictEqual([[0.5], [1]])
  })

  test('forgets a NaN after one step', () => {
    const tx = scaleByRprop(0.5, { etaPlus: 2 })
    const params = { w: 0 }
    const [first, state] = tx.update({ w: Number.NaN }, tx.init(params), params)
    expect(first.w).toBeNaN()
    expect(tx.update({ w: -1 }, state, params)).toStrictEqual([
      { w: -0.5 },
      { stepSizes: { w: 0.5 }, prevSigns: { w: -1 } }
    ])
  })

  test('does not change when its options are spelled out', () => {
    const options = { etaMinus: 0.5, etaPlus: 1.2, minStepSize: 1e-6, maxStepSize: 50 }
    expectSame(scaleByRprop(0.1, options), scaleByRprop(0.1), SIX)
    const steady = { params: [0], gradients: new Array(40).fill([1]) }
    expect(last(emitted(scaleByRprop(0.1), steady).flat())).toBe(50)
    const turning = { params: [0], gradients: Array.from({ length: 60 }, (_, t) => [(-1) ** Math.floor(t / 2)]) }
    expect(
      Math.abs(
        last(
          emitted(scaleByRprop(0.1, { etaPlus: 1 }), turning)
            .flat()
            .filter(Boolean)
        )
      )
    ).toBe(1e-6)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByRprop(0.1))
  })

  const make = (options: object) => () => scaleByRprop(0.1, options as ScaleByRpropOptions)
  refuses([
    ['scaleByRprop: learningRate must be a number from 0.000001 to 50, got 0', () => scaleByRprop(0)],
    ['scaleByRprop: learningRate must be a number from 0.000001 to 50, got 51', () => scaleByRprop(51)],
    [
      'scaleByRprop: learningRate must be a number from 0.000001 to 50, got a function',
      // @ts-expect-error -- a first step has no schedule
      () => scaleByRprop(() => 0.1)
    ],
    ['scaleByRprop: etaMinus must be in (0, 1], got 0', make({ etaMinus: 0 })],
    ['scaleByRprop: etaMinus must be in (0, 1], got 1.2', make({ etaMinus: 1.2 })],
    ['scaleByRprop: etaPlus must be a finite number ≥ 1, got 0.5', make({ etaPlus: 0.5 })],
    ['scaleByRprop: minStepSize must be a finite number > 0, got 0', make({ minStepSize: 0 })],
    ['scaleByRprop: maxStepSize must be a finite number ≥ 1, got 0.5', make({ minStepSize: 1, maxStepSize: 0.5 })],
    ['scaleByRprop: maxStepSize must be a finite number ≥ 0.000001, got Infinity', make({ maxStepSize: Infinity })],
    [
      'scaleByRprop: there is no option etas; there are etaMinus, etaPlus, minStepSize, maxStepSize, accumulatorDtype',
      make({ etas: [0.5, 1.2] })
    ]
  ])
})
