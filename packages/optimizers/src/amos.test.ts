import { chain } from '@gradchain/core'
import { ema, scaleByAmos } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, aDecay, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { amos } from './amos.js'

describe('amos', () => {
  const options = { eta: 0.5, beta: 0.9, cCoef: 0.5, dCoef: 0.75, extraL2: 0.1 }

  test('is its part, and a mean of updates with momentum', () => {
    fc.assert(
      fc.property(aCourse(), aDecay, (course, momentum) => {
        expectSame(amos(0.1, options), scaleByAmos(0.1, options), course)
        const same = chain(scaleByAmos(0.1, options), ema(momentum, { debias: false }))
        expectSame(amos(0.1, { ...options, momentum }), same, course)
      })
    )
  })

  test('has the defaults of its part', () => {
    expectSame(amos(0.1), scaleByAmos(0.1), SIX)
  })

  aliasLaws(amos, 'scaleByAmos')

  refuses([
    ['amos: momentum must be in [0, 1), got 1', () => amos(0.1, { momentum: 1 })],
    ['scaleByAmos: beta must be in [0, 1), got 1', () => amos(0.1, { beta: 1 })]
  ])
})
