import { scaleByAccSgd } from '@gradchain/transforms'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { aliasLaws } from '../../transforms/src/internal/testing/aliasLaws.js'
import { aCourse, expectSame, refuses } from '../../transforms/src/internal/testing/courses.js'
import { SIX } from '../../transforms/src/internal/testing/goldens.js'
import { type AccSgdOptions, accSgd } from './accSgd.js'

describe('accSgd', () => {
  test('is its part, with the options handed on', () => {
    const options = { kappa: 20, xi: 3, smallConst: 0.5 }
    fc.assert(fc.property(aCourse(), (course) => expectSame(accSgd(0.1, options), scaleByAccSgd(0.1, options), course)))
  })

  test('has the defaults of its part', () => {
    expectSame(accSgd(0.1), scaleByAccSgd(0.1), SIX)
  })

  aliasLaws(accSgd, 'scaleByAccSgd')

  refuses([
    ['scaleByAccSgd: kappa must be a finite number ≥ 1, got 0', () => accSgd(0.1, { kappa: 0 })],
    [
      'accSgd: there is no option momentum; there are kappa, xi, smallConst',
      () => accSgd(0.1, { momentum: 0.9 } as AccSgdOptions)
    ]
  ])
})
