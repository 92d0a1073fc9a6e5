import { identity } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  type BlockOracle,
  emittedBlocks,
  expectBlockOracle,
  expectSameBlocks
} from '../internal/testing/blocks.js'
import { refuses, unbiased } from '../internal/testing/courses.js'
import { wrapperLaws } from '../internal/testing/wrapperLaws.js'
import { scaleByAdam } from '../moments/scaleByAdam.js'
import { trace } from '../momentum/trace.js'
import { scale } from '../scaling/scale.js'
import { type StableUpdatesOptions, stableUpdates } from './stableUpdates.js'

const rmsOf = (xs: readonly number[]) =>
  xs.length === 0 ? 0 : Math.sqrt(xs.reduce((s, x) => s + x * x, 0) / xs.length)

/** By how much a step is shortened. */
const factor = (histories: readonly (readonly number[])[], b2: number, eps: number) =>
  1 / Math.max(1, rmsOf(histories.map((h) => (h.at(-1) as number) / Math.max(Math.sqrt(unbiased(h, b2, 2)), eps))))

const aRate = fc.constantFrom(0, 0.5, 0.9, 0.99)
const anEps = fc.constantFrom(1e-8, 1)

describe('stableUpdates', () => {
  test('divides by the root mean square of the gradient over what is known of it, where that is more than 1', () => {
    fc.assert(
      fc.property(aBlockCourse(), aRate, anEps, (course, b2, eps) => {
        const oracle: BlockOracle = (steps, shapes) =>
          shapes.map((_, leaf) => {
            const histories = (steps[0]?.grads[leaf] ?? []).map((_x, i) =>
              steps.map((s) => s.grads[leaf]?.[i] as number)
            )
            return histories.map((h) => -2 * (h.at(-1) as number) * factor(histories, b2, eps))
          })
        expectBlockOracle(stableUpdates(scale(-2), { b2, eps }), course, oracle)
      })
    )
  })

  test('with the second moment of inner it is what it is with its own', () => {
    fc.assert(
      fc.property(aBlockCourse(), aRate, (course, b2) =>
        expectSameBlocks(
          stableUpdates(scaleByAdam({ b2 }), { b2, secondMoment: ({ nu }) => nu }),
          stableUpdates(scaleByAdam({ b2 }), { b2 }),
          course
        )
      )
    )
    const shared = stableUpdates(scaleByAdam(), { secondMoment: ({ nu }) => nu })
    const state = shared.init({ w: 1 })
    expect(shared.update({ w: 1 }, state, { w: 1 })[1].nu).toBe(null)
  })

  test('never lengthens, and Adam without momentum has a root mean square of 1 at most', () => {
    fc.assert(
      fc.property(aBlockCourse(), aRate, (course, b2) => {
        const plain = emittedBlocks(trace(0.9), course)
        emittedBlocks(stableUpdates(trace(0.9), { b2 }), course).forEach((blocks, t) => {
          blocks.flat().forEach((u, i) => {
            expect(Math.abs(u)).toBeLessThanOrEqual(Math.abs(plain[t]?.flat()[i] as number))
          })
        })
        const adam = stableUpdates(scaleByAdam({ b1: 0, b2, eps: 1e-100 }), { b2, secondMoment: ({ nu }) => nu })
        for (const block of emittedBlocks(adam, course).flat()) {
          expect(rmsOf(block)).toBeLessThanOrEqual(1 + 1e-12)
        }
      })
    )
  })

  test('does nothing at the first step, and while the gradient stays the same', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) => {
        const first = course.steps.slice(0, 1)
        const same = { ...course, steps: [...first, ...first, ...first] }
        expectSameBlocks(stableUpdates(identity()), identity(), same, 1e-12)
      })
    )
  })

  test('keeps a moment of its own in the dtype that was asked for', () => {
    const params = { w: new Float32Array([1, 2]) }
    const tx = stableUpdates(identity(), { b2: 0.5, nuDtype: 'float64' })
    const [, state] = tx.update(params, tx.init(params), params)
    expect(state.nu).toStrictEqual({ w: Float64Array.of(0.5, 2) })
  })

  wrapperLaws('stableUpdates', (inner) => stableUpdates(inner))

  const make = (options: object) => () => stableUpdates(identity(), options as StableUpdatesOptions)
  refuses([
    ['stableUpdates: b2 must be in [0, 1), got 1', make({ b2: 1 })],
    ['stableUpdates: eps must be a finite number > 0, got 0', make({ eps: 0 })],
    ['stableUpdates: secondMoment must be a function, got "nu"', make({ secondMoment: 'nu' })],
    ['stableUpdates: nuDtype must be one of "float32", "float64", "bfloat16", "float16", got 32', make({ nuDtype: 32 })]
  ])
})
