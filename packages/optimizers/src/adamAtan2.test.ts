import { scaleByAdamAtan2 } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { decayedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, aRate, refuses } from '../../transforms/src/internal/testing/courses.js'
import { type AdamAtan2Options, adamAtan2 } from './adamAtan2.js'

describe('adamAtan2', () => {
  const someOptions = fc.record({ b1: aDecay, b2: aDecay, a: aRate, b: fc.constantFrom(0.5, 1, 3) })
  decayedPartLaws('adamAtan2', adamAtan2, scaleByAdamAtan2, someOptions)

  const make = (options: object) => () => adamAtan2(0.1, options as AdamAtan2Options)
  refuses([
    ['scaleByAdamAtan2: b must be a finite number > 0, got 0', make({ b: 0 })],
    ['addDecayedWeights: mask.w must be true or false, got 1', make({ mask: { w: 1 } })]
  ])
})
