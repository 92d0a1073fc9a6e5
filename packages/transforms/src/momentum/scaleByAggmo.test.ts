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
import { type ScaleByAggmoOptions, scaleByAggmo } from './scaleByAggmo.js'
import { trace } from './trace.js'

describe('scaleByAggmo', () => {
  test.each([[[0.3, 0.8, 0.95, 0.99]], [[0.6, 0]]])('is the mean of decaying sums with the rates %o', (betas) => {
    expectRule(
      scaleByAggmo({ betas }),
      each(() => {
        const sums = betas.map(() => 0)
        return (g) => {
          betas.forEach((beta, i) => {
            sums[i] = beta * (sums[i] as number) + g
          })
          return sums.reduce((total, v) => total + v, 0) / betas.length
        }
      })
    )
  })

  test('with one rate, and with two that are the same, it is trace', () => {
    fc.assert(
      fc.property(aCourse(aDyadic), aDecay, (course, beta) => {
        expectSame(scaleByAggmo({ betas: [beta] }), trace(beta), course)
        expectSame(scaleByAggmo({ betas: [beta, beta] }), trace(beta), course)
      })
    )
  })

  test('does not change when its options are spelled out, or a list of them changes later', () => {
    const betas = [0, 0.9, 0.99]
    const tx = scaleByAggmo({ betas })
    betas.length = 1
    expectSame(tx, scaleByAggmo(), SIX)
  })

  test('keeps the dtypes of its state and of the updates', () => {
    expectDtypesKept(scaleByAggmo({ accumulatorDtype: 'bfloat16' }))
    expectFloat32InChain(scaleByAggmo({ accumulatorDtype: 'float64' }))
  })

  const make = (options: object) => () => scaleByAggmo(options as ScaleByAggmoOptions)
  refuses([
    ['scaleByAggmo: betas must be a list of one or more numbers, got []', make({ betas: [] })],
    ['scaleByAggmo: betas must be a list of one or more numbers, got 0.9', make({ betas: 0.9 })],
    ['scaleByAggmo: betas[1] must be in [0, 1), got 1', make({ betas: [0.9, 1] })]
  ])
})
