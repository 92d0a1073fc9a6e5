import { chain, identity } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  type BlockOracle,
  emittedBlocks,
  expectBlockOracle,
  expectSameBlocks,
  normOf
} from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { type AdaptiveNormClipOptions, adaptiveNormClip } from './adaptiveNormClip.js'

const someOptions = fc.record({
  relative: fc.constantFrom(0.5, 1.05, 2),
  decay: fc.constantFrom(0, 0.5, 0.98),
  absolute: fc.constantFrom(1, 100, 1e5),
  warmupSteps: fc.constantFrom(0, 1, 2, 4, 100)
})

/** Written down step by step, as the paper does it. */
const oracleOf =
  ({ relative, decay, absolute, warmupSteps }: Required<AdaptiveNormClipOptions>): BlockOracle =>
  (steps, shapes) => {
    let gamma = shapes.map(() => 0)
    let found: readonly (readonly number[])[] = []
    steps.forEach(({ grads }, i) => {
      const isEarly = i === 0 || i + 1 < warmupSteps
      const together = normOf(grads.flat())
      found = grads.map((g, leaf) => {
        const [length, mean] = [normOf(g), gamma[leaf] as number]
        const most = isEarly ? absolute : mean === 0 ? Number.POSITIVE_INFINITY : relative * mean
        return g.map((x) => x * Math.min(1, most / (isEarly ? together : length) || 1))
      })
      gamma = found.map((u, leaf) => {
        const [length, mean] = [normOf(u), gamma[leaf] as number]
        if (length === 0) return mean
        if (mean === 0) return length
        return isEarly ? Math.min(mean, length) : decay * mean + (1 - decay) * length
      })
    })
    return found
  }

describe('adaptiveNormClip', () => {
  test('shortens by the norm of all at first, then by the mean of each', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, options) =>
        expectBlockOracle(adaptiveNormClip(options), course, oracleOf(options))
      )
    )
  })

  test('shortens, and is odd', () => {
    fc.assert(
      fc.property(aBlockCourse(), someOptions, (course, options) => {
        emittedBlocks(adaptiveNormClip(options), course).forEach((blocks, t) => {
          blocks.forEach((u, leaf) => {
            expect(normOf(u)).toBeLessThanOrEqual((1 + 1e-12) * normOf(course.steps[t]?.grads[leaf] ?? []))
          })
        })
        expectSameBlocks(
          chain(scale(-1), adaptiveNormClip(options)),
          chain(adaptiveNormClip(options), scale(-1)),
          course
        )
      })
    )
  })

  test('does nothing to short gradients that stay the same', () => {
    fc.assert(
      fc.property(aBlockCourse(), fc.constantFrom(0, 2, 100), (course, warmupSteps) => {
        const first = course.steps.slice(0, 1)
        const same = { ...course, steps: [...first, ...first, ...first, ...first] }
        expectSameBlocks(adaptiveNormClip({ absolute: 1e9, warmupSteps }), identity(), same)
      })
    )
  })

  test('does not take gradients of zero for a bound', () => {
    const tx = adaptiveNormClip({ warmupSteps: 3 })
    const params = { a: new Float64Array(2), b: new Float64Array(1) }
    let state = tx.init(params)
    for (let t = 0; t < 5; t++) state = tx.update({ a: new Float64Array(2), b: Float64Array.of(0.5) }, state, params)[1]
    expect(state).toStrictEqual({ count: 5, gamma: { a: 0, b: 0.5 } })
    const [u, next] = tx.update({ a: Float64Array.of(30, 40), b: new Float64Array(1) }, state, params)
    expect(u).toStrictEqual({ a: Float64Array.of(30, 40), b: new Float64Array(1) })
    expect(next.gamma).toStrictEqual({ a: 50, b: 0.5 })
  })

  test('does not change when its options are spelled out', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) =>
        expectSameBlocks(
          adaptiveNormClip({ relative: 1.05, decay: 0.98, absolute: 1, warmupSteps: 100 }),
          adaptiveNormClip(),
          course
        )
      )
    )
  })

  const make = (options: object) => () => adaptiveNormClip(options as AdaptiveNormClipOptions)
  refuses([
    ['adaptiveNormClip: relative must be a finite number > 0, got 0', make({ relative: 0 })],
    ['adaptiveNormClip: absolute must be a finite number > 0, got null', make({ absolute: null })],
    ['adaptiveNormClip: decay must be in [0, 1), got 1', make({ decay: 1 })],
    ['adaptiveNormClip: warmupSteps must be a whole number ≥ 0, got 1.5', make({ warmupSteps: 1.5 })]
  ])
})
