import { scaleByStableSpam } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { decayedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, anEps, refuses } from '../../transforms/src/internal/testing/courses.js'
import { stableSpam } from './stableSpam.js'

describe('stableSpam', () => {
  decayedPartLaws(
    'stableSpam',
    stableSpam,
    scaleByStableSpam,
    fc.record({
      b1: aDecay,
      b2: aDecay,
      gamma1: aDecay,
      gamma2: aDecay,
      theta: aDecay,
      resetPeriod: fc.constantFrom(Infinity, 1, 2, 3),
      eps: anEps
    })
  )

  refuses([
    ['scaleByStableSpam: theta must be in [0, 1), got 1', () => stableSpam(0.1, { theta: 1 })],
    // @ts-expect-error -- a mask says true or false
    ['addDecayedWeights: mask.w must be true or false, got 1', () => stableSpam(0.1, { mask: { w: 1 } })]
  ])
})
