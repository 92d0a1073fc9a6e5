import { scaleByFocus } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe } from 'vitest'
import { ratedPartLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aDecay, refuses } from '../../transforms/src/internal/testing/courses.js'
import { focus } from './focus.js'

describe('focus', () => {
  const shares = fc.constantFrom(0, 0.1, 2)
  ratedPartLaws(focus, scaleByFocus, fc.record({ b1: aDecay, b2: aDecay, gamma: shares, weightDecay: shares }))

  refuses([
    ['scaleByFocus: b1 must be in [0, 1), got 1', () => focus(0.1, { b1: 1 })],
    [
      'focus: there is no option mask; there are b1, b2, gamma, weightDecay, accumulatorDtype',
      // @ts-expect-error -- there is no such option
      () => focus(0.1, { mask: true })
    ]
  ])
})
