import { chain, identity } from '@gradchain/core'
import { constantSchedule, linearSchedule } from '@gradchain/schedules'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aBlockCourse, eachBlock, expectBlockOracle, expectSameBlocks, normOf } from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { trace } from '../momentum/trace.js'
import { scaleByTrustRatio } from '../norms/scaleByTrustRatio.js'
import { scale } from '../scaling/scale.js'
import { addDecayedWeights } from './addDecayedWeights.js'
import { type DecayFirstOptions, decayFirst } from './decayFirst.js'

const aShare = fc.constantFrom(0, 0.25, 0.5, -1)

describe('decayFirst', () => {
  test('gives inner the params that are left, and takes off what it did', () => {
    fc.assert(
      fc.property(aBlockCourse(), aShare, (course, share) =>
        expectBlockOracle(
          decayFirst(scaleByTrustRatio(), share),
          course,
          eachBlock((g, p) => {
            const [m, n] = [normOf(g), normOf(p.map((x) => x - share * x))]
            return g.map((x, i) => x * (m === 0 || n === 0 ? 1 : n / m) - share * (p[i] as number))
          }),
          { sizes: eachBlock((g, p) => g.map((x, i) => Math.abs(x) + normOf(p) * 2 + Math.abs(p[i] as number))) }
        )
      )
    )
  })

  test('is a weight decay of its own around what does not look at the params', () => {
    const falling = linearSchedule({ initValue: 0.5, endValue: 0, transitionSteps: 4 })
    fc.assert(
      fc.property(aBlockCourse(), fc.boolean(), (course, mask) =>
        expectSameBlocks(
          decayFirst(trace(0.9), falling, { mask }),
          chain(
            trace(0.9),
            addDecayedWeights((t) => -falling(t), { mask })
          ),
          course
        )
      )
    )
  })

  test('takes a number for its constant schedule, and with 0 is inner, bit for bit', () => {
    fc.assert(
      fc.property(aBlockCourse(), aShare, (course, share) => {
        const inner = () => scaleByTrustRatio()
        expectSameBlocks(decayFirst(inner(), share), decayFirst(inner(), constantSchedule(share)), course)
        expectSameBlocks(decayFirst(inner(), 0), inner(), course)
      })
    )
  })

  test('lets what is not in the mask stay', () => {
    const tx = decayFirst(scale(1), 0.5, { mask: { a: true, b: false } })
    const params = { a: 4, b: 4 }
    expect(tx.update({ a: 1, b: 1 }, tx.init(params), params)[0]).toStrictEqual({ a: -1, b: 1 })
  })

  wrapperLaws('decayFirst', (inner) => decayFirst(inner, 0.5))

  refuses([
    ['decayFirst: decay must be a finite number or a schedule, got NaN', () => decayFirst(identity(), Number.NaN)],
    [
      'decayFirst: mask.w must be true or false, got 1',
      () => decayFirst(identity(), 0.5, { mask: { w: 1 } } as unknown as DecayFirstOptions)
    ]
  ])
})
