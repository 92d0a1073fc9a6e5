import { chain, identity } from '@gradchain/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCourse, type Course, emitted, expectGolden, expectSame, near, refuses } from '../internal/testing/courses.js'
import { clipByBlockRms } from './clipByBlockRms.js'

const aBound = fc.double({ min: 1e-3, max: 1e3, noNaN: true })
const rmsOf = (row: readonly number[]): number => Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) / row.length)
const once = (row: readonly number[]): Course => ({ params: row, gradients: [row] })

describe('clipByBlockRms', () => {
  test('is g / max(1, rms(g) / d)', () => {
    fc.assert(
      fc.property(aCourse(), aBound, ({ params: row }, bound) => {
        const [found = []] = emitted(clipByBlockRms(bound), once(row))
        return found.every((u, i) => near(u, (row[i] as number) / Math.max(1, rmsOf(row) / bound), u))
      })
    )
  })

  test('changes nothing within its bound, bit for bit', () => {
    fc.assert(fc.property(aCourse(), (course) => expectSame(clipByBlockRms(1e4), identity(), course)))
    expect(emitted(clipByBlockRms(2), once([2, -2, 2]))).toStrictEqual([[2, -2, 2]])
  })

  test('leaves a root mean square of at most the bound', () => {
    fc.assert(
      fc.property(aCourse(), aBound, ({ params: row }, bound) => {
        const [found = []] = emitted(clipByBlockRms(bound), once(row))
        return row.length === 0 || rmsOf(found) <= bound * (1 + 1e-14)
      })
    )
  })

  test('twice is the tighter clip, up to rounding, so it is idempotent', () => {
    fc.assert(
      fc.property(aCourse(), aBound, aBound, (course, a, b) =>
        expectSame(chain(clipByBlockRms(a), clipByBlockRms(b)), clipByBlockRms(Math.min(a, b)), course, 1e-14)
      )
    )
  })

  test('treats each leaf as if it were alone; a number is a leaf of one element', () => {
    const params = { w: new Float64Array([8, 8]), b: -4, none: new Float64Array(0), nan: new Float64Array(2) }
    const grads = { ...params, nan: new Float64Array([Number.NaN, 1]) }
    expect(clipByBlockRms(2).update(grads, {}, params)[0]).toStrictEqual({
      w: new Float64Array([2, 2]),
      b: -2,
      none: new Float64Array(0),
      nan: new Float64Array([Number.NaN, Number.NaN])
    })
  })

  test('makes of a leaf with an infinity 0 where it is finite, and NaN where it is not, as Optax does', () => {
    expect(emitted(clipByBlockRms(1), once([Infinity, 2, 0]))).toStrictEqual([[Number.NaN, 0, 0]])
  })

  test('is what Optax gives', () => {
    expectGolden(clipByBlockRms(0.5), [
      [0.11895773785772164, -0.47583095143088655, 0.7137464271463299],
      [0.7137464271463299, 0.11895773785772164, -0.47583095143088655],
      [-0.3035624658096982, -0.8094999088258619, 0.05059374430161637],
      [0, 0.21004201260420147, 0.8401680504168059]
    ])
  })

  refuses([
    ['clipByBlockRms: threshold must be a finite number > 0, got 0', () => clipByBlockRms(0)],
    ['clipByBlockRms: threshold must be a finite number > 0, got -1', () => clipByBlockRms(-1)],
    // @ts-expect-error -- the bound is required
    ['clipByBlockRms: threshold must be a finite number > 0, got undefined', () => clipByBlockRms()]
  ])
})
