import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aDyadic,
  emitted,
  expectDtypesKept,
  expectFloat32InChain,
  expectSame,
  refuses
} from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { each, expectRule } from '../internal/testing/rules.js'
import { scale } from '../scaling/scale.js'
import { scaleByKate } from './scaleByKate.js'

describe('scaleByKate', () => {
  test.each([
    { eta: 0.3, eps: 0.1 },
    { eta: 0, eps: 1e-3 }
  ])('is the root of one sum over another with %o', ({ eta, eps }) => {
    expectRule(
      scaleByKate({ eta, eps }),
      each(() => {
        let [b, m] = [eps, 0]
        return (g) => {
          b += g * g
          m += eta * g * g + (g * g) / b
          return (Math.sqrt(m) * g) / b
        }
      })
    )
  })

  test('gradients twice as large give half the updates when eps = 0', () => {
    const tx = scaleByKate({ eps: 0 })
    fc.assert(
      fc.property(aCourse(aDyadic), (course) => expectSame(chain(scale(-2), tx), chain(tx, scale(-0.5)), course))
    )
  })

  test('gives 0 as long as gradients are 0, without an eps', () => {
    expect(emitted(scaleByKate({ eps: 0 }), { params: [1], gradients: [[0], [0], [2]] })).toStrictEqual([
      [0],
      [0],
      [0.5]
    ])
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByKate({ eta: 0, eps: 1e-8 }), scaleByKate(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByKate())
    expectFloat32InChain(scaleByKate())
  })

  refuses([
    ['scaleByKate: eta must be a finite number ≥ 0, got -1', () => scaleByKate({ eta: -1 })],
    ['scaleByKate: eps must be a finite number ≥ 0, got -1', () => scaleByKate({ eps: -1 })]
  ])
})
