import { scaleByAdai } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { decayedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, aRate, refuses } from '../../transforms/src/internal/testing/courses.js'
import { adai } from './adai.js'

describe('adai', () => {
  decayedPartLaws('adai', adai, scaleByAdai, fc.record({ b0: aRate, b2: aDecay, eps: fc.constantFrom(1e-3, 0.5) }))

  refuses([
    ['scaleByAdai: b2 must be in [0, 1), got 1', () => adai(0.1, { b2: 1 })],
    // @ts-expect-error -- a mask says true or false
    ['addDecayedWeights: mask.w must be true or false, got 1', () => adai(0.1, { mask: { w: 1 } })]
  ])
})
