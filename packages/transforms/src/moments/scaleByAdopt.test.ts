import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDecay,
  average,
  emitted,
  expectDtypesKept,
  expectFloat32InChain,
  expectOracle,
  expectSame,
  last,
  refuses
} from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { scale } from '../scaling/scale.js'
import { type ScaleByAdoptOptions, scaleByAdopt } from './scaleByAdopt.js'

const someOptions = fc.record({
  b1: aDecay,
  b2: aDecay,
  eps: fc.constantFrom(1e-6, 0.1, 1),
  nesterov: fc.boolean(),
  useClipping: fc.boolean()
})

/** Each gradient but the first over the second moment of those before it, bounded by the fourth root of its step. */
const dividedOf = (history: readonly number[], b2: number, eps: number, useClipping: boolean) =>
  history.slice(1).map((g, i) => {
    const before = history.slice(0, i + 1)
    // The first square is the start of the average.
    const start = (before[0] as number) ** 2
    const n = g / Math.max(Math.sqrt(average(before.slice(1), b2, 2, start)), eps)
    const bound = useClipping ? (i + 1) ** 0.25 : Number.POSITIVE_INFINITY
    return Math.min(bound, Math.max(-bound, n))
  })

describe('scaleByAdopt', () => {
  test('is the mean of gradients over the root of the second moment of those before each', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, { b1, b2, eps, nesterov, useClipping }) => {
        const ahead = (divided: readonly number[]) =>
          divided.length === 0 || !nesterov
            ? average(divided, b1, 1)
            : b1 * average(divided, b1, 1) + (1 - b1) * last(divided)
        const of = (history: readonly number[]) => dividedOf(history, b2, eps, useClipping)
        expectOracle(scaleByAdopt({ b1, b2, eps, nesterov, useClipping }), course, (history) => ahead(of(history)), {
          scale: (_, __, history) => ahead(of(history).map(Math.abs)),
          in32: false
        })
      })
    )
  })

  test('does not move at the first step, whatever the gradient', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, ({ params, gradients }, options) => {
        const [first] = emitted(scaleByAdopt(options), { params, gradients: gradients.slice(0, 1) })
        expect(first?.every((u) => u === 0)).toBe(true)
      })
    )
  })

  test('keeps what it averages within the bound that it is told', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) => {
        const tx = scaleByAdopt({ ...options, useClipping: true, clipValueFn: () => 0.25 })
        for (const row of emitted(tx, course)) for (const u of row) expect(Math.abs(u)).toBeLessThanOrEqual(0.25)
      })
    )
  })

  test('is odd in the gradient', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(chain(scale(-1), scaleByAdopt(options)), chain(scaleByAdopt(options), scale(-1)), course)
      )
    )
  })

  test('does not change when its options are spelled out', () => {
    const options = { b1: 0.9, b2: 0.9999, eps: 1e-6, nesterov: false, useClipping: true }
    expectSame(scaleByAdopt(options), scaleByAdopt(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByAdopt())
    expectDtypesKept(scaleByAdopt({ muDtype: 'bfloat16', nuDtype: 'float64' }))
    expectFloat32InChain(scaleByAdopt({ muDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByAdopt(options as ScaleByAdoptOptions)
  refuses([
    ['scaleByAdopt: b1 must be in [0, 1), got 1', make({ b1: 1 })],
    ['scaleByAdopt: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    ['scaleByAdopt: eps must be a finite number > 0, got 0', make({ eps: 0 })],
    ['scaleByAdopt: nesterov must be true or false, got 1', make({ nesterov: 1 })],
    ['scaleByAdopt: useClipping must be true or false, got "no"', make({ useClipping: 'no' })],
    ['scaleByAdopt: clipValueFn must be a function, got 1', make({ clipValueFn: 1 })],
    [
      'scaleByAdopt: clipValueFn(1) must be a finite number ≥ 0, got -1',
      () => emitted(scaleByAdopt({ clipValueFn: (step) => -step }), SIX)
    ],
    ['scaleByAdopt: nuDtype must be one of "float32", "float64", "bfloat16", "float16", got 32', make({ nuDtype: 32 })]
  ])
})
