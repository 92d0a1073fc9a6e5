import { chain } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aBlockCourse,
  anElement,
  eachBlock,
  emittedBlocks,
  expectBlockOracle,
  expectSameBlocks,
  normOf
} from '../internal/testing/blocks.js'
import { refuses } from '../internal/testing/courses.js'
import { scale } from '../scaling/scale.js'
import { type OrthogradOptions, orthograd } from './orthograd.js'

const dotOf = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0)

const across = (g: readonly number[], p: readonly number[]) => {
  const squared = dotOf(p, p)
  const share = squared === 0 ? 0 : dotOf(p, g) / squared
  return g.map((x, i) => x - share * (p[i] as number))
}

describe('orthograd', () => {
  test('is the part of the gradient across the params, at the length of the gradient', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) =>
        expectBlockOracle(
          orthograd({ eps: 1e-2 }),
          course,
          eachBlock((g, p) => {
            if (g.length < 2) return g
            const rest = across(g, p)
            const [all, left] = [normOf(g), normOf(rest)]
            return left <= 1e-2 * all ? g.map(() => 0) : rest.map((x) => (x * all) / left)
          }),
          // What is left is rounded as the gradient is, and may be a hundredth of it.
          { sizes: eachBlock((g) => g.map(() => 100 * normOf(g))), in32: false }
        )
      )
    )
  })

  test('is orthogonal to the params and as long as the gradient, where anything moves', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) => {
        emittedBlocks(orthograd(), course).forEach((blocks, t) => {
          blocks.forEach((u, leaf) => {
            const g = course.steps[t]?.grads[leaf] ?? []
            const p = course.steps[t]?.params[leaf] ?? []
            if (u.length < 2 || normOf(u) === 0) return
            expect(Math.abs(normOf(u) - normOf(g))).toBeLessThanOrEqual(1e-12 * normOf(g))
            // A rounding of g, blown up by at most 1e6.
            expect(Math.abs(dotOf(u, p))).toBeLessThanOrEqual(1e-8 * normOf(g) * normOf(p))
          })
        })
      })
    )
  })

  test('moves nothing where the gradient is along the params', () => {
    fc.assert(
      fc.property(
        fc.array(anElement, { minLength: 2, maxLength: 9 }),
        fc.double({ min: -10, max: 10, noNaN: true }),
        (p, s) => {
          const params = Float32Array.from(p)
          const [u] = orthograd().update(
            params.map((x) => s * x),
            {},
            params
          )
          if (normOf(p) > 0) expect([...u].map(Math.abs)).toStrictEqual(p.map(() => 0))
        }
      )
    )
  })

  test('is odd, and scales with the gradient and not with the params', () => {
    fc.assert(
      fc.property(aBlockCourse(), (course) => {
        expectSameBlocks(chain(scale(-1), orthograd()), chain(orthograd(), scale(-1)), course)
        expectSameBlocks(chain(scale(0.5), orthograd()), chain(orthograd(), scale(0.5)), course)
        const doubled = {
          ...course,
          steps: course.steps.map((s) => ({ ...s, params: s.params.map((p) => p.map((x) => 2 * x)) }))
        }
        expect(emittedBlocks(orthograd(), doubled)).toStrictEqual(emittedBlocks(orthograd(), course))
      })
    )
  })

  test('lets numbers, single elements and gradients of params at 0 pass', () => {
    const params = { a: 2, b: new Float32Array([2]), c: new Float32Array(2), d: new Float32Array(0) }
    const grads = { a: 3, b: new Float32Array([3]), c: new Float32Array([3, -4]), d: new Float32Array(0) }
    expect(orthograd().update(grads, {}, params)[0]).toStrictEqual(grads)
  })

  refuses([
    ['orthograd: eps must be a finite number > 0, got 0', () => orthograd({ eps: 0 })],
    ['orthograd: there is no option mask; there are eps', () => orthograd({ mask: true } as OrthogradOptions)]
  ])
})
