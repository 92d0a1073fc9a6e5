import { scaleByKate } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { ratedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { anEps, aRate, refuses } from '../../transforms/src/internal/testing/courses.js'
import { kate } from './kate.js'

describe('kate', () => {
  ratedPartLaws(kate, scaleByKate, fc.record({ eta: aRate, eps: anEps }))

  refuses([['scaleByKate: eta must be a finite number ≥ 0, got -1', () => kate(0.1, { eta: -1 })]])
})
