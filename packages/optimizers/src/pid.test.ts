import { scaleByPid } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { ratedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, aRate, refuses } from '../../transforms/src/internal/testing/courses.js'
import { pid } from './pid.js'

describe('pid', () => {
  ratedPartLaws(pid, scaleByPid, fc.record({ integral: aRate, derivative: aRate, momentum: aDecay }))

  refuses([['scaleByPid: momentum must be in [0, 1), got 1', () => pid(0.1, { momentum: 1 })]])
})
