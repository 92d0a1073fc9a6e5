import { scaleByTam } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { ratedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, anEps, refuses } from '../../transforms/src/internal/testing/courses.js'
import { tam } from './tam.js'

describe('tam', () => {
  ratedPartLaws(tam, scaleByTam, fc.record({ momentum: aDecay, decay: aDecay, eps: anEps }))

  refuses([['scaleByTam: decay must be in [0, 1), got 1', () => tam(0.1, { decay: 1 })]])
})
