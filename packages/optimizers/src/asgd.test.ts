import { chain, step } from '@gradchain/core'
import { addDecayedWeights, averagedParams, scaleByLearningRate, swa } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aRate, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { each, expectParams } from '../../transforms/src/internal/testing/rules.js'
import { asgd } from './asgd.js'
import { sgd } from './sgd.js'

describe('asgd', () => {
  test('falls and decays as the paper says', () => {
    expectParams(
      asgd(0.2, { lambd: 0.3, alpha: 0.6, t0: 4 }),
      each((start) => {
        let p = start
        return (g, t) => {
          const rate = 0.2 / (1 + 0.3 * 0.2 * (t - 1)) ** 0.6
          p = p * (1 - 0.3 * rate) - rate * g
          return p
        }
      })
    )
  })

  test('averages the params from the second step after t0 on, like PyTorch', () => {
    const tx = asgd(1, { lambd: 0, t0: 3 })
    let params = { w: 10 }
    let state = tx.init(params)
    const averages: number[] = []
    for (let t = 1; t <= 6; t++) {
      ;[params, state] = step(tx, { w: t }, state, params)
      averages.push(averagedParams(state, params).w)
    }
    // The params are 9, 7, 4, 0, −5, −11.
    expect(averages).toStrictEqual([9, 7, 4, 0, -5, -8])
  })

  test('is its chain, averaged', () => {
    const falling = (t: number): number => 0.1 / (1 + 0.5 * 0.1 * t)
    const same = swa(chain(addDecayedWeights(0.5), scaleByLearningRate(falling)), { start: 2 })
    fc.assert(fc.property(aCourse(), (course) => expectSame(asgd(0.1, { lambd: 0.5, alpha: 1, t0: 0 }), same, course)))
  })

  test('is sgd with lambd 0', () => {
    fc.assert(fc.property(aCourse(), aRate, (course, rate) => expectSame(asgd(rate, { lambd: 0 }), sgd(rate), course)))
  })

  test('does not change when its options are spelled out', () => {
    expectSame(asgd(0.1, { lambd: 1e-4, alpha: 0.75, t0: 1e6 }), asgd(0.1), SIX)
  })

  aliasLaws(asgd, 'asgd')

  refuses([
    ['asgd: lambd must be a finite number ≥ 0, got -1', () => asgd(0.1, { lambd: -1 })],
    ['asgd: alpha must be a finite number ≥ 0, got -1', () => asgd(0.1, { alpha: -1 })],
    ['asgd: t0 must be a whole number ≥ 0, got 0.5', () => asgd(0.1, { t0: 0.5 })]
  ])
})
