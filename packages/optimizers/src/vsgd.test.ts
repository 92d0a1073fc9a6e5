import { scaleByVsgd } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { decayedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { anEps, refuses } from '../../transforms/src/internal/testing/courses.js'
import { vsgd } from './vsgd.js'

describe('vsgd', () => {
  const rates = fc.constantFrom(0, 0.25, 1)
  const sizes = fc.constantFrom(0.01, 1, 30)
  decayedPartLaws(
    'vsgd',
    vsgd,
    scaleByVsgd,
    fc.record({ noiseRatio: sizes, priorStrength: sizes, tau1: rates, tau2: rates, eps: anEps })
  )

  refuses([
    ['scaleByVsgd: tau1 must be in [0, 1], got 2', () => vsgd(0.1, { tau1: 2 })],
    // @ts-expect-error -- a mask says true or false
    ['addDecayedWeights: mask.w must be true or false, got 1', () => vsgd(0.1, { mask: { w: 1 } })]
  ])
})
