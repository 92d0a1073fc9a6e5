import { scaleByAvagrad } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { decayedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, anEps, refuses } from '../../transforms/src/internal/testing/courses.js'
import { avagrad } from './avagrad.js'

describe('avagrad', () => {
  decayedPartLaws('avagrad', avagrad, scaleByAvagrad, fc.record({ b1: aDecay, b2: aDecay, eps: anEps }))

  refuses([
    ['scaleByAvagrad: eps must be a finite number > 0, got 0', () => avagrad(0.1, { eps: 0 })],
    // @ts-expect-error -- a mask says true or false
    ['addDecayedWeights: mask.w must be true or false, got 1', () => avagrad(0.1, { mask: { w: 1 } })]
  ])
})
