import { type ScaleByAmsgradOptions, scaleByAmsgrad } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { decayedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, anEps, refuses } from '../../transforms/src/internal/testing/courses.js'
import { padam } from './padam.js'

const partly = (options: ScaleByAmsgradOptions = {}) =>
  scaleByAmsgrad({ power: 1 / 8, biasCorrectionMu: false, biasCorrectionNu: false, ...options })

describe('padam', () => {
  decayedPartLaws('padam', padam, partly, fc.record({ b1: aDecay, b2: aDecay, eps: anEps, power: aDecay }))

  refuses([['scaleByAmsgrad: power must be in [0, 1), got 1', () => padam(0.1, { power: 1 })]])
})
