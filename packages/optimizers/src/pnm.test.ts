import { scaleByPnm } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { decayedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, aRate, refuses } from '../../transforms/src/internal/testing/courses.js'
import { pnm } from './pnm.js'

describe('pnm', () => {
  decayedPartLaws('pnm', pnm, scaleByPnm, fc.record({ b0: aRate, b1: aDecay }))

  refuses([
    ['scaleByPnm: b1 must be in [0, 1), got 1', () => pnm(0.1, { b1: 1 })],
    // @ts-expect-error -- a mask says true or false
    ['addDecayedWeights: mask.w must be true or false, got 1', () => pnm(0.1, { mask: { w: 1 } })]
  ])
})
