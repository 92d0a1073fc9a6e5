import { scaleByDiffgrad } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { ratedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, anEps, refuses } from '../../transforms/src/internal/testing/courses.js'
import { diffgrad } from './diffgrad.js'

describe('diffgrad', () => {
  ratedPartLaws(diffgrad, scaleByDiffgrad, fc.record({ b1: aDecay, b2: aDecay, eps: anEps }))

  refuses([['scaleByDiffgrad: b1 must be in [0, 1), got 1', () => diffgrad(0.1, { b1: 1 })]])
})
