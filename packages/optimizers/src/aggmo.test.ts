import { scaleByAggmo } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { ratedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, refuses } from '../../transforms/src/internal/testing/courses.js'
import { type AggmoOptions, aggmo } from './aggmo.js'

describe('aggmo', () => {
  ratedPartLaws(aggmo, scaleByAggmo, fc.record({ betas: fc.array(aDecay, { minLength: 1, maxLength: 4 }) }))

  refuses([
    ['scaleByAggmo: betas[0] must be in [0, 1), got -1', () => aggmo(0.1, { betas: [-1] })],
    [
      'aggmo: there is no option momentum; there are betas, accumulatorDtype',
      () => aggmo(0.1, { momentum: 0.9 } as AggmoOptions)
    ]
  ])
})
