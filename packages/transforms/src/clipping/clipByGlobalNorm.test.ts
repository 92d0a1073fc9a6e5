import { chain, globalNorm, identity } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aCourse,
  aNumber,
  type Course,
  emitted,
  emittedFloat32,
  expectGolden,
  expectSame,
  near,
  refuses
} from '../internal/testing/courses.js'
import { clipByGlobalNorm } from './clipByGlobalNorm.js'

const aNorm = fc.double({ min: 1e-3, max: 1e3, noNaN: true })
const normOf = (row: readonly number[]): number => Math.sqrt(row.reduce((sum, x) => sum + x * x, 0))
// A row of numbers as one vector: every element meets the norm of all.
const once = (row: readonly number[]): Course => ({ params: row, gradients: [row] })

describe('clipByGlobalNorm', () => {
  test('is g · min(1, c / ‖g‖)', () => {
    fc.assert(
      fc.property(aCourse(aNumber), aNorm, ({ params: row }, bound) => {
        const factor = normOf(row) < bound ? 1 : bound / normOf(row)
        const [found = []] = emitted(clipByGlobalNorm(bound), once(row))
        return found.every((u, i) => near(u, (row[i] as number) * factor, bound))
      })
    )
  })

  test('changes nothing where the norm is smaller, or just the bound, bit for bit', () => {
    fc.assert(fc.property(aCourse(), (course) => expectSame(clipByGlobalNorm(1e4), identity(), course)))
    expect(emitted(clipByGlobalNorm(5), once([3, -4, -0]))).toStrictEqual([[3, -4, -0]])
    expect(emitted(clipByGlobalNorm(1), once([0, 0]))).toStrictEqual([[0, 0]])
  })

  test('leaves a norm of at most the bound', () => {
    fc.assert(
      fc.property(aCourse(aNumber), aNorm, ({ params: row }, bound) => {
        const [found = []] = emitted(clipByGlobalNorm(bound), once(row))
        return normOf(found) <= bound * (1 + 1e-14)
      })
    )
  })

  test('twice is the tighter clip, up to rounding, so it is idempotent', () => {
    fc.assert(
      fc.property(aCourse(), aNorm, aNorm, (course, a, b) =>
        expectSame(chain(clipByGlobalNorm(a), clipByGlobalNorm(b)), clipByGlobalNorm(Math.min(a, b)), course, 1e-14)
      )
    )
  })

  test('measures all leaves together', () => {
    const params = { layers: [new Float64Array([6]), null, { b: 0 }], w: new Float64Array([0]) }
    const grads = { layers: [new Float64Array([6]), null, { b: 8 }], w: new Float64Array([0]) }
    const [updates] = clipByGlobalNorm(5).update(grads, {}, params)
    expect(updates).toStrictEqual({ layers: [new Float64Array([3]), null, { b: 4 }], w: new Float64Array([0]) })
    expect(globalNorm(updates)).toBe(5)
  })

  test('leaves an empty tree alone', () => {
    expect(clipByGlobalNorm(1).update({ layers: [] }, {}, { layers: [] })[0]).toStrictEqual({ layers: [] })
    expect(emitted(clipByGlobalNorm(1), once([]))).toStrictEqual([[]])
  })

  test('does not overflow on float32 squares', () => {
    const [[u = 0] = []] = emittedFloat32(clipByGlobalNorm(1), once([1e30, 0]))
    // The factor 1e-30 and the product are rounded to float32.
    expect(near(u, 1, 1, 2e-7)).toBe(true)
  })

  test('makes everything NaN for one NaN; for one infinity finite elements 0 and infinite ones NaN; as Optax does', () => {
    expect(emitted(clipByGlobalNorm(1), once([Number.NaN, 2, 0]))).toStrictEqual([[Number.NaN, Number.NaN, Number.NaN]])
    expect(emitted(clipByGlobalNorm(1), once([Infinity, 2, 0]))).toStrictEqual([[Number.NaN, 0, 0]])
  })

  test('is what Optax gives', () => {
    expectGolden(clipByGlobalNorm(1), [
      [0.13736056394868904, -0.5494422557947561, 0.8241633836921343],
      [0.8241633836921343, 0.13736056394868904, -0.5494422557947561],
      [-0.35052374270219155, -0.9347299805391776, 0.0584206237836986],
      [0, 0.24253562503633297, 0.9701425001453319]
    ])
  })

  refuses([
    ['clipByGlobalNorm: maxNorm must be a finite number > 0, got 0', () => clipByGlobalNorm(0)],
    ['clipByGlobalNorm: maxNorm must be a finite number > 0, got -1', () => clipByGlobalNorm(-1)],
    ['clipByGlobalNorm: maxNorm must be a finite number > 0, got NaN', () => clipByGlobalNorm(Number.NaN)],
    // @ts-expect-error -- the bound is required
    ['clipByGlobalNorm: maxNorm must be a finite number > 0, got undefined', () => clipByGlobalNorm()]
  ])
})
