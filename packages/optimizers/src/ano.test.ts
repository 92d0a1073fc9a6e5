import { scaleByAno } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { decayedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, anEps, refuses } from '../../transforms/src/internal/testing/courses.js'
import { ano } from './ano.js'

describe('ano', () => {
  decayedPartLaws('ano', ano, scaleByAno, fc.record({ b1: aDecay, b2: aDecay, eps: anEps }))

  refuses([
    ['scaleByAno: b1 must be in [0, 1), got 1', () => ano(0.1, { b1: 1 })],
    // @ts-expect-error -- a mask says true or false
    ['addDecayedWeights: mask.w must be true or false, got 1', () => ano(0.1, { mask: { w: 1 } })]
  ])
})
