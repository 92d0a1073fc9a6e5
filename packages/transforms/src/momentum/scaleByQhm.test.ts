import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import {
  aCourse,
  aDecay,
  aDyadic,
  expectDtypesKept,
  expectFloat32InChain,
  expectSame,
  refuses
} from '../internal/testing/courses.js'
import { SIX } from '../internal/testing/goldens.js'
import { each, expectRule } from '../internal/testing/rules.js'
import { scale } from '../scaling/scale.js'
import { ema } from './ema.js'
import { type ScaleByQhmOptions, scaleByQhm } from './scaleByQhm.js'
import { trace } from './trace.js'

describe('scaleByQhm', () => {
  test.each([
    { decay: 0.9, nu: 0.25 },
    { decay: 0, nu: 0.5 }
  ])('is a share of the mean and the rest of the gradient with %o', ({ decay, nu }) => {
    expectRule(
      scaleByQhm({ decay, nu }),
      each(() => {
        let m = 0
        return (g) => {
          m = decay * m + (1 - decay) * g
          return (1 - nu) * g + nu * m
        }
      })
    )
  })

  test('with ν = 0 it is the identity, with ν = 1 the mean', () => {
    fc.assert(
      fc.property(aCourse(aDyadic), aDecay, (course, decay) => {
        expectSame(scaleByQhm({ decay, nu: 0 }), scale(1), course)
        expectSame(scaleByQhm({ decay, nu: 1 }), ema(decay, { debias: false }), course)
      })
    )
  })

  test("with ν = β it is Nesterov's momentum", () => {
    const nesterov = chain(trace(0.75, { nesterov: true }), scale(0.25))
    fc.assert(
      fc.property(aCourse(aDyadic), (course) => expectSame(scaleByQhm({ decay: 0.75, nu: 0.75 }), nesterov, course))
    )
  })

  test('does not change when its options are spelled out', () => {
    expectSame(scaleByQhm({ decay: 0.999, nu: 0.7 }), scaleByQhm(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByQhm({ accumulatorDtype: 'bfloat16' }))
    expectFloat32InChain(scaleByQhm({ accumulatorDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByQhm(options as ScaleByQhmOptions)
  refuses([
    ['scaleByQhm: decay must be in [0, 1), got 1', make({ decay: 1 })],
    ['scaleByQhm: nu must be in [0, 1], got 1.5', make({ nu: 1.5 })],
    [
      'scaleByQhm: accumulatorDtype must be one of "float32", "float64", "bfloat16", "float16", got 32',
      make({ accumulatorDtype: 32 })
    ]
  ])
})
