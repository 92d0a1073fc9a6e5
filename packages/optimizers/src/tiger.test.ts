import { type AnyGradientTransformation, chain } from '@gradchain/core'
import { ema, scaleBySign } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { decayedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, aDyadic, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { each, expectParams } from '../../transforms/src/internal/testing/rules.js'
import { lion } from './lion.js'
import { signum } from './signum.js'
import { tiger } from './tiger.js'

const signOfMean = ({ beta = 0.965 }: { readonly beta?: number } = {}): AnyGradientTransformation =>
  chain(ema(beta, { debias: false }), scaleBySign())

describe('tiger', () => {
  decayedPartLaws('tiger', tiger, signOfMean, fc.record({ beta: aDecay }), 0.01)

  test('is the sign of a mean of gradients, and decay', () => {
    expectParams(
      tiger(0.05, { beta: 0.8, weightDecay: 0.3 }),
      each((start) => {
        let [p, m] = [start, 0]
        return (g) => {
          m = 0.8 * m + 0.2 * g
          p -= 0.05 * (Math.sign(m) + 0.3 * p)
          return p
        }
      })
    )
  })

  test('is signum without decay, and lion with one rate for both means', () => {
    fc.assert(
      fc.property(aCourse(aDyadic), (course) => {
        expectSame(tiger(0.1, { beta: 0.75, weightDecay: 0 }), signum(0.1, { beta: 0.75 }), course)
        expectSame(
          tiger(0.1, { beta: 0.75, weightDecay: 0.5 }),
          lion(0.1, { b1: 0.75, b2: 0.75, weightDecay: 0.5 }),
          course
        )
      })
    )
  })

  refuses([['tiger: beta must be in [0, 1), got 1', () => tiger(0.1, { beta: 1 })]])
})
