import { scaleByQhadam } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { decayedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, anEps, refuses } from '../../transforms/src/internal/testing/courses.js'
import { type QhadamOptions, qhadam } from './qhadam.js'

describe('qhadam', () => {
  const someOptions = fc.record({ b1: aDecay, b2: aDecay, nu1: aDecay, nu2: aDecay, eps: anEps })
  decayedPartLaws('qhadam', qhadam, scaleByQhadam, someOptions)

  const make = (options: object) => () => qhadam(0.1, options as QhadamOptions)
  refuses([
    ['scaleByQhadam: nu1 must be in [0, 1], got 2', make({ nu1: 2 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ mask: { w: 1 } })]
  ])
})
