import { identity } from '@gradchain/core'
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
import { type GrokfastOptions, grokfast } from './grokfast.js'

describe('grokfast', () => {
  test('adds a multiple of the mean of past gradients, which begins with the first', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, fc.constantFrom(0, 0.5, 2), (course, alpha, lambda) => {
        const of = (history: readonly number[]) =>
          last(history) + lambda * average(history.slice(1), alpha, 1, history[0] as number)
        expectOracle(grokfast({ alpha, lambda }), course, of, { scale: (absolute) => of(absolute) })
      })
    )
  })

  test('is the identity when nothing is added', () => {
    fc.assert(fc.property(aCourse(), (course) => expectSame(grokfast({ lambda: 0 }), identity(), course)))
  })

  test('multiplies a gradient that stays the same', () => {
    const found = emitted(grokfast({ alpha: 0.5 }), { params: [0], gradients: new Array(5).fill([3]) })
    expect(found).toStrictEqual(new Array(5).fill([9]))
  })

  test('does not change when its options are spelled out', () => {
    expectSame(grokfast({ alpha: 0.98, lambda: 2 }), grokfast(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(grokfast())
    expectDtypesKept(grokfast({ accumulatorDtype: 'bfloat16' }))
    expectFloat32InChain(grokfast({ accumulatorDtype: 'float64' }))
  })

  const make = (options: object) => () => grokfast(options as GrokfastOptions)
  refuses([
    ['grokfast: alpha must be in [0, 1), got 1', make({ alpha: 1 })],
    ['grokfast: lambda must be a finite number ≥ 0, got -1', make({ lambda: -1 })],
    [
      'grokfast: accumulatorDtype must be one of "float32", "float64", "bfloat16", "float16", got 8',
      make({ accumulatorDtype: 8 })
    ]
  ])
})
