import { scaleByAdamod } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { ratedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, anEps, refuses } from '../../transforms/src/internal/testing/courses.js'
import { adamod } from './adamod.js'

describe('adamod', () => {
  ratedPartLaws(adamod, scaleByAdamod, fc.record({ b1: aDecay, b2: aDecay, b3: aDecay, eps: anEps }))

  refuses([['scaleByAdamod: b3 must be in [0, 1), got 1', () => adamod(0.1, { b3: 1 })]])
})
