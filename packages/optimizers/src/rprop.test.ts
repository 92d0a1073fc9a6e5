import { chain } from '@gradchain/core'
import { scale, scaleByRprop } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, emitted, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type RpropOptions, rprop } from './rprop.js'

const someOptions = fc.record({
  etaMinus: fc.constantFrom(0.25, 0.5),
  etaPlus: fc.constantFrom(1, 1.5),
  minStepSize: fc.constantFrom(1e-3, 0.1),
  maxStepSize: fc.constantFrom(0.5, 4)
})

describe('rprop', () => {
  test('is scaleByRprop with a minus sign, and the options handed on', () => {
    fc.assert(
      fc.property(aCourse(), someOptions, (course, options) =>
        expectSame(rprop(0.2, options), chain(scaleByRprop(0.2, options), scale(-1)), course)
      )
    )
  })

  // Optax 0.2.8 gives the same one step late, and 0 twice where a gradient has turned.
  test('is what PyTorch gives, step by step', () => {
    expect(emitted(rprop(0.1), { params: [0], gradients: [[1], [1], [1], [-1], [-1]] }).flat()).toStrictEqual([
      -0.1, -0.12, -0.144, -0, 0.072
    ])
  })

  test('does not change when its options are spelled out', () => {
    const options = { etaMinus: 0.5, etaPlus: 1.2, minStepSize: 1e-6, maxStepSize: 50 }
    expectSame(rprop(0.1, options), rprop(0.1), SIX)
    const steady = { params: [0], gradients: new Array(40).fill([1]) }
    expect(emitted(rprop(0.1), steady).at(-1)).toStrictEqual([-50])
  })

  const make = (options: object) => () => rprop(0.1, options as RpropOptions)
  refuses([
    ['scaleByRprop: learningRate must be a number from 0.000001 to 50, got -1', () => rprop(-1)],
    [
      'scaleByRprop: learningRate must be a number from 0.000001 to 50, got a function',
      // @ts-expect-error -- a first step has no schedule
      () => rprop(() => 0.1)
    ],
    ['scaleByRprop: etaPlus must be a finite number ≥ 1, got 0.5', make({ etaPlus: 0.5 })],
    [
      'rprop: there is no option etas; there are etaMinus, etaPlus, minStepSize, maxStepSize, accumulatorDtype',
      make({ etas: [] })
    ]
  ])
})
