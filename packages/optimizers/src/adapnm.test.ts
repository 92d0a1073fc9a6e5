import { scaleByAdapnm } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { decayedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, anEps, aRate, refuses } from '../../transforms/src/internal/testing/courses.js'
import { adapnm } from './adapnm.js'

describe('adapnm', () => {
  decayedPartLaws('adapnm', adapnm, scaleByAdapnm, fc.record({ b0: aRate, b1: aDecay, b2: aDecay, eps: anEps }))

  refuses([
    ['scaleByAdapnm: b1 must be in [0, 1), got 1', () => adapnm(0.1, { b1: 1 })],
    // @ts-expect-error -- a mask says true or false
    ['addDecayedWeights: mask.w must be true or false, got 1', () => adapnm(0.1, { mask: { w: 1 } })]
  ])
})
