import { scaleByMsvag } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { ratedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, refuses } from '../../transforms/src/internal/testing/courses.js'
import { msvag } from './msvag.js'

describe('msvag', () => {
  ratedPartLaws(msvag, scaleByMsvag, fc.record({ beta: aDecay }))

  refuses([['scaleByMsvag: beta must be in [0, 1), got 1', () => msvag(0.1, { beta: 1 })]])
})
