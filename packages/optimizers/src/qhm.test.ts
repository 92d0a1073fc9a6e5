import { scaleByQhm } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { ratedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, refuses } from '../../transforms/src/internal/testing/courses.js'
import { type QhmOptions, qhm } from './qhm.js'

describe('qhm', () => {
  ratedPartLaws(qhm, scaleByQhm, fc.record({ decay: aDecay, nu: aDecay }))

  refuses([
    ['scaleByQhm: nu must be in [0, 1], got -1', () => qhm(0.1, { nu: -1 })],
    [
      'qhm: there is no option momentum; there are decay, nu, accumulatorDtype',
      () => qhm(0.1, { momentum: 0.9 } as QhmOptions)
    ]
  ])
})
