import { ndarray, read, sum } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { biasCorrection } from './biasCorrection.js'
import { aDecay, aGradient, average, near } from './internal/testing/courses.js'

const aCount = fc.integer({ min: 1, max: 50 })

describe('biasCorrection', () => {
  test('makes of the average of equal gradients that gradient', () => {
    fc.assert(
      fc.property(aGradient, aDecay, aCount, (g, decay, count) => {
        const moment = average(new Array<number>(count).fill(g), decay, 1)
        return near(read(biasCorrection(moment, decay, count)), g, g)
      })
    )
  })

  test('changes nothing when β = 0, nor in the limit of many updates', () => {
    fc.assert(
      fc.property(aGradient, aDecay, aCount, (m, decay, count) => {
        return Object.is(biasCorrection(m, 0, count), m) && Object.is(biasCorrection(m, decay, 1e6), m)
      })
    )
  })

  test('does not divide by 0 in bfloat16, where 0.999 is 1', () => {
    // 0.001 to 8 bits is 0x3a83.
    const moment = ndarray(Uint16Array.of(0x3a83), [1], 'bfloat16')
    const corrected = read(sum(biasCorrection(moment, 0.999, 1)))
    expect(near(corrected, 1, 1, 1e-3)).toBe(true)
  })
})
